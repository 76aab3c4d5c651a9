#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <stdarg.h>
struct node { struct node *next; int v; char name[16]; void *data; };
static struct node *head;
static int gx, gy;
static int *pick(int c, ...) { va_list ap; va_start(ap, c); int *r = 0; while (c--) r = va_arg(ap, int*); va_end(ap); return r; }
static struct node *mk(int v, void *d) { struct node *n = malloc(sizeof *n); n->v = v; n->data = d; n->next = head; head = n; return n; }
static void name(struct node *n, const char *s) { char *p = n->name; while (p < n->name + 15 && (*p++ = *s++)); *p = 0; }
typedef int (*op)(int);
static int inc(int x) { gx++; return x + 1; }
static int dec(int x) { return x - 1; }
static op table[] = { inc, dec };
static int run(int i, int x) { return table[i](x); }
static int cmp(const void *a, const void *b) { return **(int *const*)a - **(int *const*)b; }
int main(int argc, char **argv) {
  int a = 1, b = 2;
  struct node *n = mk(1, &a);
  struct node *m = mk(2, &b);
  name(n, "hello"); name(m, argv[0]);
  struct node copy = *n;
  int *arr[4] = { &a, &b, &gx, &gy };
  qsort(arr, 4, sizeof *arr, cmp);
  int *q = pick(2, &gx, &gy);
  struct node **grow = malloc(8 * argc);
  for (int i = 0; i < argc; i++) grow[i] = mk(i, grow);
  grow = realloc(grow, 16 * argc);
  printf("%d %s %d\n", run(argc & 1, 3), copy.name, *(int*)copy.data + *q + **arr);
  return grow[0]->v;
}

/* Memory seen through types that it was not declared with. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

union shape {
  struct { char name[40]; int *p; } a;
  struct { int tag; char text[36]; int *q; } b;
  struct { int n; struct { short k; char s[6]; } row[5]; } c;
  long words[6];
};
struct link { struct link *next; };
struct item { int key; char buf[12]; struct link links[3]; int *value; };
#define item_of(l, i) ((struct item *)((char *)(l) - offsetof(struct item, links) - (i) * sizeof(struct link)))

static union shape u;
static struct item items[3];
static int one = 1, two = 2;
static const char blank[256] = { [9] = 1, [10] = 1, [32] = 1 };
static struct { int before[4]; int *mid; int after[4]; } mixed;

static int walk_bytes(const void *p, size_t n) {
  const unsigned char *c = p;
  int h = 0;
  while (n--) h = h * 31 + *c++;
  return h;
}

static void fill(char *s, int n) {
  int i;
  for (i = 0; i < n; i++) s[i] = (char)i;
}

static int sum(int *v, int n) {
  int t = 0;
  while (n-- > 0) t += v[n];
  return t;
}

static void *alloc(size_t n) {
  size_t *h = malloc(n + sizeof(size_t) * 2);
  h[0] = n;
  return h + 2;
}

static size_t size_of(void *p) { return ((size_t *)p)[-2]; }
static void release(void *p) { free((size_t *)p - 2); }

int main(void) {
  int i, total = 0;
  struct link *l;
  u.b.tag = 3;
  u.b.q = &one;
  fill(u.b.text, 36);
  fill(u.a.name, 40);
  u.c.row[4].s[5] = 'x';
  for (i = 0; i < 5; i++) u.c.row[i].k = i;
  total += walk_bytes(&u, sizeof u) & 1;
  u.a.p = &two;
  total += *u.b.q;
  for (i = 0; i < 3; i++) {
    items[i].key = i;
    items[i].value = i ? &two : &one;
    items[i].links[i].next = &items[(i + 1) % 3].links[(i + 1) % 3];
    fill(items[i].buf, 12);
  }
  l = &items[0].links[0];
  for (i = 0; i < 6; i++) {
    struct item *it = item_of(l, i % 3);
    total += *it->value + it->key;
    l = l->next;
  }
  for (i = 0; i < 40; i++) total += blank[i];
  mixed.mid = &one;
  total += sum(mixed.after, 4) + sum(mixed.before, 4) + *mixed.mid;
  {
    struct item *h = alloc(2 * sizeof *h);
    struct item copy;
    int **slots = alloc(4 * sizeof *slots);
    memcpy(h, items, 2 * sizeof *h);
    copy = h[1];
    for (i = 0; i < 4; i++) slots[i] = i & 1 ? copy.value : h[0].value;
    slots = memmove(slots + 1, slots, 3 * sizeof *slots);
    total += *slots[2] + (int)size_of(h);
    total += h->links[0].next == copy.links[1].next;
    release(h);
  }
  {
    long pair[2];
    int *back;
    pair[0] = (long)&one;
    pair[1] = pair[0] ^ 0x55;
    back = (int *)(pair[1] ^ 0x55);
    total += *back;
  }
  printf("%d\n", total);
  return 0;
}

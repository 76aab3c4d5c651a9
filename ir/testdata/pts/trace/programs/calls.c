/* Calls: through tables and casts, variadic, by value, back from the library. */
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct big { int *p; int v[10]; char *s; };
struct small { int *p; long n; };
struct ops { int (*get)(void *); void (*set)(void *, int); const char *name; };

static int g1 = 1, g2 = 2, g3 = 3;
static int get_big(void *x) { return ((struct big *)x)->v[3] + *((struct big *)x)->p; }
static void set_big(void *x, int v) { ((struct big *)x)->v[3] = v; }
static int get_small(void *x) { return *((struct small *)x)->p; }
static void set_small(void *x, int v) { *((struct small *)x)->p = v; }
static const struct ops table[] = { { get_big, set_big, "big" }, { get_small, set_small, "small" } };

static int by_value(struct big b, struct small s) { b.v[0] += *s.p; b.p = s.p; return b.v[0] + *b.p; }
static struct big make_big(int *p) { struct big b; memset(&b, 0, sizeof b); b.p = p; b.s = "s"; return b; }
static struct small make_small(int *p) { struct small s = { p, 7 }; return s; }

static int vsum(int n, va_list ap) {
  int t = 0;
  while (n-- > 0) {
    struct big b = va_arg(ap, struct big);
    int *p = va_arg(ap, int *);
    struct small s = va_arg(ap, struct small);
    t += *b.p + *p + *s.p;
  }
  return t;
}
static int sum(int n, ...) {
  va_list ap, aq;
  int t;
  va_start(ap, n);
  va_copy(aq, ap);
  t = vsum(n, ap) + vsum(n, aq);
  va_end(aq);
  va_end(ap);
  return t;
}
static void note(char *out, size_t n, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(out, n, fmt, ap);
  va_end(ap);
}

static int by_string(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
static int by_int(const void *a, const void *b) { return **(int *const *)a - **(int *const *)b; }
static void at_end(void) { g1++; }
typedef int *(*chooser)(int *, int *);
static int *first(int *a, int *b) { return a; }
static int *second(int *a, int *b) { return b; }
static chooser choose(int i) { return i ? first : second; }
static int apply(void *f, int *a, int *b) { return *((chooser)f)(a, b); }
static int deep(int n, int **pp) { int local = n; int *p = n & 1 ? &local : *pp; return n ? deep(n - 1, &p) + local : **pp; }
static int no_proto(); 
static int no_proto(int *p, char *s) { return *p + s[0]; }

int main(int argc, char **argv) {
  struct big b = make_big(&g1), *hb = malloc(sizeof *hb);
  struct small s = make_small(&g2);
  char *words[] = { "pear", "apple", "fig", "date" }, *key = "fig", buf[64], *save, *tok, text[] = "a,b;c", *end;
  int *ptrs[3] = { &g3, &g1, &g2 }, total = 0, i, n = 0;
  void *objs[2];
  char **found;
  atexit(at_end);
  *hb = b;
  objs[0] = hb;
  objs[1] = &s;
  for (i = 0; i < 2; i++) {
    table[i].set(objs[i], 5 + i);
    total += table[i].get(objs[i]) + (int)strlen(table[i].name);
  }
  total += by_value(b, s) + sum(2, b, &g1, s, *hb, &g3, make_small(&g1));
  qsort(words, 4, sizeof *words, by_string);
  qsort(ptrs, 3, sizeof *ptrs, by_int);
  found = bsearch(&key, words, 4, sizeof *words, by_string);
  total += found ? (int)(found - words) : 100;
  note(buf, sizeof buf, "%s %d%n %s", words[0], *ptrs[2], &n, key);
  total += n + (int)strtol(buf + strlen(words[0]), &end, 10) + *end;
  for (tok = strtok_r(text, ",;", &save); tok; tok = strtok_r(0, ",;", &save)) total += *tok;
  total += *choose(argc & 1)(&g1, &g2) + apply((void *)first, &g3, ptrs[0]) + deep(5, &ptrs[1]);
  total += no_proto(&g1, words[1]) + (getenv("HOME") ? 1 : 1) + *strchr(buf, 'p');
  hb = realloc(hb, 3 * sizeof *hb);
  hb[2] = hb[0];
  total += *hb[2].p;
  key = strdup(words[2]);
  total += key[1];
  free(key);
  printf("%d %s\n", total, buf);
  return 0;
}

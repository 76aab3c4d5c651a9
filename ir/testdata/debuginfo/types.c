/* types.ll is made by
 *   clang-14 -O1 -g -fdebug-compilation-dir=. -Xclang -disable-llvm-passes -S -emit-llvm types.c -o - | opt-14 -passes=sroa -S -o types.ll
 */
typedef _Bool bool;
typedef unsigned int uint32_t;
typedef unsigned long size_t;
typedef struct list list_t; /* a cycle through a typedef, declared first */
typedef struct { int x, y; } point_t;
struct fwd;
enum color { RED, GREEN = 5, BLUE = -1 };
struct inner { short s; unsigned char c[3]; };
struct cred { volatile int euid; const uint32_t uid; };
struct task {
  int pid; unsigned flags : 3; unsigned mode : 5; signed sg : 4; unsigned long wide : 40;
  struct task *next; const struct cred *cred;
  union { int a; struct { short lo, hi; }; };
  enum color col; struct inner in[2]; int (*fn)(int); bool ok; point_t pt; struct fwd *f;
  char name[]; };
struct list { list_t *next; volatile struct list *volatile back; const list_t *const *all; };
union bits { unsigned low : 5; long whole; };
struct gap { unsigned a : 3; unsigned : 4; unsigned b : 3; char after; unsigned c : 20, d : 20; };
enum { ANONYMOUS = 77 };
_Atomic int atomic;
struct bs { short a, b; };
struct big { long a,b,c; };
extern struct task *current;
static int counter; int table[4][3] = {{1}};
unsigned g_u;
int f(int pid, bool b, short s, unsigned char c, struct bs bs, struct big big, struct task *t, void *unused, enum color col) {
  static int calls; calls++; 
  int sum = pid + b + s + c + bs.a + big.b + t->mode + t->sg + t->wide + t->flags + col;
  if (current->cred->euid == t->cred->euid && t->ok) counter++;
  for (int i = 0; i < 3; i++) sum += table[i][1] + t->in[1].c[i] + t->hi;
  struct list l = {0}; union bits ub = {t->pid}; struct gap g = {1};
  sum += l.next != 0 && ub.low == ANONYMOUS && g.d;
  return sum + counter + g_u + atomic;
}
struct big h(int a, point_t p, long long q, __int128 z, double d, size_t n) { struct big b = {a, p.x, q+z+d+n}; return b; }

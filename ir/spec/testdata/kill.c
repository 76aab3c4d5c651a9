/* How kill.ll and kill_plain.ll are made:
 *   clang-14 -O1 -g -fdebug-compilation-dir=. -Xclang -disable-llvm-passes -S -emit-llvm kill.c -o - | opt-14 -passes=sroa -S -o kill.ll
 *   opt-14 -enable-new-pm=0 -strip-debug -S kill.ll -o kill_plain.ll
 */
typedef unsigned int uid_t;
typedef struct { int x, y; } point_t;
struct opaque;
enum state { RUNNING, SLEEPING = 4, STOPPED = -1 };
struct cred {
  uid_t uid, euid;
  _Bool root;
  volatile int usage;
};
struct task {
  int pid;
  struct cred *cred;
  struct task *last_sig_to;
  unsigned mode : 3, kind : 5;
  int prio : 4;
  enum state state;
  union {
    long whole;
    struct { int low, high; };
  };
  double load;
  __int128 wide;
  struct opaque *opaque;
  void *data;
  char name[16];
  int (*handler)(int);
};
struct pair { short a, b; };
struct triple { long a, b, c; };

extern struct task *current;
int limit;
static int counter;
const int table[4] = {1, 2, 3, 4};
int on_signal(int sig) { return sig; }
int declared(int);

int kill_proc(int pid, int sig, _Bool priv, unsigned char level, const char *why, struct task *from, int (*handler)(int),
              struct pair pair, struct triple triple, double weight, enum state state) {
  static int calls;
  calls++;
  counter += pair.a + triple.b + (int)weight + state + level + (why != 0) + (handler != 0);
  if (priv || current->cred->euid == from->cred->euid)
    return declared(pid + sig + counter + limit);
  return -1;
}

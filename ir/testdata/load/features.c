/* C features that make rare IR: asm goto, atomics, vectors, computed goto, odd floats. */
#include <stdarg.h>
#include <stdatomic.h>
#include <complex.h>
int g(int x) { asm goto("jmp %l1" : : "r"(x) : "memory" : lab); return 1; lab: return 2; }
int g2(int x) { int y; asm goto("mov %1,%0; jmp %l2" : "=r"(y) : "r"(x) : "memory" : lab); return y; lab: return 2; }
_Thread_local int tls; _Atomic long at; __int128 w; long double ld = 1.5L; _Complex double z;
typedef float v4 __attribute__((vector_size(16))); v4 vv;
int va(int n, ...) { va_list ap; va_start(ap, n); int s = 0; while (n--) s += va_arg(ap, int); va_end(ap); return s; }
long xchg(long v) { long e = 3; atomic_compare_exchange_strong(&at, &e, v); atomic_fetch_add(&at, 2); atomic_exchange(&at, v); __atomic_thread_fence(5); return at + atomic_fetch_max(&at,3); }
__int128 mul(__int128 a, __int128 b) { return a * b / 3; }
long double ldf(long double a) { return a * ld + __builtin_nanl("0x12"); }
_Complex double cm(_Complex double a) { return a * z; }
v4 vf(v4 a, int i) { a[i] = 3; return a + vv * __builtin_shufflevector(a, a, 3, 2, 1, 0); }
__attribute__((weak, alias("va"))) int va2(int, ...); __attribute__((section(".foo"), used)) static int sec = 3;
__attribute__((constructor)) static void ctor(void) { sec++; }
struct bf { unsigned a : 3, b : 13; signed c : 5; long d : 40; } b1; int bf(struct bf x) { return x.a + b1.c + x.d; }
int cg(int i) { static void *t[] = { &&a, &&b }; goto *t[i]; a: return 1; b: return 2; }
struct big { char c[100]; }; struct big ret(struct big x, double d) { x.c[3] = d; return x; }
int sj(void) { extern int setjmp(long *) __attribute__((returns_twice)); long b[20]; return setjmp(b); }
void vla(int n) { extern void u(int *); int a[n]; u(a); }
_Bool bo(float f, double d) { return f == d || __builtin_isnan(f) || f < 1e-40f || d > 1e308; }
asm(".globl foo");
int cold(int x) { switch (x) { case -1 ... 5: return 2; case 1000000: return 3; default: __builtin_unreachable(); } }
char *s8 = "\x01\xff\"\\"; float fl[] = { 0.1f, 33554432.f, __builtin_nanf("0x3"), -__builtin_inff() }; int *p = (int *)-1; unsigned long long off = (unsigned long)&((struct big *)0)->c[4];
__attribute__((assume_aligned(16))) void *aal(int); void *aligned(void) { return aal(2); } __attribute__((returns_nonnull, malloc)) void *my(unsigned long) __attribute__((alloc_size(1))); void *allocated(void){return my(3);}
int pre(void) __attribute__((no_sanitize("address"), noinline, cold)); int pre(void) { return __builtin_expect(tls, 3) + __builtin_popcountll(at) + __builtin_bswap32(tls) ; }
void mc(struct big *a, struct big *b) { *a = *b; __builtin_memset(a, 3, 20); __builtin_memmove(a, b, 9); __builtin_prefetch(a); __builtin_trap(); }

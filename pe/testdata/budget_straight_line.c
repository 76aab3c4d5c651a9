// Code without a dynamic branch can be too long as well: static recursion stops being unfolded at the limit on residual instructions.
// pe: @f n=16 Insts=2000
// run:
#include <stdio.h>
volatile int v;
static int fib(int n) { v += n; return n < 2 ? n : fib(n - 1) + fib(n - 2); }
__attribute__((noinline)) int f(int n, int x) { return fib(n) * x; }
int main(void) { printf("%d", f(16, 2)); printf(" %d\n", v); }
// CHECK-LABEL: define internal i32 @f.v1(
// CHECK: call i32 @fib(
// CHECK: reason: budget spent: residual size: the limit on residual instructions was reached (--budget insts=N)

// A naked function returns by its own assembly; it is called.
// pe: @f n=3
// run:
#include <stdio.h>
__attribute__((naked, noinline)) static long twice(long x) { __asm__("leaq (%rdi,%rdi), %rax\n\tretq"); }
__attribute__((noinline)) long f(long n, long x) { return twice(n) + x; }
int main(void) { printf("%ld %ld\n", f(3, 4), f(2, 4)); }
// CHECK-LABEL: define internal i64 @f.v1(
// CHECK: call i64 @twice(

// A function compiled for other target features is called, not unfolded: the caller may run where they are missing.
// pe: @f n=3
// run:
#include <stdio.h>
typedef float wide __attribute__((vector_size(32)));
__attribute__((target("avx2"))) static float sum(const float *p, int n)
{
    wide w = *(wide *)p * (float)n;
    return w[0] + w[7];
}
__attribute__((noinline)) float f(int n, float *p) { return n > 1 ? sum(p, n) : 0; }
int main(void)
{
    float a[8] __attribute__((aligned(32))) = { 1, 2, 3, 4, 5, 6, 7, 8 };
    if (__builtin_cpu_supports("avx2"))
        printf("%f\n", f(3, a));
}
// CHECK-LABEL: define internal float @f.v1(
// CHECK: call {{.*}}float @sum(
// CHECK: reason: call left generic: @sum

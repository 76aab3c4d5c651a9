// A loop under dynamic control that only counts (the room left) is a loop, not a copy of its body for every number.
// pe: @f LoopInsts=200
// run:
#include <stdio.h>
struct stream { unsigned room; char *next; };
static int put(struct stream *s, int x) {
    if (s->room < 4) return 0;
    s->room -= 4;
    *(int *)(void *)s->next = x * 3;
    s->next += 4;
    return 1;
}
__attribute__((noinline)) int f(int *to, const int *from, unsigned n) {
    struct stream s = { 2000, (char *)to };
    if (n > 500) return 0;
    for (unsigned i = 0; i < n; i++)
        if (!put(&s, from[i])) return 0;
    return 1;
}
int main(void) {
    static int v[500], w[500];
    for (int i = 0; i < 500; i++) v[i] = i * i;
    for (unsigned n = 0; n < 502; n += 77) { printf("%d ", f(w, v, n)); for (int i = 0; i < 500; i += 17) printf("%d ", w[i]); }
    return f(w, v, 500) + 2 * w[499] + f(w, v, 501);
}
// CHECK-LABEL: define internal i32 @f.v1(
// CHECK: mul
// CHECK: mul
// CHECK-NOT: mul
// CHECK: reason: budget spent: residual instructions of one loop: the loop stays a loop: {{[0-9]+}} values of what it counts are too much

// A loop that only counts and goes on early: all its rounds come before what they do.
// pe: @f LoopInsts=4000
// run:
#include <stdio.h>
volatile unsigned input[8] = { 5, 0, 77777777, 3, 1, 9, 4000000000, 12 };
__attribute__((noinline)) int f(void) {
    unsigned sum = 0;
    for (int i = 0; i < 300; i++) {
        unsigned x = input[i & 7], y = input[i >> 2 & 7];
        if (y == 0)
            continue;
        if (x / y * y + x % y != x)
            return i;
        if ((int)y > 4 && (x / 7) * 7 + x % 7 != x)
            return -i;
        sum = sum * 3 + (x ^ y);
    }
    return sum;
}
int main(void) {
    printf("%d\n", f());
    return 0;
}
// CHECK: reason: budget spent: residual instructions of one loop: the loop stays a loop: {{[0-9]+}} values of what it counts are too much
// CHECK: Insts:1{{[0-9][0-9]}}}

// The dispatcher evaluates every kind of predicate as C does and tries the variants in order.
// pe: @f n=1 "when p != 0" "when p->flag == 2 && (p->mask & 4) == 4" "when p->n == 1 || p->next == 0"
// pe: @f "when (n > 5 ? n : -n) == 7" "when !(limit < 3)" "always n != 100"
// pe: @f p=null "when table[n & 3] == 'c'"
// pe: @f p=&fixed "when handler == &twice" "when (short)n * 2U <= 40"
// run:
#include <stdio.h>
struct s { unsigned flag : 3, mask : 5; long n; struct s *next; } fixed;
int limit = 3;
const char table[] = "abcd";
static int twice(int x) { return 2 * x; }
static int thrice(int x) { return 3 * x; }
int (*handler)(int) = twice;
__attribute__((noinline)) int f(struct s *p, int n)
{
    int r = table[n & 3] == 'c' ? 1000 : 0;
    if (p && p->flag == 2)
        r += p->n == 1 ? 1 : p->next ? 2 : 4;
    if (p && (p->mask & 4))
        r += 8;
    if (limit < 3)
        r += 16;
    if (n == 7 || n == -7)
        r += 32;
    return r + handler(n);
}
int main(void)
{
    struct s a = { 2, 4, 1, &a }, b = { 2, 6, 3, 0 }, c = { 2, 4, 3, &a }, d = { 3, 7, 1, 0 };
    struct s *all[] = { &a, &b, &c, &d, 0, &fixed };
    for (int k = 0; k < 2; k++, limit--, handler = thrice)
        for (int i = 0; i < 6; i++)
            for (int n = -8; n < 9; n += n == 2 ? 4 : 1)
                printf("%d ", f(all[i], n));
}
// CHECK-LABEL: define {{.*}}i32 @f(
// CHECK: @f.v1(
// CHECK: @f.v2(
// CHECK: @f.v3(
// CHECK: @f.v4(
// CHECK: @f.generic(

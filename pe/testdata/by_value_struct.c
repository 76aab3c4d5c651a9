// A struct passed by value is a copy: what is known of it is known of the copy, and writing one leaves the other.
// pe: @f n=3
// run:
#include <stdio.h>
struct big { int v[6]; char *s; };
static int change(struct big b, int i)
{
    b.v[1] += 5;
    b.v[i & 3]++;
    return b.v[0] * 100 + b.v[1] * 10 + b.v[2];
}
__attribute__((noinline)) int f(int n, int i, struct big given)
{
    struct big b = { { n, 1, 2, i } };
    int r = change(b, i);
    given.v[2] = n;
    return r * 1000 + b.v[0] + b.v[1] * 7 + change(given, i) + given.v[1];
}
int main(void)
{
    struct big g = { { 7, 8, 9 } };
    for (int i = 0; i < 5; i++)
        printf("%d %d\n", f(3, i, g), f(4, i, g));
    printf("%d\n", g.v[2]);
}

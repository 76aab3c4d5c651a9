// Three functions with five quasi-invariants that overlap, which are broken and
// mended in all orders, with calls in between.
//
// quasi: --spec guards_overlap.yaml
// quasi: --spec guards_overlap.yaml --guards=table --check-guards
// run: 1
// run: 3
#include <stdio.h>
#include <stdlib.h>

struct {
    int a, b, c, d;
    unsigned flags;
} s;

struct other {
    int e;
} one, two, *p;

int f(int x)
{
    if (s.a == 1 && s.b == 2)
        return x + 1;
    return x * 2 + s.a + s.b;
}

int g(int x)
{
    int r = s.b == 2 ? x : -x;
    if (s.c < s.d)
        r += 100;
    if (s.flags & 4)
        r ^= 5;
    return r;
}

int h(int x)
{
    if (p && p->e == s.a)
        x += s.a * 3;
    return s.c < s.d ? x : x - s.c;
}

static unsigned sum;

static void call(int x) { sum = sum * 31 + f(x) + g(x) * 7 + h(x) * 13; }

/* change breaks the quasi-invariant i, or mends it. */
static void change(int i, int broken)
{
    switch (i) {
    case 0: s.a = broken ? 5 : 1; break;
    case 1: s.b = broken ? 0 : 2; break;
    case 2: s.c = broken ? s.d : s.d - 1; break;
    case 3: p = broken ? &two : &one; break;
    case 4:
        if (broken)
            s.flags &= ~4u;
        else
            s.flags |= 4;
        break;
    }
}

static void orders(int *order, int from, int step)
{
    if (from == 5) {
        for (int broken = 1; broken >= 0; broken--) {
            for (int i = 0; i < 5; i++) {
                change(order[i], broken);
                call(i * step);
                s.flags += 8; /* concerns only what it shares a word with */
                call(i + step);
            }
        }
        return;
    }
    for (int i = from; i < 5; i++) {
        int t = order[from];
        order[from] = order[i], order[i] = t;
        orders(order, from + 1, step);
        t = order[from];
        order[from] = order[i], order[i] = t;
    }
}

int main(int argc, char **argv)
{
    int order[5] = { 0, 1, 2, 3, 4 };
    if (argc < 2)
        return 2;
    s.d = 9;
    s.flags = 1;
    one.e = 1;
    two.e = 7;
    for (int i = 0; i < 5; i++)
        change(i, 0);
    orders(order, 0, atoi(argv[1]));
    printf("%u %d %d %d %d %u\n", sum, s.a, s.b, s.c, s.d, s.flags);
    return 0;
}

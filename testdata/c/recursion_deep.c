// Static recursion a hundred thousand calls deep: it is followed to its end, since
// nothing dynamic decides in it. Where something does, the depth is bounded.
//
// quasi: -e count --static n=100000
// quasi: -e walk --static n=100000
// run: 3
// run: 70000
#include <stdio.h>
#include <stdlib.h>

static int depth(int n) { return n ? depth(n - 1) + 1 : 0; }

static int ackermann(int m, int n)
{
    return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

static int even(unsigned n);
static int odd(unsigned n) { return n ? even(n - 1) : 0; }
static int even(unsigned n) { return n ? odd(n - 1) : 1; }

int count(int n, int x)
{
    return depth(n) + ackermann(2, 30) * x + even(n);
}

static int below(int n, int x)
{
    if (!n)
        return 0;
    int r = below(n - 1, x);
    return x > n ? r + 1 : r;
}

int walk(int n, int x)
{
    return below(n, x);
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d %d\n", count(100000, x), walk(100000, x));
    return 0;
}

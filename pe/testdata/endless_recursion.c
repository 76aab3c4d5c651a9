// A recursion under dynamic control whose static counter has no end, and two functions
// that call each other with static arguments that grow: past the limit what counts is
// dynamic, and the report says so.
// pe: @deeper n=1
// pe: @ping n=1 m=2
// run:
#include <stdio.h>

static const int weights[] = { 3, 1, 4, 1, 5, 9, 2, 6 };

int deeper(unsigned n, unsigned x)
{
    if (x == 0 || n > 4000)
        return n;
    int r = deeper(n + 1, x - 1 - (x & n & 1 && x > 1));
    return n % 5 == 2 ? r ^ weights[n % 8] : r;
}

static int pong(unsigned n, unsigned m, unsigned x);

int ping(unsigned n, unsigned m, unsigned x)
{
    if (x <= m % 2)
        return n + m;
    return pong(n + 2, m * 3, x / 2) + (n % 4 ? 1 : weights[m % 8]);
}

static int pong(unsigned n, unsigned m, unsigned x)
{
    if (x & 8)
        return ping(n * 2, m + 1, x - 3);
    return x ? ping(n + m, m ^ n, x - 1) : weights[n % 8];
}

int main(void)
{
    for (unsigned x = 0; x < 600; x += 37)
        printf("%d %d\n", deeper(1, x % 500), ping(1, 2, x));
    return 0;
}

// CHECK: reason: generalized: @deeper: %0: it has {{[0-9]+}} residual functions; this keeps changing between their calls (--budget copies=N)
// CHECK: reason: generalized: @ping: %1: it has {{[0-9]+}} residual functions; this keeps changing between their calls (--budget copies=N)

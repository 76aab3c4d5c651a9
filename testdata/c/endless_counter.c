// A static counter under dynamic control has no end: in a loop, in a recursion, and
// in two functions that call each other. Each ends in a loop or a recursion that counts,
// and what makes a recursion do so is reported.
//
// quasi: -e loop --static start=1
// quasi: -e deeper --static n=1
// quasi: -e ping --static n=1 --static m=2
// reports: generalized: @deeper: %n: it has \d+ residual functions; this keeps changing between their calls \(--budget copies=N\)
// reports: generalized: @ping: %m: it has \d+ residual functions; this keeps changing between their calls \(--budget copies=N\)
// run: 7
// run: 40
// run: 123456
#include <stdio.h>
#include <stdlib.h>

static const int weights[] = { 3, 1, 4, 1, 5, 9, 2, 6 };

/* The counter decides and reads static data, so it is worth keeping static. */
int loop(unsigned start, unsigned x)
{
    unsigned n = start, sum = 0;
    while (x) {
        sum += n % 3 ? weights[n % 8] : n;
        n += 1 + (x & 1);
        x >>= (sum & 1) + (x > 1000);
        if (sum > 2000)
            break;
    }
    return sum;
}

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

int main(int argc, char **argv)
{
    unsigned x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d %d %d\n", loop(1, x), deeper(1, x % 500), ping(1, 2, x));
    return 0;
}

// Recursion under dynamic control becomes a residual function that calls
// itself, with the static base folded in.
//
// quasi: -e digits --static base=7
// run: 0 7
// run: 48 7
// run: 123456789 7
// run: 255 16
#include <stdio.h>
#include <stdlib.h>

static void digits(unsigned n, unsigned base)
{
    if (n >= base)
        digits(n / base, base);
    putchar("0123456789abcdef"[n % base]);
}

static int ackermann(int m, int n)
{
    if (m == 0)
        return n + 1;
    if (n == 0)
        return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    unsigned n = strtoul(argv[1], 0, 10);
    digits(n, atoi(argv[2]));
    putchar('\n');
    printf("%d\n", ackermann(2, n % 5));
    return 0;
}

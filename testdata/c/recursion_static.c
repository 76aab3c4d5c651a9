// Recursion on a static argument unfolds to straight code.
//
// quasi: -e power --static n=13
// run: 2 13
// run: 3 13
// run: 3 4
// lacks: call .*@power
#include <stdio.h>
#include <stdlib.h>

unsigned power(unsigned x, unsigned n)
{
    if (n == 0)
        return 1;
    if (n % 2 == 0) {
        unsigned h = power(x, n / 2);
        return h * h;
    }
    return x * power(x, n - 1);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%u\n", power(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

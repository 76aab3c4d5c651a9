// Division that would trap is not evaluated: the divisor is static zero on a
// path that dynamic data never takes.
//
// quasi: -e ratio --static d=0
// quasi: -e ratio --static d=-1
// run: 10 0
// run: 10 -1
// run: -2147483648 3
// run: 7 2
#include <stdio.h>
#include <stdlib.h>

int ratio(int n, int d)
{
    if (d == 0 && n < 100)
        return -1;
    if (d == -1 && n == -2147483647 - 1)
        return n;
    return n / d + n % d;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d\n", ratio(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

// Ackermann with a static first argument: the memo ties the recursion into a
// few residual functions.
//
// quasi: -e ackermann --static m=2
// run: 2 0
// run: 2 9
// run: 1 4
// run: 3 3
#include <stdio.h>
#include <stdlib.h>

int ackermann(int m, int n)
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
    printf("%d\n", ackermann(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

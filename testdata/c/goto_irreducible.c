// goto into the middle of a loop: an irreducible region.
//
// quasi: -e odd --static start=1
// quasi: -e odd --static start=0 --static n=4
// run: 5 0
// run: 5 1
// run: 4 0
// run: 0 1
#include <stdio.h>
#include <stdlib.h>

int odd(int n, int start)
{
    int r = 0;
    if (start)
        goto middle;
top:
    r = r * 2 + 1;
    if (r > 1000)
        goto out;
middle:
    r += n;
    if (n-- > 0)
        goto top;
out:
    return r;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d\n", odd(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

// A static loop count unfolds; the product stays dynamic.
//
// quasi: -e power --static n=5
// run: 3 5
// run: -2 5
// run: 3 0
// run: 3 7
// lacks: br i1
#include <stdio.h>
#include <stdlib.h>

int power(int x, int n)
{
    int r = 1;
    while (n-- > 0)
        r *= x;
    return r;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d\n", power(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

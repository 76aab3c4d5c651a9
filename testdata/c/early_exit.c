// exit and abort-like paths in callees, and returns from many places.
//
// quasi: -e check --static strict=1
// quasi: -e check --static strict=0 --static depth=2
// run: 1 5
// run: 1 -5
// run: 0 -5
// run: 0 1000
#include <stdio.h>
#include <stdlib.h>

static void fail(int code, int x)
{
    printf("fail %d\n", x);
    exit(code);
}

int check(int strict, int x, int depth)
{
    if (depth == 0)
        return x;
    if (x < 0) {
        if (strict)
            fail(3, x);
        return -1;
    }
    if (x > 500 && !strict)
        fail(4, x / 2);
    for (int i = 0;; i++) {
        if (i * i > x)
            return check(strict, i, depth - 1);
        if (i > 40)
            break;
    }
    return 41;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d\n", check(atoi(argv[1]), atoi(argv[2]), 2));
    return 0;
}

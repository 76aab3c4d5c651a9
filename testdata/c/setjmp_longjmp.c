// setjmp in the specialized function and longjmp out of a callee.
//
// quasi: -e guarded --static depth=2
// quasi: -e descend --static depth=3
// run: 2 5
// run: 2 0
// run: 3 0
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

static jmp_buf out;

int descend(int depth, int x)
{
    if (x == 0)
        longjmp(out, depth + 1);
    if (depth == 0)
        return x;
    return descend(depth - 1, x - 1) + depth;
}

int guarded(int depth, int x)
{
    volatile int tries = 0;
    int code = setjmp(out);
    if (code != 0) {
        tries = tries + code;
        if (tries > 5)
            return -tries;
        x = 1 + tries;
    }
    return descend(depth, x) * 10 + tries;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d\n", guarded(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

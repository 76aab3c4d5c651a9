// A condition that is computed again where a branch on it has decided it: what
// it is there says nothing of what it is elsewhere.
//
// quasi: -e pick --when mode==1
// quasi: -e merged --when mode==1
// run: 1
#include <stdio.h>

static int mode = 1;

__attribute__((noinline)) static int pick(unsigned char c, int x)
{
    if (c != 0)
        return x;
    int again = c != 0;
    return mode + again;
}

__attribute__((noinline)) static int merged(unsigned char c, unsigned char d, int x)
{
    unsigned r;
    if (d > 3)
        r = c != 0;
    else if (c != 0)
        r = x;
    else
        r = c != 0;
    return r == 0 ? mode : 5 + (c != 0);
}

int main(void)
{
    for (int c = 0; c < 3; c++)
        for (int d = 2; d < 6; d++)
            printf("%d %d\n", pick(c, d), merged(c, d, c));
    return 0;
}

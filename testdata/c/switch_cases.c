// switch with ranges, fall-through, a default in the middle, on a narrow type.
//
// quasi: -e classify --static c=55
// quasi: -e classify --static mode=1
// quasi: -e classify --static mode=0 --static c=32
// run: 55 1
// run: 32 0
// run: 97 1
// run: 200 2
// run: -1 1
#include <stdio.h>
#include <stdlib.h>

int classify(signed char c, int mode)
{
    int r = 0;
    switch (c) {
    case '0' ... '9':
        r += 1;
        /* fall through */
    case 'a':
    case 'b':
        r += 10;
        break;
    default:
        r = -1;
        if (mode == 2)
            return r;
        break;
    case ' ':
        r = 100;
    }
    switch (mode) {
    case 0:
        return r;
    case 1:
        return r * 2;
    }
    return r * 3;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d\n", classify(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

// A union read through another member than it was written by, tagged by a
// static kind.
//
// quasi: -e show --static kind=1
// quasi: -e show --static kind=2
// run: 0 65
// run: 1 1078530011
// run: 2 -2
// run: 3 258
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

union word {
    unsigned u;
    int i;
    float f;
    unsigned char byte[4];
    struct {
        unsigned short lo, hi;
    } half;
};

static unsigned show(int kind, union word w)
{
    union word v = w;
    switch (kind) {
    case 0:
        v.byte[1] = v.byte[0];
        break;
    case 1:
        v.f = v.f + 1.0f;
        break;
    case 2:
        v.i = -v.i;
        v.half.hi = v.half.lo;
        break;
    default:
        v.half.lo ^= v.half.hi;
        memset(&v.byte[2], 7, 2);
    }
    return v.u;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    union word w;
    w.u = (unsigned)strtol(argv[2], 0, 10);
    printf("%08x\n", show(atoi(argv[1]), w));
    return 0;
}

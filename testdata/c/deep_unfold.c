// A static computation that grows: counting in a nested loop past what is
// worth unfolding must end with a loop in the residual program.
//
// quasi: -e churn --static rounds=100000
// run: 1 100000
// run: 2 10
// run: 0 0
#include <stdio.h>
#include <stdlib.h>

unsigned churn(unsigned x, unsigned rounds)
{
    for (unsigned i = 0; i < rounds; i++) {
        x = x * 1664525u + 1013904223u;
        if (x & 0x80000000u)
            x ^= i;
    }
    return x;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%u\n", churn(strtoul(argv[1], 0, 10), strtoul(argv[2], 0, 10)));
    return 0;
}

// A loop with a dynamic bound stays a loop; the static factor folds.
//
// quasi: -e scaled_sum --static factor=3
// run: 0
// run: 1
// run: 100
// run: 7 4
#include <stdio.h>
#include <stdlib.h>

unsigned scaled_sum(unsigned n, unsigned factor)
{
    unsigned s = 0;
    for (unsigned i = 0; i < n; i++)
        s += i * factor * factor + 1;
    return s;
}

int main(int argc, char **argv)
{
    unsigned n = argc > 1 ? atoi(argv[1]) : 0;
    unsigned factor = argc > 2 ? atoi(argv[2]) : 3;
    printf("%u\n", scaled_sum(n, factor));
    return 0;
}

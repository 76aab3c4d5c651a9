// Two variants of one function, chosen at entry; a third value runs the
// generic code. Written as a specification.
//
// quasi: --spec two_variants.yaml
// run: 1 10
// run: 2 10
// run: 3 10
#include <stdio.h>
#include <stdlib.h>

int limit = 50;

int clamp(int mode, int x)
{
    int top = mode == 1 ? limit : mode == 2 ? limit * 2 : x + 1;
    for (int i = 0; i < mode; i++)
        x = x * 3 % 101;
    return x > top ? top : x;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    for (int i = 0; i < 4; i++) {
        printf("%d ", clamp(atoi(argv[1]), atoi(argv[2]) + i));
        limit += 25 * (i % 2);
    }
    printf("%d\n", limit);
    return 0;
}

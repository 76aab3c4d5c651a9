// Nested loops: the outer bound is static, the inner one dynamic, and a third
// depends on the outer counter.
//
// quasi: -e weave --static rows=4
// run: 4 3
// run: 4 0
// run: 2 5
#include <stdio.h>
#include <stdlib.h>

static long weave(int rows, int cols)
{
    long sum = 0;
    for (int r = 0; r < rows; r++) {
        for (int c = 0; c < cols; c++) {
            sum = sum * 3 + r * c;
            for (int k = 0; k < r; k++)
                sum ^= k + c;
        }
        sum += r;
    }
    return sum;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%ld\n", weave(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

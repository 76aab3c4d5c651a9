// A static local variable outlives the call and must not be evaluated away.
//
// quasi: -e next --static step=3
// quasi: -e main
// run: 3
// run: 2
#include <stdio.h>
#include <stdlib.h>

int next(int step)
{
    static int value = 10;
    static const int limit = 25;
    static int wraps[4];
    value += step;
    if (value > limit) {
        value -= limit;
        wraps[step & 3]++;
    }
    return value * 10 + wraps[step & 3];
}

int main(int argc, char **argv)
{
    int step = argc > 1 ? atoi(argv[1]) : 3;
    for (int i = 0; i < 12; i++)
        printf("%d ", next(i == 5 ? 1 : step));
    puts("");
    return 0;
}

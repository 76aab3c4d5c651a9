// Volatile accesses stay, each once and in order, whatever is static around.
//
// quasi: -e poll --static tries=4
// quasi: -e main
// run: 2
// run: 9
// has: load volatile
#include <stdio.h>
#include <stdlib.h>

volatile int port = 3;
volatile unsigned char status[2] = { 1, 2 };

int poll(int tries, int want)
{
    int seen = 0;
    for (int i = 0; i < tries; i++) {
        port = port + 1;
        seen = seen * 10 + port % 10;
        if (port == want)
            break;
        status[i & 1] = (unsigned char)seen;
    }
    return seen + status[0] + status[1];
}

int main(int argc, char **argv)
{
    int want = argc > 1 ? atoi(argv[1]) : 0;
    printf("%d ", poll(4, want));
    printf("%d %d\n", poll(2, want), port);
    return 0;
}

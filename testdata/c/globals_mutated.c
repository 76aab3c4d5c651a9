// Globals that callees change: what the quasi-invariant says holds at entry
// and only up to the change.
//
// quasi: -e work --when 'mode == 2' --when 'config.step == 5'
// quasi: -e work --static n=3
// run: 2 5 3
// run: 2 4 3
// run: 1 5 4
#include <stdio.h>
#include <stdlib.h>

int mode;
struct {
    int step, total;
    int history[4];
} config;

static void advance(int i)
{
    config.total += config.step;
    config.history[i & 3] = config.total;
    if (config.total > 12)
        mode = 3;
}

static int rate(void)
{
    switch (mode) {
    case 2:
        return 10;
    case 3:
        return 100;
    }
    return 1;
}

int work(int n)
{
    int r = rate();
    for (int i = 0; i < n; i++) {
        advance(i);
        r += rate();
        if (mode == 3)
            config.step++;
    }
    return r;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    mode = atoi(argv[1]);
    config.step = atoi(argv[2]);
    for (int i = 0; i < 3; i++)
        printf("%d %d %d\n", work(atoi(argv[3])), mode, config.step);
    for (int i = 0; i < 4; i++)
        printf("%d ", config.history[i]);
    printf("%d\n", config.total);
    return mode;
}

// Writes inside the variant's own extent: its own, those of what it calls, of
// deeper activations, of callbacks, and of a signal handler.
//
// quasi: -e direct --when 'mode == 1' --guards=table --check-guards
// quasi: -e nested --when 'mode == 1' --guards=table --check-guards
// quasi: -e recursive --when 'mode == 1' --when 'depth < 3' --guards=table --check-guards
// quasi: -e callback --when 'mode == 1' --guards=table --check-guards
// quasi: -e sorted --when 'mode == 1' --guards=table --check-guards
// quasi: -e signalled --when 'mode == 1' --guards=table --check-guards
// run: 1
// run: 2
// run: 12
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

int mode, depth, seen;

int direct(int x)
{
    int r = mode == 1 ? x : x + mode;
    mode = x & 3;
    r = r * 10 + mode;
    if (x > 5)
        mode = 1;
    return r * 10 + mode;
}

static void helper(int x)
{
    seen += mode;
    mode += x % 3;
}

int nested(int x)
{
    int r = mode;
    helper(x);
    r = r * 10 + mode;
    helper(1);
    return r * 10 + (mode == 1 ? 5 : 6);
}

int recursive(int x)
{
    int r = mode == 1 ? 1 : 2;
    depth++;
    if (x > 0) {
        mode = x % 4;
        r += 3 * recursive(x - 1);
        mode = 1;
    }
    r += mode + depth;
    depth--;
    return r;
}

static int toggle(int x)
{
    mode = 3 - mode;
    return mode + x;
}

static int (*hook)(int) = toggle;

int callback(int x)
{
    int r = mode;
    r = r * 10 + hook(x);
    r = r * 10 + mode;
    if (x > 0)
        r += callback(x - 1);
    return r;
}

int sorted(int x);

static int compare(const void *a, const void *b)
{
    int d = *(const int *)a - *(const int *)b;
    mode = d < 0 ? 1 : 2;
    if (seen++ % 5 == 0)
        seen += sorted(0);
    return d;
}

int sorted(int x)
{
    int keys[6] = { 5, x, 3, 2 * x, 1, 4 };
    int r = mode == 1 ? 7 : 8;
    if (x)
        qsort(keys, 6, sizeof keys[0], compare);
    return r * 100 + keys[2] * 10 + mode;
}

static void handler(int sig)
{
    mode = mode == 1 ? sig : 1;
    seen++;
}

int signalled(int x)
{
    int r = mode;
    for (int i = 0; i < x % 4; i++) {
        raise(SIGUSR1);
        r = r * 3 + (mode == 1 ? 1 : mode);
    }
    return r;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    signal(SIGUSR1, handler);
    for (int i = 0; i < 20; i++) {
        int x = (i * n) % 8;
        mode = i % 3 ? 1 : n;
        printf("%d ", direct(x));
        printf("%d ", nested(x));
        mode = 1;
        printf("%d ", recursive(x));
        printf("%d ", callback(x % 4));
        printf("%d ", sorted(x));
        printf("%d ", signalled(x));
        printf("%d %d %d\n", mode, depth, seen);
    }
    return 0;
}

// Labels that are not known when specializing: taken from memory that anybody may
// write, chosen by data, made of differences. The function stays generic, and its
// labels keep meaning its own blocks.
//
// quasi: -e step --static op=1
// quasi: -e offsets --static n=3
// quasi: -e chosen --static a=2
// quasi: -e twice
// run: 0 7
// run: 1 8
// run: 2 9
#include <stdio.h>
#include <stdlib.h>

void *handlers[3];

int step(int op, int x)
{
    if (op < 0) {
        handlers[0] = &&inc;
        handlers[1] = &&dec;
        handlers[2] = &&neg;
        return 0;
    }
    goto *handlers[op];
inc:
    return x + 1;
dec:
    return x - 1;
neg:
    return -x;
}

int twice(int op, int x)
{
    return step(op, step(op, x)) + step(2, 1);
}

int offsets(int op, int x, int n)
{
    static const int table[] = { &&a - &&a, &&b - &&a, &&c - &&a };
again:
    goto *(&&a + table[op]);
a:
    x++;
    goto more;
b:
    x *= 3;
    goto more;
c:
    x = -x;
more:
    if (--n > 0) {
        op = (op + 1) % 3;
        goto again;
    }
    return x;
}

/* Two static labels under a dynamic condition are told apart. */
int chosen(int x, int a)
{
    void *p = x & 1 ? &&odd : &&even;
    int r = 0;
    for (int i = 0; i < 3; i++) {
        r = r * 10 + a;
        goto *p;
    odd:
        r += x;
        p = &&even;
        continue;
    even:
        r -= x;
        p = &&odd;
    }
    return r;
}

int main(int argc, char **argv)
{
    int op = atoi(argv[1]), x = atoi(argv[2]);
    (void)argc;
    step(-1, 0);
    printf("%d %d %d %d\n", step(op, x), offsets(op, x, 3), chosen(x, 2), twice(op, x));
    return 0;
}

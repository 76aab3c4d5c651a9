// Vector extensions: static vectors are computed lane by lane, a vector of which
// only some lanes are static keeps those known.
//
// quasi: -e weigh --static k=3
// quasi: -e lookup --static k=2
// run: 1 2 3 4
// run: -7 100000 -3 0
// lacks: shufflevector|icmp|fmul <4
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int v4 __attribute__((vector_size(16)));
typedef float f4 __attribute__((vector_size(16)));
typedef unsigned char b16 __attribute__((vector_size(16)));

int weigh(int x, int k)
{
    v4 a = { k, k + 1, k + 2, k + 3 }, b = a * a - 3;
    f4 f = __builtin_convertvector(b, f4) * 0.5f;
    v4 less = a < (v4){ 5, 5, 5, 5 };
    b = (less & b) | (~less & -a);
    b = __builtin_shufflevector(b, a, 3, 5, 0, 6);
    b16 bytes = (b16)b ^ 0x55;
    unsigned sum = 0;
    for (int i = 0; i < 16; i++)
        sum = sum * 3 + bytes[i];
    if ((int)f[2] == 11 && b[1] == 4)
        sum += 1000000;
    return x + (int)(sum & 0xffffff);
}

int lookup(int x, int y, int k)
{
    v4 v = { x, k * 7, y, k - 9 };
    v4 w = v;
    w[0] = 5;
    int known = v[1] + w[3] + w[0];
    switch (known) {
    case 12: return v[0];
    case 10: return v[2] - v[1];
    }
    return w[2];
}

int main(int argc, char **argv)
{
    int x[4] = { 0 };
    for (int i = 1; i < argc && i < 5; i++)
        x[i - 1] = atoi(argv[i]);
    printf("%d %d\n", weigh(x[0], 3), weigh(x[1], x[2]));
    printf("%d %d\n", lookup(x[0], x[1], 2), lookup(x[2], x[3], x[0]));
    return 0;
}

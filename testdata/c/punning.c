// Type punning through memory: bytes, unions, bit-fields and memcpy between
// floating point and integers, with static values.
//
// quasi: -e split --static k=3
// quasi: -e scaled --static d=-0.5
// quasi: -e fields --static tag=5
// run: 1.5 9
// run: -2e-310 1
// lacks: store|alloca
#include <stdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

union word {
    double d;
    unsigned long u;
    unsigned half[2];
    unsigned char b[8];
    struct { unsigned long frac : 52, exp : 11, sign : 1; } f;
};

long split(long x, double d, int k)
{
    union word w;
    w.d = k / 8.0;
    long e = w.f.exp - 1023, m = w.f.frac >> 48;
    w.half[1] ^= 0x80000000u;
    w.b[0] = 1;
    double back = w.d;
    unsigned long bits;
    memcpy(&bits, &back, 8);
    if (bits >> 63 && back < 0)
        return x + e * 100 + m + (long)(bits & 0xff) + w.half[0];
    return x;
}

struct packet {
    unsigned version : 4, kind : 4, flags : 8;
    int length : 16;
    union { float f; int i; short s[2]; } u;
};

int fields(int x, int tag)
{
    struct packet p = { 0 };
    p.version = tag, p.kind = tag + 3, p.flags = ~tag, p.length = -tag * 100;
    unsigned raw;
    memcpy(&raw, &p, 4);
    p.u.f = (float)tag;
    int top = p.u.s[1];
    p.u.s[0] = 0x40;
    if (raw >> 16 == (unsigned short)p.length && p.u.f > tag)
        return x + (int)(raw & 0xffff) + top + p.length;
    return x - top;
}

double scaled(double d, float x)
{
    unsigned long bits;
    memcpy(&bits, &d, 8);
    if (bits == 0xbfe0000000000000 && d < 0)
        return x * d;
    return signbit(d) ? x + d : x - d;
}

int main(int argc, char **argv)
{
    double d = argc > 1 ? strtod(argv[1], 0) : 0;
    int k = argc > 2 ? atoi(argv[2]) : 0;
    printf("%ld %ld\n", split(k, d, 3), split(k, d, k));
    printf("%d %d\n", fields(k, 5), fields(k, k));
    printf("%.17g %.17g %.17g\n", scaled(-0.5, k), scaled(d, k), scaled(0.5, k));
    return 0;
}

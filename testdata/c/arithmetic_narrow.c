// Narrow signed and unsigned arithmetic, conversions, shifts, division of
// negative numbers, wrap-around of unsigned types.
//
// quasi: -e mix --static a=-100
// quasi: -e mix --static b=200
// quasi: -e mix --static a=127 --static b=255
// run: -100 200 3
// run: 127 255 9
// run: 5 7 0
// run: -128 128 31
#include <stdio.h>
#include <stdlib.h>

unsigned mix(signed char a, unsigned char b, unsigned s)
{
    signed char c = (signed char)(a * 3 + b);
    unsigned char d = (unsigned char)(a - b);
    short e = (short)(a * 128);
    unsigned short f = (unsigned short)(b * 1000);
    int g = a / 7 * 100 + a % 7;
    int h = a >> 2;
    unsigned k = (unsigned)a >> (s & 31);
    int m = s & 1 ? c : d;
    unsigned rotated = (f << (s % 16)) | (f >> (16 - s % 16));
    return (unsigned)(c + d * 3 + e * 5 + f * 7 + g * 11 + h * 13 + m) ^ k ^ rotated ^ (b > c) ^ ((unsigned)a > b) << 4;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    printf("%u\n", mix(atoi(argv[1]), atoi(argv[2]), atoi(argv[3])));
    return 0;
}

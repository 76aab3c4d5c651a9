// 64-bit arithmetic and __int128: products, shifts by 32 and more, signed
// comparison, division by static values.
//
// quasi: -e mulmod --static m=1000000007
// quasi: -e hash --static seed=12345678901234
// run: 123456789012 987654321 1000000007
// run: 18446744073709551615 2 97
// run: 5 3 1000000007
#include <stdio.h>
#include <stdlib.h>

typedef unsigned long long u64;

u64 mulmod(u64 a, u64 b, u64 m)
{
    return (u64)((unsigned __int128)a * b % m);
}

u64 hash(u64 x, long long seed)
{
    x ^= (u64)seed << 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 47;
    if ((long long)x < seed)
        x = ~x;
    return x / 10 + (u64)(seed % 1000) - (u64)(-seed / 77);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    u64 a = strtoull(argv[1], 0, 10), b = strtoull(argv[2], 0, 10), m = strtoull(argv[3], 0, 10);
    printf("%llu %llu %llu\n", mulmod(a, b, m), hash(a, (long long)b), hash(b, 12345678901234));
    return 0;
}

// __int128 and _BitInt of static values: a modulus table, a carry chain, and
// checked arithmetic whose overflow is known.
//
// quasi: -e residue --static m=97
// quasi: -e checked --static limit=1000
// quasi: -e narrow --static k=77
// run: 123456789012345678 42
// run: -9 17
// lacks: i128|with.overflow|i33|i24
#include <stdio.h>
#include <stdlib.h>

typedef unsigned __int128 u128;

unsigned long residue(unsigned long x, unsigned long m)
{
    // 2^64 mod m, and a reciprocal, by 128-bit arithmetic on static values.
    u128 big = (u128)1 << 64;
    unsigned long pow = (unsigned long)(big % m);
    u128 inverse = ~(u128)0 / m;
    __int128 below = -(__int128)inverse - 5;
    if (below < 0 && (below >> 100) == -(__int128)((inverse + 5 + (((u128)1 << 100) - 1)) >> 100))
        pow += (unsigned long)(inverse >> 64);
    return x * pow + (unsigned long)inverse;
}

int checked(int x, int limit)
{
    int sum = 0, product = 1, steps = 0;
    while (!__builtin_mul_overflow(product, limit, &product))
        steps++;
    long wide;
    if (__builtin_add_overflow((long)limit << 52, (long)limit << 53, &wide))
        sum = 7;
    __int128 far = (__int128)limit << 117;
    int lost = __builtin_mul_overflow(far, (__int128)limit, &far);
    return x + sum + steps * 10 + lost;
}

struct packed {
    unsigned a : 3, b : 21, c : 9;
    _BitInt(33) d;
    _BitInt(24) e;
};

long narrow(long x, int k)
{
    struct packed p = { 0 };
    _BitInt(33) w = (_BitInt(33))k << 27;
    w = w / 3 - 11;
    _BitInt(24) v = (_BitInt(24))(k * 100000);
    p.a = k, p.b = k * 1000, p.c = k - 300, p.d = w, p.e = v;
    return x + p.a + p.b * 3 + p.c + (long)p.d + (long)p.e + (p.d < 0 ? 1 : 2);
}

int main(int argc, char **argv)
{
    long x = argc > 1 ? strtol(argv[1], 0, 0) : 0;
    printf("%lu %lu\n", residue(x, 97), residue(x, 3));
    printf("%d %d\n", checked((int)x, 1000), checked(argc, 3));
    printf("%ld %ld\n", narrow(x, 77), narrow(x, -5));
    return 0;
}

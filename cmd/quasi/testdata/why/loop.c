// What a loop computes depends on the data and on how often it goes round.
// flags: -e power
// says: fix-parameter: fix parameter n: --static n=VALUE
// says: fix-parameter: fix parameter x: --static x=VALUE
// value: n=3
// value: x=2
int power(int x, int n)
{
    int r = 1;
    while (n-- > 0)
        r *= x;
    r = r + 1; // asked
    return r;
}

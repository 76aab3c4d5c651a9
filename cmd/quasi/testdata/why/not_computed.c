// long double is never computed.
// flags: -e f --static n=3
// says: none: d (%conv) is an operation that is left to run time
long double half(long double);
long double f(int n)
{
    long double d = n; // asked
    return half(d);
}

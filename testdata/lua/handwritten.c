/* The four functions in C. */
#include <stdlib.h>
#include <string.h>

static long put(void *out, long long value)
{
    memcpy(out, &value, sizeof value);
    return sizeof value;
}

long sum(const void *in, long n, void *out)
{
    long long s = 0;
    long i;

    (void)in;
    for (i = 1; i <= n; i++)
        s += (long long)(i * i) % 7;
    return put(out, s);
}

long sieve(const void *in, long n, void *out)
{
    char *t = calloc((size_t)n + 1, 1);
    long i, j, count = 0;

    (void)in;
    for (i = 2; i <= n; i++)
        t[i] = 1;
    for (i = 2; i <= n; i++)
        if (t[i]) {
            count++;
            for (j = i + i; j <= n; j += i)
                t[j] = 0;
        }
    free(t);
    return put(out, count);
}

static long long fib_of(long n)
{
    return n < 2 ? n : fib_of(n - 1) + fib_of(n - 2);
}

long fib(const void *in, long n, void *out)
{
    (void)in;
    return put(out, fib_of(n));
}

long hash(const void *in, long n, void *out)
{
    const unsigned char *s = in;
    long long h = 0;
    long i;

    for (i = 0; i < n; i++)
        h = (h * 31 + s[i]) % 65536;
    return put(out, h);
}

/* Numbers and strings for the functions. */
#include "subject.h"

#include <string.h>

static long text(struct random *r, void *in, long n)
{
    unsigned char *p = in;
    long i;

    for (i = 0; i < n; i++)
        p[i] = (unsigned char)random_next(r);
    return n;
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    if (strcmp(name, "fib") == 0)
        return (long)random_below(r, 15);
    if (strcmp(name, "hash") == 0)
        return text(r, in, (long)random_below(r, i % 10 ? 60 : 3000));
    return (long)random_below(r, i % 10 ? 40 : 3000) - 5;
}

long bench_input(const char *name, int input, void *in)
{
    struct random r = { 1 };

    (void)input;
    if (strcmp(name, "fib") == 0)
        return 16;
    if (strcmp(name, "hash") == 0)
        return text(&r, in, 1000);
    return 1000;
}

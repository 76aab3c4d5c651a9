/* Signals: noise and single tones. */
#include "subject.h"

#include <stdlib.h>
#include <string.h>

static float sample(struct random *r)
{
    return (float)((double)(random_next(r) >> 11) / (1LL << 52) - 1);
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    long n = strtol(name + strlen("fft_"), NULL, 10), k;
    float *x = in;

    memset(in, 0, (size_t)n * 2 * sizeof *x);
    if (i % 8 == 0)
        x[random_below(r, (unsigned)n * 2)] = sample(r);
    else
        for (k = 0; k < 2 * n; k++)
            x[k] = sample(r) * (float)(i % 8 == 1 ? 1e30 : 1);
    return n;
}

long bench_input(const char *name, int input, void *in)
{
    struct random r = { 1 };

    return check_input(name, &r, (unsigned)input + 2, in);
}

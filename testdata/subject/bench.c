/*
 * Measures every build of every case on each of its inputs, in one interleaved
 * run. Prints lines "case input build ns": nanoseconds a call, medians over the
 * rounds.
 */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 51, WARM_UP = 5 };

static const double ROUND_NS = 100e3; /* how long one build runs in one round, about */

static _Alignas(64) unsigned char in[MAX_IN], out[MAX_OUT];

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The time of a call of fn, mean over a number of calls. */
static double measure(case_fn *fn, long n, long calls)
{
    volatile long sink;
    double ns = now();
    long i, sum = 0;

    for (i = 0; i < calls; i++) {
        const void *p = in;
        void *q = out;

        __asm__ volatile("" : "+r"(p), "+r"(q), "+r"(n) : : "memory");
        sum += fn(p, n, q);
    }
    ns = now() - ns;
    sink = sum;
    (void)sink;
    return ns / (double)calls;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void run(const struct subject_case *c, int input)
{
    static double samples[MAX_BUILDS][ROUNDS];
    long n, calls[MAX_BUILDS];
    int b, r, nr = 0;

    memset(in, 0, MAX_IN);
    n = bench_input(c->name, input, in);
    while (nr < MAX_BUILDS && c->builds[nr].fn) {
        double ns = measure(c->builds[nr].fn, n, 3);

        ns = measure(c->builds[nr].fn, n, ns < 1000 ? 1000 : 3);
        calls[nr++] = ns * 3 > ROUND_NS ? 3 : (long)(ROUND_NS / (ns < 1 ? 1 : ns));
    }
    for (r = -WARM_UP; r < ROUNDS; r++) {
        for (b = 0; b < nr; b++) {
            /* Each round starts with another build. */
            int at = (b + r + WARM_UP) % nr;
            double ns = measure(c->builds[at].fn, n, calls[at]);

            if (r >= 0)
                samples[at][r] = ns;
        }
    }
    for (b = 0; b < nr; b++) {
        qsort(samples[b], ROUNDS, sizeof samples[b][0], by_value);
        printf("%s %d %s %.4f\n", c->name, input, c->builds[b].name, samples[b][ROUNDS / 2]);
    }
}

int main(void)
{
    int k, input;

    subject_setup();
    for (k = 0; k < subject_nr; k++)
        for (input = 0; input < subject_cases[k].inputs; input++)
            run(&subject_cases[k], input);
    return 0;
}

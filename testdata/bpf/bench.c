/*
 * Measures one packet through every build of every filter, in one interleaved
 * run: a packet that is accepted, one that is rejected, and a mix of generated
 * ones in which no order repeats soon. Prints lines "filter kind build ns",
 * medians over the rounds, and "filter mix share N": how many percent of the mix
 * are accepted.
 */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include "filters.h"
#include "packets.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 101, CALLS = 4096, WARM_UP = 10, MIX = 4096 };

filter_fn null_filter;

struct build {
    const char *name;
    filter_fn *fn;
};

enum { BUILDS = 5 };

static const struct filter {
    struct build builds[BUILDS];
} filters[] = {
#define FILTER(n, text)                                                                                                \
    { { { "null", null_filter },                                                                                       \
        { "interpreter", interpreter_##n },                                                                            \
        { "constant", constant_##n },                                                                                  \
        { "specialized", filter_##n },                                                                                 \
        { "handwritten", handwritten_##n } } },
    FILTERS(FILTER)
#undef FILTER
};

enum { NR_FILTERS = sizeof filters / sizeof filters[0] };

struct packet {
    unsigned wirelen, buflen;
    unsigned char bytes[MAX_PACKET];
};

static struct packet http, dns, mix[MIX];

/* What a run is measured on: packets[0], or the mix. */
struct kind {
    const char *name;
    const struct packet *packets;
    unsigned mask; /* number of packets - 1 */
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The time of a packet through fn, mean over CALLS calls. */
static double measure(filter_fn *fn, const struct kind *k)
{
    volatile unsigned sink;
    unsigned i, sum = 0;
    double ns = now();

    for (i = 0; i < CALLS; i++) {
        const struct packet *p = &k->packets[i & k->mask];
        unsigned buflen = p->buflen;

        __asm__ volatile("" : "+r"(p), "+r"(buflen));
        sum += fn(p->bytes, p->wirelen, buflen);
    }
    ns = now() - ns;
    sink = sum;
    (void)sink;
    return ns / CALLS;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void run(int f, const struct kind *k)
{
    static double samples[BUILDS][ROUNDS];
    int b, r;

    for (r = -WARM_UP; r < ROUNDS; r++) {
        for (b = 0; b < BUILDS; b++) {
            /* Each round starts with another build. */
            int at = (b + r + WARM_UP) % BUILDS;
            double ns = measure(filters[f].builds[at].fn, k);

            if (r >= 0)
                samples[at][r] = ns;
        }
    }
    for (b = 0; b < BUILDS; b++) {
        qsort(samples[b], ROUNDS, sizeof samples[b][0], by_value);
        printf("%d %s %s %.3f\n", f + 1, k->name, filters[f].builds[b].name, samples[b][ROUNDS / 2]);
    }
}

int main(void)
{
    const struct kind kinds[] = { { "accepted", &http, 0 }, { "rejected", &dns, 0 }, { "mix", mix, MIX - 1 } };
    struct packets g;
    int f, i;

    http.wirelen = http.buflen = packets_http(http.bytes);
    dns.wirelen = dns.buflen = packets_dns(dns.bytes);
    packets_seed(&g, 1);
    for (i = 0; i < MIX; i++)
        mix[i].wirelen = mix[i].buflen = packets_next(&g, mix[i].bytes);

    for (f = 0; f < NR_FILTERS; f++) {
        int accepted = 0;
        size_t k;
        filter_fn *interpreter = filters[f].builds[1].fn;

        if (!interpreter(http.bytes, http.wirelen, http.buflen) || interpreter(dns.bytes, dns.wirelen, dns.buflen)) {
            fprintf(stderr, "bench: filter %d does not accept and reject what it should\n", f + 1);
            return 1;
        }
        for (i = 0; i < MIX; i++)
            accepted += interpreter(mix[i].bytes, mix[i].wirelen, mix[i].buflen) != 0;
        printf("%d mix share %.1f\n", f + 1, 100.0 * accepted / MIX);
        for (k = 0; k < sizeof kinds / sizeof kinds[0]; k++)
            run(f, &kinds[k]);
    }
    return 0;
}

/* Inputs: generated packets, whole and cut; those that are measured are one of each kind. */
#include "packets.c"
#include "subject.h"

static long put(unsigned captured, unsigned wirelen, unsigned char *in)
{
    memcpy(in, &captured, sizeof captured);
    return (long)wirelen;
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    struct packets g;
    unsigned n;

    (void)name;
    (void)i;
    packets_seed(&g, random_next(r));
    n = packets_next(&g, (unsigned char *)in + 8);
    return put(random_below(r, 4) ? n : random_below(r, n + 1), n, in);
}

long bench_input(const char *name, int input, void *in)
{
    unsigned char *p = (unsigned char *)in + 8;
    unsigned n = input == 0 ? packets_http(p) : packets_dns(p);

    (void)name;
    return put(n, n, in);
}

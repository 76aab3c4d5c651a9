/* The cases of subject.yaml: a filter on one packet, as gen.c prints it. */
#include "static.h"

#include <string.h>

static long keep(unsigned bytes, void *out)
{
    memcpy(out, &bytes, sizeof bytes);
    return sizeof bytes;
}

/* The first bytes say how much of a packet was captured. */
#define CASE(name, filter)                                                                                             \
    long name(const void *in, long n, void *out)                                                                       \
    {                                                                                                                  \
        unsigned captured;                                                                                             \
                                                                                                                       \
        memcpy(&captured, in, sizeof captured);                                                                        \
        return keep(filter((const unsigned char *)in + 8, (unsigned)n, captured), out);                                \
    }

CASE(port, filter_1)
CASE(host, filter_2)
CASE(http, filter_3)

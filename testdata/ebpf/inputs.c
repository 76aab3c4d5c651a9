/* Inputs: bytes, and packets that are nearly TCP to port 80. */
#include "subject.h"

#include <string.h>

enum { MAX_WORDS = 200, MAX_BYTES = 400, PACKET = 128 };

static void packet(unsigned char *p, int protocol, int port)
{
    p[12] = 8;
    p[13] = 0;
    p[14] = 0x45;
    p[23] = (unsigned char)protocol;
    p[36] = (unsigned char)(port >> 8);
    p[37] = (unsigned char)port;
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    unsigned char *p = in;
    unsigned n = random_below(r, MAX_BYTES + 1), k;

    (void)i;
    for (k = 0; k < MAX_BYTES + PACKET; k++)
        p[k] = (unsigned char)random_next(r);
    if (strcmp(name, "parse") == 0) {
        packet(p, random_below(r, 4) ? 6 : 17, random_below(r, 4) ? 80 : 443);
        p[14] = (unsigned char)(0x40 + random_below(r, 16));
        if (random_below(r, 8) == 0)
            p[random_below(r, PACKET)] ^= 1;
        return PACKET;
    }
    return strcmp(name, "checksum") == 0 ? n / 2 : n;
}

long bench_input(const char *name, int input, void *in)
{
    if (strcmp(name, "parse") == 0) {
        packet(in, input == 0 ? 6 : 17, 80);
        return PACKET;
    }
    memset(in, 7, MAX_BYTES);
    return strcmp(name, "checksum") == 0 ? MAX_WORDS : MAX_BYTES;
}

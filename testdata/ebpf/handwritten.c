/* The programs as a C programmer would write them. */
#include <stdint.h>
#include <string.h>

long checksum(const void *in, long n, void *out)
{
    const uint16_t *words = in;
    uint64_t sum = 0;
    long i;

    for (i = 0; i < n; i++)
        sum += words[i];
    sum = (sum & 0xffff) + (sum >> 16);
    *(uint64_t *)out = (sum + (sum >> 16)) & 0xffff;
    return sizeof(uint64_t);
}

/* A number in the order of the network. */
static inline unsigned number(const unsigned char *p)
{
    uint16_t x;

    memcpy(&x, p, sizeof x);
    return __builtin_bswap16(x);
}

long parse(const void *in, long n, void *out)
{
    enum { ETHERNET = 14, IPV4 = 0x800, TCP = 6, HTTP = 80 };
    const unsigned char *p = in, *ip = p + ETHERNET;

    (void)n;
    *(uint64_t *)out = number(p + 12) == IPV4 && ip[9] == TCP && number(ip + (ip[0] & 0xf) * 4 + 2) == HTTP;
    return sizeof(uint64_t);
}

long hash(const void *in, long n, void *out)
{
    const unsigned char *p = in;
    uint32_t h = 0x811c9dc5;
    long i;

    for (i = 0; i < n; i++)
        h = (h ^ p[i]) * 16777619;
    *(uint64_t *)out = h;
    return sizeof(uint64_t);
}

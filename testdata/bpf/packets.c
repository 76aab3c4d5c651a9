/* Generated packets; see packets.h. */
#include "packets.h"

#include <string.h>

enum { ETHER = 14 };

enum protocol { HOPOPTS = 0, ICMP = 1, TCP = 6, UDP = 17, FRAGMENT = 44, ICMPV6 = 58 };

void packets_seed(struct packets *g, uint64_t seed) { g->state = seed * 2 + 1; }

/* xorshift64*. */
unsigned packets_below(struct packets *g, unsigned n)
{
    g->state ^= g->state >> 12;
    g->state ^= g->state << 25;
    g->state ^= g->state >> 27;
    return (unsigned)((g->state * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

static void put16(unsigned char *p, unsigned v)
{
    p[0] = (unsigned char)(v >> 8);
    p[1] = (unsigned char)v;
}

static void put32(unsigned char *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

static void noise(struct packets *g, unsigned char *p, unsigned n)
{
    while (n--)
        *p++ = (unsigned char)packets_below(g, 256);
}

static unsigned any_port(struct packets *g)
{
    static const uint16_t ports[] = { 80, 80, 443, 53, 8080, 0x5000 };
    unsigned i = packets_below(g, 8);

    return i < 6 ? ports[i] : packets_below(g, 65536);
}

static uint32_t any_address(struct packets *g)
{
    static const uint32_t addresses[] = { 0x0a000001, 0x0a000001, 0x0a000002, 0x0100000a, 0xc0a80001 };
    unsigned i = packets_below(g, 7);

    return i < 5 ? addresses[i] : packets_below(g, 0x7fffffff) * 2u;
}

/* Writes a transport header and its payload; returns the length of both. */
static unsigned transport(struct packets *g, unsigned char *p, enum protocol protocol)
{
    unsigned payload = packets_below(g, 3) ? 0 : packets_below(g, 40);
    unsigned header = 8;

    noise(g, p, 100);
    if (protocol == TCP) {
        header = 20 + 4 * (packets_below(g, 3) ? 0 : packets_below(g, 11));
        /* Rarely the data offset is not what it should be. */
        p[12] = (unsigned char)(packets_below(g, 16) ? header << 2 : packets_below(g, 256));
    }
    if (protocol == TCP || protocol == UDP) {
        put16(p, any_port(g));
        put16(p + 2, any_port(g));
    }
    return header + payload;
}

static unsigned ipv4(struct packets *g, unsigned char *p)
{
    static const enum protocol protocols[] = { TCP, TCP, TCP, TCP, TCP, UDP, ICMP };
    unsigned i = packets_below(g, 8);
    unsigned protocol = i < 7 ? protocols[i] : packets_below(g, 256);
    unsigned words = packets_below(g, 3) ? 5 : 5 + packets_below(g, 11);
    unsigned length = 4 * words;

    noise(g, p, length);
    p[0] = (unsigned char)(0x40 | words);
    /* Rarely the header says that it is shorter or longer than it is. */
    if (packets_below(g, 16) == 0)
        p[0] = (unsigned char)packets_below(g, 256);
    put16(p + 6, 0x4000);
    if (packets_below(g, 4) == 0)
        put16(p + 6, packets_below(g, 2) ? 0x2000 : packets_below(g, 65536));
    p[9] = (unsigned char)protocol;
    put32(p + 12, any_address(g));
    put32(p + 16, any_address(g));
    length += transport(g, p + length, (enum protocol)protocol);
    put16(p + 2, packets_below(g, 16) ? length : packets_below(g, 65536));
    return length;
}

static unsigned ipv6(struct packets *g, unsigned char *p)
{
    static const enum protocol protocols[] = { TCP, TCP, TCP, TCP, UDP, ICMPV6, HOPOPTS, FRAGMENT };
    enum protocol protocol = protocols[packets_below(g, 8)];
    unsigned length;

    noise(g, p, 40);
    p[0] = 0x60;
    p[6] = (unsigned char)protocol;
    length = transport(g, p + 40, protocol);
    put16(p + 4, packets_below(g, 16) ? length : packets_below(g, 65536));
    return 40 + length;
}

static unsigned arp(struct packets *g, unsigned char *p)
{
    noise(g, p, 28);
    put32(p + 14, any_address(g));
    put32(p + 24, any_address(g));
    return 28;
}

unsigned packets_next(struct packets *g, unsigned char *p)
{
    unsigned kind = packets_below(g, 16);
    unsigned length;

    noise(g, p, ETHER);
    switch (kind) {
    default: put16(p + 12, 0x0800); return ETHER + ipv4(g, p + ETHER);
    case 0:
    case 1:
    case 2: put16(p + 12, 0x86dd); return ETHER + ipv6(g, p + ETHER);
    case 3: put16(p + 12, 0x0806); return ETHER + arp(g, p + ETHER);
    case 4: /* VLAN */
        put16(p + 12, 0x8100);
        put16(p + 14, packets_below(g, 4096));
        put16(p + 16, 0x0800);
        return ETHER + 4 + ipv4(g, p + ETHER + 4);
    case 5: /* a type of either kind, then noise */
        length = ETHER + packets_below(g, MAX_PACKET - ETHER + 1);
        noise(g, p, length);
        if (packets_below(g, 2))
            put16(p + 12, packets_below(g, 2) ? 0x0800 : 0x86dd);
        return length;
    case 6: /* some other type, or the length of an 802.3 frame */
        put16(p + 12, packets_below(g, 65536));
        return ETHER + ipv4(g, p + ETHER);
    }
}

/* An IPv4 packet without options: 40 bytes of payload after the transport header. */
static unsigned plain(unsigned char *p, enum protocol protocol, uint32_t from, uint32_t to, unsigned port)
{
    unsigned length = 20 + (protocol == TCP ? 20 : 8) + 40;

    memset(p, 0, ETHER + length);
    put16(p + 12, 0x0800);
    p += ETHER;
    p[0] = 0x45;
    put16(p + 2, length);
    put16(p + 6, 0x4000);
    p[8] = 64;
    p[9] = (unsigned char)protocol;
    put32(p + 12, from);
    put32(p + 16, to);
    put16(p + 20, 40000);
    put16(p + 22, port);
    if (protocol == TCP)
        p[32] = 0x50;
    return ETHER + length;
}

unsigned packets_http(unsigned char *p) { return plain(p, TCP, 0x0a000001, 0xc0a80005, 80); }

unsigned packets_dns(unsigned char *p) { return plain(p, UDP, 0xc0a80007, 0xc0a80005, 53); }

/*
 * The filters as a C programmer would write them. They reject exactly what the
 * compiled programs reject: a packet is rejected when it is too short for a
 * field that the decision needs, and IPv6 extension headers are not followed.
 */
#define _DEFAULT_SOURCE

#include "filters.h"

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

enum {
    IP = 14, /* offset of the network header */
    HTTP = 80,
    FRAGMENT_OFFSET = 0x1fff
};

static inline uint16_t be16(const unsigned char *p)
{
    uint16_t v;

    memcpy(&v, p, sizeof v);
    return ntohs(v);
}

static inline uint32_t be32(const unsigned char *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof v);
    return ntohl(v);
}

static inline unsigned ip_header_length(const unsigned char *ip) { return (ip[0] & 0xfu) << 2; }

/* Reports whether a TCP or UDP header at p, of which n bytes are there, has a port. */
static inline int has_port(const unsigned char *p, unsigned n, unsigned port)
{
    return n >= 2 && (be16(p) == port || (n >= 4 && be16(p + 2) == port));
}

/* tcp port 80 */
unsigned handwritten_1(const unsigned char *p, unsigned wirelen, unsigned buflen)
{
    unsigned transport;

    (void)wirelen;
    if (buflen < IP)
        return 0;
    switch (be16(p + 12)) {
    case ETHERTYPE_IP:
        if (buflen < IP + 10 || p[IP + 9] != IPPROTO_TCP || (be16(p + IP + 6) & FRAGMENT_OFFSET))
            return 0;
        transport = IP + ip_header_length(p + IP);
        break;
    case ETHERTYPE_IPV6:
        if (buflen < IP + 7 || p[IP + 6] != IPPROTO_TCP)
            return 0;
        transport = IP + 40;
        break;
    default: return 0;
    }
    return buflen > transport && has_port(p + transport, buflen - transport, HTTP) ? SNAPLEN : 0;
}

/* ip host 10.0.0.1 and not icmp */
unsigned handwritten_2(const unsigned char *p, unsigned wirelen, unsigned buflen)
{
    const uint32_t host = 0x0a000001;

    (void)wirelen;
    if (buflen < IP + 16 || be16(p + 12) != ETHERTYPE_IP)
        return 0;
    if (be32(p + IP + 12) != host && (buflen < IP + 20 || be32(p + IP + 16) != host))
        return 0;
    return p[IP + 9] != IPPROTO_ICMP ? SNAPLEN : 0;
}

/* tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0) */
unsigned handwritten_3(const unsigned char *p, unsigned wirelen, unsigned buflen)
{
    const unsigned char *tcp;
    unsigned ip_length, tcp_length, length, left;

    (void)wirelen;
    if (buflen < IP + 10 || be16(p + 12) != ETHERTYPE_IP || p[IP + 9] != IPPROTO_TCP ||
        (be16(p + IP + 6) & FRAGMENT_OFFSET))
        return 0;
    ip_length = ip_header_length(p + IP);
    if (buflen < IP + ip_length + 13)
        return 0;
    tcp = p + IP + ip_length;
    left = buflen - IP - ip_length;
    if (!has_port(tcp, left, HTTP))
        return 0;
    length = be16(p + IP + 2);
    tcp_length = (tcp[12] & 0xf0u) >> 2;
    return length - ip_length - tcp_length != 0 ? SNAPLEN : 0;
}

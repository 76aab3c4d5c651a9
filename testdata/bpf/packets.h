/* Generated packets: the same for the same seed, on every machine. */
#ifndef PACKETS_H
#define PACKETS_H

#include <stdint.h>

enum { MAX_PACKET = 256 };

struct packets {
    uint64_t state;
};

void packets_seed(struct packets *g, uint64_t seed);

/* A number below n. */
unsigned packets_below(struct packets *g, unsigned n);

/*
 * Writes one whole packet (Ethernet; IPv4 with and without options, fragments,
 * IPv6, ARP, VLAN; TCP, UDP, ICMP and others; wrong lengths; plain noise) and
 * returns its length, which is at most MAX_PACKET.
 */
unsigned packets_next(struct packets *g, unsigned char *p);

/* Packets for measuring: TCP from 10.0.0.1 to port 80, and a DNS query of others. */
unsigned packets_http(unsigned char *p);
unsigned packets_dns(unsigned char *p);

#endif

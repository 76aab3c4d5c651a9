/* The filters that are specialized: number and expression. */
#ifndef FILTERS_H
#define FILTERS_H

#define FILTERS(F)                                                                                                     \
    F(1, "tcp port 80")                                                                                                \
    F(2, "ip host 10.0.0.1 and not icmp")                                                                              \
    F(3, "tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)")

enum { SNAPLEN = 262144 }; /* what an accepted packet returns */

/* A filter: 0, or the number of bytes to keep of the packet at p. */
typedef unsigned filter_fn(const unsigned char *p, unsigned wirelen, unsigned buflen);

/*
 * Every filter in four builds. interpreter_N calls the interpreter in another
 * object; constant_N was compiled with the interpreter and its program in one
 * module; filter_N is specialized; handwritten_N is in handwritten.c.
 */
#define DECLARE_FILTER(n, text) filter_fn interpreter_##n, constant_##n, filter_##n, handwritten_##n;
FILTERS(DECLARE_FILTER)
#undef DECLARE_FILTER

#endif

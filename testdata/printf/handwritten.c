/* The formats written out. */
#include "values.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* The digits of x in base, up to end; returns their begin. At least least of them. */
INLINE char *digits(unsigned long x, unsigned base, long least, char *end)
{
    char *p = end;

    for (; x; x /= base)
        *--p = "0123456789abcdef"[x % base];
    while (end - p < least)
        *--p = '0';
    return p;
}

INLINE char *put(char *to, const char *from, size_t n)
{
    memcpy(to, from, n);
    return to + n;
}

INLINE char *number(char *to, unsigned long x, unsigned base, long least)
{
    char buf[24], *p = digits(x, base, least, buf + sizeof buf);

    return put(to, p, (size_t)(buf + sizeof buf - p));
}

/* x in decimal, to the right of at least width characters. */
INLINE char *decimal(char *to, int x, long width)
{
    char buf[24], *p = digits(x < 0 ? -(unsigned long)x : (unsigned long)x, 10, 1, buf + sizeof buf);

    if (x < 0)
        *--p = '-';
    while (buf + sizeof buf - p < width)
        *--p = ' ';
    return put(to, p, (size_t)(buf + sizeof buf - p));
}

long numbers(const void *in, long n, void *out)
{
    const struct values *v = in;
    char *p = out;

    (void)n;
    p = decimal(p, v->number, 0);
    *p++ = ' ';
    p = number(p, v->size, 10, 1);
    *p++ = ' ';
    p = number(p, (unsigned)v->address, 16, 1);
    p = put(p, "\n", 2);
    return p - 1 - (char *)out;
}

long strings(const void *in, long n, void *out)
{
    const struct values *v = in;
    char *p = out;

    (void)n;
    p = put(p, v->name, strlen(v->name));
    *p++ = '=';
    p = put(p, v->value, strlen(v->value));
    p = put(p, ";", 2);
    return p - 1 - (char *)out;
}

long columns(const void *in, long n, void *out)
{
    const struct values *v = in;
    char *p = out;
    size_t length;

    (void)n;
    *p++ = '[';
    p = decimal(p, v->number, 5);
    p = put(p, "] ", 2);
    length = strlen(v->name);
    p = put(p, v->name, length);
    for (; length < 10; length++)
        *p++ = ' ';
    p = put(p, " 0x", 3);
    p = number(p, v->address, 16, 8);
    *p = 0;
    return p - (char *)out;
}

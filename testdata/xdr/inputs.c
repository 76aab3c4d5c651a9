/* Numbers, records, and what they are encoded to; buffers that are cut or wrong. */
#include "record.h"
#include "subject.h"

#include <arpa/inet.h>
#include <string.h>

static int is(const char *name, const char *what)
{
    return strcmp(name, what) == 0;
}

static void words(struct random *r, void *in, long n)
{
    uint32_t *w = in;

    while (n-- > 0)
        *w++ = (uint32_t)random_next(r);
}

/* A string of at most MAX_NAME characters, of more if too_long. */
static unsigned text(struct random *r, char *p, int too_long)
{
    unsigned n = random_below(r, MAX_NAME + 1), k;

    if (too_long)
        n += MAX_NAME;
    for (k = 0; k < n; k++)
        p[k] = (char)('a' + random_below(r, 26));
    p[n] = 0;
    return n;
}

static long record(struct random *r, void *in, int too_long)
{
    struct record *p = in;

    words(r, p, sizeof *p / 4);
    p->stable = (int)random_below(r, 3);
    text(r, p->name, too_long);
    return sizeof *p;
}

static long encoded_record(struct random *r, void *in, int too_long)
{
    uint32_t *w = in, name;

    words(r, w, 8);
    w[5] = htonl(random_below(r, 2));
    memset(w + 8, 0, HANDLE + MAX_NAME * 2 + 8);
    words(r, w + 8, HANDLE / 4);
    name = text(r, (char *)(w + 9 + HANDLE / 4), too_long);
    w[8 + HANDLE / 4] = htonl(name);
    return 36 + HANDLE + (name + 3) / 4 * 4;
}

static long encoded_array(struct random *r, void *in, unsigned length)
{
    uint32_t *w = in;

    words(r, w + 1, length);
    w[0] = htonl(length);
    return 4 * (1 + (long)length);
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    unsigned length = random_below(r, MAX_ARRAY + 20);
    long n;

    memset(in, 0, MAX_IN);
    if (is(name, "encode_array")) {
        words(r, in, length);
        return (long)length;
    }
    if (is(name, "encode_record"))
        return record(r, in, i % 16 == 0);
    if (is(name, "decode_record"))
        n = encoded_record(r, in, i % 16 == 0);
    else if (is(name, "decode_array"))
        n = encoded_array(r, in, length);
    else {
        words(r, in, 2000);
        return 0;
    }
    if (i % 4 == 1)
        n = (long)random_below(r, (unsigned)n + 1);
    return n;
}

long bench_input(const char *name, int input, void *in)
{
    struct random r = { 1 };

    if (is(name, "encode_array")) {
        words(&r, in, 400);
        return input == 0 ? 20 : 400;
    }
    if (is(name, "decode_array"))
        return encoded_array(&r, in, input == 0 ? 20 : 400);
    return check_input(name, &r, 2, in);
}

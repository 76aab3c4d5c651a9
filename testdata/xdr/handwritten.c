/* The same wire format by hand. */
#include "record.h"

#include <arpa/inet.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

INLINE void swap(const uint32_t *in, long n, uint32_t *out)
{
    long i;

    for (i = 0; i < n; i++)
        out[i] = ntohl(in[i]);
}

#define VECTOR(length)                                                                                                 \
    long encode_##length(const void *in, long n, void *out)                                                            \
    {                                                                                                                  \
        (void)n;                                                                                                       \
        swap(in, length, out);                                                                                         \
        return length * 4;                                                                                             \
    }                                                                                                                  \
                                                                                                                       \
    long decode_##length(const void *in, long n, void *out)                                                            \
    {                                                                                                                  \
        (void)n;                                                                                                       \
        swap(in, length, out);                                                                                         \
        return length * 4;                                                                                             \
    }

VECTOR(20)
VECTOR(1999)

long encode_array(const void *in, long n, void *out)
{
    uint32_t *to = out;

    to[0] = htonl((uint32_t)n);
    if (n > MAX_ARRAY)
        return -1;
    swap(in, n, to + 1);
    return 4 * (n + 1);
}

/* Decodes what there is of a cut buffer before it fails. */
long decode_array(const void *in, long n, void *out)
{
    const uint32_t *from = in;
    long length;

    if (n < 4)
        return -1;
    length = ntohl(from[0]);
    if (length > MAX_ARRAY)
        return -1;
    n = n / 4 - 1;
    if (length > n) {
        swap(from + 1, n, out);
        return -1;
    }
    swap(from + 1, length, out);
    return 4 * length;
}

enum { WORDS = 8, NAME = WORDS + HANDLE / 4 }; /* in words: what precedes the handle, the name's length */

long encode_record(const void *in, long n, void *out)
{
    const struct record *r = in;
    uint32_t *w = out;
    size_t name;

    (void)n;
    w[0] = htonl(r->id);
    w[1] = htonl((uint32_t)r->kind);
    w[2] = htonl((uint32_t)(r->offset >> 32));
    w[3] = htonl((uint32_t)r->offset);
    w[4] = htonl(r->count);
    w[5] = htonl(r->stable != 0);
    w[6] = htonl((uint32_t)r->port);
    w[7] = htonl(r->flags);
    memcpy(w + WORDS, r->handle, HANDLE);
    name = strlen(r->name);
    w[NAME] = htonl((uint32_t)name);
    if (name > MAX_NAME)
        return -1;
    memcpy(w + NAME + 1, r->name, name);
    memset((char *)(w + NAME + 1) + name, 0, -name % 4);
    return 4 * (NAME + 1) + (long)(name + 3) / 4 * 4;
}

long decode_record(const void *in, long n, void *out)
{
    const uint32_t *w = in;
    struct record *r = out;
    uint32_t name, padded;

    if (n < 4)
        return -1;
    r->id = ntohl(w[0]);
    if (n < 8)
        return -1;
    r->kind = (int32_t)ntohl(w[1]);
    if (n < 16)
        return -1;
    r->offset = (int64_t)((uint64_t)ntohl(w[2]) << 32 | ntohl(w[3]));
    if (n < 20)
        return -1;
    r->count = ntohl(w[4]);
    if (n < 24)
        return -1;
    r->stable = w[5] != 0;
    if (n < 28)
        return -1;
    r->port = (int16_t)ntohl(w[6]);
    if (n < 32)
        return -1;
    r->flags = (uint16_t)ntohl(w[7]);
    if (n < 32 + HANDLE)
        return -1;
    memcpy(r->handle, w + WORDS, HANDLE);
    if (n < 36 + HANDLE)
        return -1;
    name = ntohl(w[NAME]);
    if (name > MAX_NAME)
        return -1;
    r->name[name] = 0;
    n -= 36 + HANDLE;
    padded = (name + 3) / 4 * 4;
    if (n < name)
        return -1;
    memcpy(r->name, w + NAME + 1, name);
    if (n < padded)
        return -1;
    return sizeof *r;
}

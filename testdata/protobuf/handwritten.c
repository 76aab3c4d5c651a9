/*
 * Messages of the two types as a C programmer would write them, without
 * descriptors: the number of every field and what it is made of in the code.
 */
#include "person.h"

#include <string.h>

/* How values are written: the low bits of a tag. */
enum { VARINT = 0, FIXED64 = 1, LENGTH = 2 };

#define TAG(field, wire) ((uint8_t)((field) << 3 | (wire)))

static size_t varint_size(uint64_t x) { return (size_t)(70 - __builtin_clzll(x | 1)) / 7; }

static uint64_t int32(int32_t x) { return (uint64_t)(int64_t)x; }

static uint64_t sint64(int64_t x) { return (uint64_t)x << 1 ^ (uint64_t)(x >> 63); }

static size_t block_size(size_t n) { return varint_size(n) + n; }

static size_t scores_size(const struct content *c)
{
    size_t n = 0, i;

    for (i = 0; i < c->nr_scores; i++)
        n += varint_size(c->scores[i]);
    return n;
}

static size_t phone_size(const struct content *c, int i)
{
    size_t n = 1 + block_size(strlen(c->numbers[i]));

    return c->kinds[i] ? n + 1 + varint_size(int32(c->kinds[i])) : n;
}

static size_t person_size(const struct content *c)
{
    size_t n = 1 + block_size(strlen(c->name)) + 1 + varint_size(int32(c->id)) + 1 + varint_size(sint64(c->balance));
    int i;

    if (c->has_email)
        n += 1 + block_size(strlen(c->email));
    if (c->nr_scores)
        n += 1 + block_size(scores_size(c));
    if (c->has_weight)
        n += 1 + sizeof c->weight;
    if (c->key_length)
        n += 1 + block_size(c->key_length);
    for (i = 0; i < MAX_PHONES; i++)
        n += 1 + block_size(phone_size(c, i));
    return n;
}

static uint8_t *put_varint(uint8_t *to, uint64_t x)
{
    for (; x >= 0x80; x >>= 7)
        *to++ = (uint8_t)(x | 0x80);
    *to++ = (uint8_t)x;
    return to;
}

static uint8_t *put_block(uint8_t *to, const void *from, size_t n)
{
    to = put_varint(to, n);
    memcpy(to, from, n);
    return to + n;
}

static uint8_t *put_number(uint8_t *to, uint8_t tag, uint64_t x)
{
    *to++ = tag;
    return put_varint(to, x);
}

static uint8_t *put_bytes(uint8_t *to, uint8_t tag, const void *from, size_t n)
{
    *to++ = tag;
    return put_block(to, from, n);
}

long size(const void *in, long n, void *out)
{
    (void)n;
    *(size_t *)out = person_size(in);
    return sizeof(size_t);
}

long pack(const void *in, long n, void *out)
{
    const struct content *c = in;
    uint8_t *to = out;
    size_t i;

    (void)n;
    to = put_bytes(to, TAG(1, LENGTH), c->name, strlen(c->name));
    to = put_number(to, TAG(2, VARINT), int32(c->id));
    if (c->has_email)
        to = put_bytes(to, TAG(3, LENGTH), c->email, strlen(c->email));
    if (c->nr_scores) {
        to = put_number(to, TAG(4, LENGTH), scores_size(c));
        for (i = 0; i < c->nr_scores; i++)
            to = put_varint(to, c->scores[i]);
    }
    if (c->has_weight) {
        *to++ = TAG(5, FIXED64);
        memcpy(to, &c->weight, sizeof c->weight);
        to += sizeof c->weight;
    }
    if (c->key_length)
        to = put_bytes(to, TAG(6, LENGTH), c->key, c->key_length);
    to = put_number(to, TAG(7, VARINT), sint64(c->balance));
    for (i = 0; i < MAX_PHONES; i++) {
        to = put_number(to, TAG(8, LENGTH), phone_size(c, (int)i));
        to = put_bytes(to, TAG(1, LENGTH), c->numbers[i], strlen(c->numbers[i]));
        if (c->kinds[i])
            to = put_number(to, TAG(2, VARINT), int32(c->kinds[i]));
    }
    return to - (uint8_t *)out;
}

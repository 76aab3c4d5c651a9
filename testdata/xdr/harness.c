/* The cases: streams in memory, and the procedures that move values through them. */
#include <rpc/types.h>
#include <rpc/xdr.h>

#include "record.h"

/* The result of a case: how many bytes of out were used. */
static inline long encoded(bool_t done, XDR *x)
{
    return done ? (long)xdr_getpos(x) : -1;
}

#define VECTOR(length)                                                                                                 \
    long encode_##length(const void *in, long n, void *out)                                                            \
    {                                                                                                                  \
        XDR x;                                                                                                         \
                                                                                                                       \
        (void)n;                                                                                                       \
        xdrmem_create(&x, out, length * BYTES_PER_XDR_UNIT, XDR_ENCODE);                                               \
        return encoded(xdr_vector(&x, (char *)in, length, sizeof(int), (xdrproc_t)xdr_int), &x);                       \
    }                                                                                                                  \
                                                                                                                       \
    long decode_##length(const void *in, long n, void *out)                                                            \
    {                                                                                                                  \
        XDR x;                                                                                                         \
                                                                                                                       \
        (void)n;                                                                                                       \
        xdrmem_create(&x, (char *)in, length * BYTES_PER_XDR_UNIT, XDR_DECODE);                                        \
        return xdr_vector(&x, out, length, sizeof(int), (xdrproc_t)xdr_int) ? length * (long)sizeof(int) : -1;         \
    }

VECTOR(20)
VECTOR(1999)

/* n ints into a buffer that holds MAX_ARRAY. */
long encode_array(const void *in, long n, void *out)
{
    char *data = (char *)in;
    u_int length = (u_int)n;
    XDR x;

    xdrmem_create(&x, out, (MAX_ARRAY + 1) * BYTES_PER_XDR_UNIT, XDR_ENCODE);
    return encoded(xdr_array(&x, &data, &length, MAX_ARRAY, sizeof(int), (xdrproc_t)xdr_int), &x);
}

/* What is in a buffer of n bytes. */
long decode_array(const void *in, long n, void *out)
{
    char *data = out;
    u_int length;
    XDR x;

    xdrmem_create(&x, (char *)in, (u_int)n, XDR_DECODE);
    if (!xdr_array(&x, &data, &length, MAX_ARRAY, sizeof(int), (xdrproc_t)xdr_int))
        return -1;
    return (long)length * (long)sizeof(int);
}

static bool_t xdr_record(XDR *x, struct record *r)
{
    char *name = r->name;

    return xdr_u_int32_t(x, &r->id) && xdr_enum(x, &r->kind) && xdr_int64_t(x, &r->offset) && xdr_u_int(x, &r->count) &&
           xdr_bool(x, &r->stable) && xdr_short(x, &r->port) && xdr_u_short(x, &r->flags) &&
           xdr_opaque(x, (char *)r->handle, HANDLE) && xdr_string(x, &name, MAX_NAME);
}

long encode_record(const void *in, long n, void *out)
{
    XDR x;

    (void)n;
    xdrmem_create(&x, out, 128, XDR_ENCODE);
    return encoded(xdr_record(&x, (struct record *)in), &x);
}

long decode_record(const void *in, long n, void *out)
{
    XDR x;

    xdrmem_create(&x, (char *)in, (u_int)n, XDR_DECODE);
    return xdr_record(&x, out) ? (long)sizeof(struct record) : -1;
}

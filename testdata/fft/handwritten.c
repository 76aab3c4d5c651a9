/*
 * The transforms as a C programmer would write them for a fixed size: radix 4,
 * leaves without multiplications, every stage with its bounds known. The order
 * of operations is kissfft's, so the results are the same.
 */
#include "sizes.h"

#include "static.h"

typedef kiss_fft_cpx cpx;

#define INLINE static inline __attribute__((always_inline))

INLINE cpx add(cpx a, cpx b)
{
    return (cpx){ a.r + b.r, a.i + b.i };
}

INLINE cpx sub(cpx a, cpx b)
{
    return (cpx){ a.r - b.r, a.i - b.i };
}

INLINE cpx mul(cpx a, cpx b)
{
    return (cpx){ a.r * b.r - a.i * b.i, a.r * b.i + a.i * b.r };
}

INLINE void butterfly(cpx *out, int m, cpx a, cpx b, cpx c, cpx d)
{
    cpx even = sub(a, c), odd = sub(b, d), sum = add(b, d);

    a = add(a, c);
    out[2 * m] = sub(a, sum);
    out[0] = add(a, sum);
    out[m] = (cpx){ even.r + odd.i, even.i - odd.r };
    out[3 * m] = (cpx){ even.r - odd.i, even.i + odd.r };
}

INLINE void leaf(const cpx *in, int stride, cpx *out)
{
    butterfly(out, 1, in[0], in[stride], in[2 * stride], in[3 * stride]);
}

/* Four transforms of m points to one of 4 * m. */
INLINE void combine(cpx *out, int m, const cpx *twiddles, int stride)
{
    int k;

    butterfly(out, m, out[0], out[m], out[2 * m], out[3 * m]);
    for (k = 1; k < m; k++)
        butterfly(out + k, m, out[k], mul(out[k + m], twiddles[k * stride]), mul(out[k + 2 * m], twiddles[2 * k * stride]),
                  mul(out[k + 3 * m], twiddles[3 * k * stride]));
}

INLINE void transform_16(const cpx *in, int in_stride, cpx *out, const cpx *twiddles, int stride)
{
    int q;

    for (q = 0; q < 4; q++)
        leaf(in + q * in_stride, 4 * in_stride, out + 4 * q);
    combine(out, 4, twiddles, stride);
}

INLINE void transform_64(const cpx *in, int in_stride, cpx *out, const cpx *twiddles, int stride)
{
    int q;

    for (q = 0; q < 4; q++)
        transform_16(in + q * in_stride, 4 * in_stride, out + 16 * q, twiddles, 4 * stride);
    combine(out, 16, twiddles, stride);
}

long fft_16(const void *in, long n, void *out)
{
    (void)n;
    transform_16(in, 1, out, configuration_16.twiddles, 1);
    return 16 * (long)sizeof(cpx);
}

long fft_64(const void *in, long n, void *out)
{
    (void)n;
    transform_64(in, 1, out, configuration_64.twiddles, 1);
    return 64 * (long)sizeof(cpx);
}

long fft_256(const void *in, long n, void *out)
{
    const cpx *from = in;
    int q;

    (void)n;
    for (q = 0; q < 4; q++)
        transform_64(from + q, 4, (cpx *)out + 64 * q, configuration_256.twiddles, 4);
    combine(out, 64, configuration_256.twiddles, 1);
    return 256 * (long)sizeof(cpx);
}

/* The cases: kiss_fft with a constant configuration. */
#include "sizes.h"

#include "static.h"

#define CASE(size)                                                                                                     \
    long fft_##size(const void *in, long n, void *out)                                                                 \
    {                                                                                                                  \
        (void)n;                                                                                                       \
        kiss_fft((kiss_fft_cfg)&configuration_##size, in, out);                                                        \
        return size * (long)sizeof(kiss_fft_cpx);                                                                      \
    }
SIZES(CASE)

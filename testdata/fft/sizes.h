/* The sizes that kiss_fft is specialized for. */
#ifndef SIZES_H
#define SIZES_H

#define SIZES(S) S(16) S(64) S(256)

#endif

// Floating point of static values is computed: an FFT of static size takes its
// twiddle factors from static double arithmetic, a table of square roots and
// roundings folds into constants.
//
// quasi: -e transform --static n=8
// quasi: -e shape --static k=5
// run: 1 2 3 4 5 6 7 8
// run: 0.5 -1.25 1e300 -0 3 1e-310 2 7
// lacks: sqrt|fdiv|sitofp|fptosi|floor|copysign|fabs|frem
#include <stdio.h>
#include <stdlib.h>
#include <math.h>

// Twiddle factors by half-angle formulas from cos(pi) = -1: no table, no sin.
__attribute__((noinline)) static double half_cos(double c) { return sqrt((1 + c) / 2); }

void transform(double *re, double *im, int n)
{
    for (int i = 1, j = 0; i < n; i++) {
        int bit = n >> 1;
        for (; j & bit; bit >>= 1)
            j ^= bit;
        j ^= bit;
        if (i < j) {
            double t = re[i];
            re[i] = re[j], re[j] = t;
            t = im[i];
            im[i] = im[j], im[j] = t;
        }
    }
    double c = -1, s = 0;
    for (int len = 2; len <= n; len <<= 1) {
        double wr = 1, wi = 0;
        for (int k = 0; k < len / 2; k++) {
            for (int i = k; i < n; i += len) {
                int m = i + len / 2;
                double xr = re[m] * wr - im[m] * wi, xi = re[m] * wi + im[m] * wr;
                re[m] = re[i] - xr, im[m] = im[i] - xi;
                re[i] += xr, im[i] += xi;
            }
            double t = wr * c - wi * s;
            wi = wr * s + wi * c;
            wr = t;
        }
        s = len == 2 ? 1 : sqrt((1 - c) / 2);
        c = len == 2 ? 0 : half_cos(c);
    }
}

double shape(double x, int k)
{
    float f = 1.0f / 3, table[8];
    for (int i = 0; i < 8; i++)
        table[i] = floorf(sqrtf(i * f) * 16) / 16 + fabsf(-0.25f) * (float)(i & 3);
    unsigned scale = (unsigned)(table[k] * 1000) % 7;
    if (table[k] > 1.5f && fmod(k, 3) == 2)
        x = x * scale + copysign(table[k], -1.0);
    return x * (double)k + (long)(k * 0.75) + ceil(k / 2.0);
}

int main(int argc, char **argv)
{
    double re[8] = {0}, im[8] = {0};
    for (int i = 1; i < argc && i <= 8; i++)
        re[i - 1] = strtod(argv[i], 0);
    transform(re, im, 8);
    for (int i = 0; i < 8; i++)
        printf("%.17g %.17g\n", re[i], im[i]);
    printf("%.17g %.17g\n", shape(re[1], 5), shape(im[2], 2));
    return 0;
}

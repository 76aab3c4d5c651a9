/* Has kissfft make its configuration of each size and prints them as constants: static.h. */
#include "_kiss_fft_guts.h"

#include "sizes.h"

#include <stdio.h>
#include <stdlib.h>

static int print_configuration(int n)
{
    kiss_fft_cfg c = kiss_fft_alloc(n, 0, NULL, NULL);
    int i;

    if (!c) {
        fprintf(stderr, "dump: no configuration for %d points\n", n);
        return 1;
    }
    printf("\nstatic const struct {\n    int nfft, inverse, factors[2 * MAXFACTORS];\n    kiss_fft_cpx twiddles[%d];\n", n);
    printf("} configuration_%d = {\n    %d, %d, {", n, c->nfft, c->inverse);
    for (i = 0;; i += 2) {
        printf(" %d, %d,", c->factors[i], c->factors[i + 1]);
        if (c->factors[i + 1] == 1)
            break;
    }
    printf(" }, {\n");
    for (i = 0; i < n; i++)
        printf("        { %af, %af },\n", c->twiddles[i].r, c->twiddles[i].i);
    printf("    }\n};\n");
    free(c);
    return 0;
}

int main(void)
{
    int failed = 0;

    printf("#include \"_kiss_fft_guts.h\"\n");
#define PRINT(n) failed |= print_configuration(n);
    SIZES(PRINT)
    return failed;
}

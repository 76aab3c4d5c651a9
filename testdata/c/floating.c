// Floating point beside static control: a polynomial with static coefficients.
//
// quasi: -e horner --static p=&cubic --static n=4
// quasi: -e horner --static n=2
// run: 2
// run: -1.5
// run: 1e30
#include <stdio.h>
#include <stdlib.h>

const double cubic[4] = { 1.0, 0.0, -2.5, 3.0 };

double horner(const double *p, int n, double x)
{
    double r = 0;
    for (int i = n - 1; i >= 0; i--)
        r = r * x + p[i];
    return n > 3 ? r : -r;
}

int main(int argc, char **argv)
{
    double x = argc > 1 ? strtod(argv[1], 0) : 0, own[2] = { x, 0.5 };
    printf("%.17g %.17g\n", horner(cubic, 4, x), horner(own, 2, x));
    printf("%d\n", (int)(horner(cubic, 3, 0.25) * 1000));
    return 0;
}

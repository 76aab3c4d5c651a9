// Complex numbers: structs of two numbers in registers, float pairs in vectors;
// static ones fold, and so does a polynomial in a static point.
//
// quasi: -e power --static n=6
// quasi: -e spiral --static steps=10
// run: 1 2
// run: -0.5 0.25
// run: 0 -3e20
// lacks: x float>|frem|fadd float
#include <stdio.h>
#include <stdlib.h>
#include <complex.h>

double _Complex power(double re, double im, int n)
{
    double _Complex r = 1, x = re + im * I, unit = I;
    for (int k = 0; k < n; k++)
        unit *= I;
    if (creal(unit) == 1)
        r = 2;
    while (n-- > 0)
        r *= x;
    return r;
}

static float _Complex turn(float _Complex z) { return z * (0.5f + 0.25f * I) + 1; }

float spiral(float x, int steps)
{
    float _Complex z = 1;
    for (int k = 0; k < steps; k++)
        z = turn(z);
    if (crealf(z) > 1.5f)
        return cimagf(z) * x;
    return crealf(z) - x;
}

int main(int argc, char **argv)
{
    double re = argc > 1 ? strtod(argv[1], 0) : 1, im = argc > 2 ? strtod(argv[2], 0) : 0;
    double _Complex p = power(re, im, 6);
    printf("%.17g %.17g %.9g\n", creal(p), cimag(p), spiral((float)re, 10));
    return 0;
}

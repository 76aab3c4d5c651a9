/* Inputs: points of the curve, some of them knots. */
#include "knots.h"
#include "subject.h"

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    (void)name;
    (void)i;
    if (random_below(r, 8) == 0)
        *(double *)in = knots_x[random_below(r, KNOTS)];
    else
        *(double *)in = knots_x[KNOTS - 1] * random_below(r, 1 << 30) / (1 << 30);
    return 1;
}

long bench_input(const char *name, int input, void *in)
{
    static const double at[] = { 0.25, 4.5, 9.75 };

    (void)name;
    *(double *)in = at[input];
    return 1;
}

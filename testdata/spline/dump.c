/*
 * Prints static.h: the coefficients that gsl_interp_init makes of the knots, and
 * for handwritten.c what they come to, in gsl's order of operations.
 */
#include "knots.h"

#include <stdio.h>

int main(void)
{
    gsl_interp *interp = gsl_interp_alloc(gsl_interp_cspline, KNOTS);
    const struct state *s;
    int i;

    if (!interp || gsl_interp_init(interp, knots_x, knots_y, KNOTS) != 0)
        return 1;
    s = interp->state;
    printf("static const double coefficients[KNOTS] = {\n");
    for (i = 0; i < KNOTS; i++)
        printf("    %a,\n", s->c[i]);
    printf("};\n\nstatic const struct piece pieces[KNOTS] = {\n");
    for (i = 0; i < KNOTS - 1; i++) {
        double dx = knots_x[i + 1] - knots_x[i], dy = knots_y[i + 1] - knots_y[i], c = s->c[i], next = s->c[i + 1];

        printf("    { %a, %a, %a, %a, %a },\n", knots_x[i], knots_y[i], dy / dx - dx * (next + 2.0 * c) / 3.0, c,
               (next - c) / (3.0 * dx));
    }
    printf("    { __builtin_inf() },\n};\n");
    gsl_interp_free(interp);
    return 0;
}

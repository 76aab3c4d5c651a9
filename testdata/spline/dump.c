/* Prints static.h: the coefficients that gsl_interp_init makes of the knots. */
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
    printf("};\n");
    gsl_interp_free(interp);
    return 0;
}

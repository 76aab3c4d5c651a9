/* The knots of the curve, and what gsl keeps of a cubic spline. */
#ifndef KNOTS_H
#define KNOTS_H

#include <gsl/gsl_interp.h>

enum { KNOTS = 16 };

static const double knots_x[KNOTS] = { 0, 0.5, 1, 1.75, 2, 3, 3.5, 4, 5, 5.5, 6, 7.25, 8, 8.5, 9, 10 };
static const double knots_y[KNOTS] = { 0, 0.48, 0.84, 0.98, 0.91, 0.14, -0.35, -0.76, -0.96, -0.71, -0.28, 0.82, 0.99, 0.8, 0.41, -0.54 };

/* cspline_state_t of interpolation/cspline.c. */
struct state {
    double *c, *g, *diag, *offdiag;
};

/* A polynomial: the knot that it begins at, the value there, and its coefficients. */
struct piece {
    double x, y, b, c, d;
};

#endif

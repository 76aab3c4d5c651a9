/* Inputs: rays from round the viewer's place, ahead and sideways. */
#include "subject.h"
#include "trace.h"

#include <math.h>

static long ray(void *in, struct vector from, struct vector to)
{
    struct vector *r = in;
    double length = sqrt(to.x * to.x + to.y * to.y + to.z * to.z);

    r[0] = from;
    r[1] = (struct vector){ to.x / length, to.y / length, to.z / length };
    return 1;
}

static double number(struct random *r, double lo, double hi)
{
    return lo + (hi - lo) * random_below(r, 1 << 20) / (1 << 20);
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    struct vector from = { number(r, -1, 1), number(r, 0.5, 2), number(r, -2, 0) };
    struct vector to = { number(r, -1, 1), number(r, -1, 1), number(r, 0.1, 1) };

    (void)name;
    (void)i;
    return ray(in, from, to);
}

long bench_input(const char *name, int input, void *in)
{
    static const struct vector to[] = { { 0, 0.02, 1 }, { 0.9, -0.6, 1 }, { 0, 2, 1 } };

    (void)name;
    return ray(in, (struct vector){ 0, 1, 0 }, to[input]);
}

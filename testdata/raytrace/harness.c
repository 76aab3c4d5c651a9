/* The case: a ray in the one scene. */
#include "trace.h"

static const struct object objects[] = {
    { PLANE, { 0, 1, 0 }, 0, { 0.9, 0.9, 0.8 }, 0, 1 },
    { SPHERE, { 0, 1, 5 }, 1, { 1, 0.2, 0.2 }, 0.4, 0 },
    { SPHERE, { 2, 1, 6 }, 1, { 0.2, 1, 0.2 }, 0.2, 0 },
    { SPHERE, { -2, 1.5, 7 }, 1.5, { 0.2, 0.3, 1 }, 0.5, 0 },
    { SPHERE, { 0.5, 0.4, 3 }, 0.4, { 1, 1, 0.3 }, 0, 0 },
    { PLANE, { 0, 0, -1 }, -12, { 0.5, 0.5, 0.6 }, 0.1, 0 },
};

static const struct scene scene = { objects, 6, { 0.48, 0.64, -0.6 }, { 0.5, 0.7, 1 }, 3 };

struct ray {
    struct vector from, to;
};

long colour(const void *in, long n, void *out)
{
    const struct ray *r = in;

    (void)n;
    *(struct vector *)out = trace(&scene, r->from, r->to, 0);
    return sizeof(struct vector);
}

/* Follows rays; see trace.h. */
#include "trace.h"

#include <math.h>

#define NEAREST 1e-6
#define FARTHEST 1e9

static struct vector add(struct vector a, struct vector b)
{
    return (struct vector){ a.x + b.x, a.y + b.y, a.z + b.z };
}

static struct vector scale(struct vector a, double f) { return (struct vector){ a.x * f, a.y * f, a.z * f }; }

static double dot(struct vector a, struct vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

/* How far along the ray the object is, FARTHEST if it is not hit. */
static double distance(const struct object *o, struct vector from, struct vector to)
{
    double b, d, t;

    switch (o->kind) {
    case SPHERE: {
        struct vector v = add(from, scale(o->at, -1));

        b = dot(v, to);
        d = b * b - dot(v, v) + o->size * o->size;
        if (d < 0)
            return FARTHEST;
        d = sqrt(d);
        t = -b - d;
        if (t < NEAREST)
            t = -b + d;
        break;
    }
    case PLANE:
        d = dot(o->at, to);
        if (fabs(d) < NEAREST)
            return FARTHEST;
        t = (o->size - dot(o->at, from)) / d;
        break;
    default: return FARTHEST;
    }
    return t < NEAREST ? FARTHEST : t;
}

static struct vector normal(const struct object *o, struct vector at)
{
    if (o->kind == PLANE)
        return o->at;
    return scale(add(at, scale(o->at, -1)), 1 / o->size);
}

static struct vector surface(const struct object *o, struct vector at)
{
    if (o->chequered && (((int)floor(at.x) + (int)floor(at.z)) & 1))
        return scale(o->colour, 0.25);
    return o->colour;
}

static int shadowed(const struct scene *s, struct vector at)
{
    int i;

    for (i = 0; i < s->nr_objects; i++)
        if (distance(&s->objects[i], at, s->light) < FARTHEST)
            return 1;
    return 0;
}

struct vector trace(const struct scene *s, struct vector from, struct vector to, int depth)
{
    const struct object *hit = 0;
    struct vector at, n, colour;
    double nearest = FARTHEST, bright;
    int i;

    for (i = 0; i < s->nr_objects; i++) {
        double t = distance(&s->objects[i], from, to);

        if (t < nearest) {
            nearest = t;
            hit = &s->objects[i];
        }
    }
    if (!hit)
        return s->sky;
    at = add(from, scale(to, nearest));
    n = normal(hit, at);
    bright = dot(n, s->light);
    if (bright < 0 || shadowed(s, at))
        bright = 0;
    colour = scale(surface(hit, at), 0.2 + 0.8 * bright);
    if (hit->mirror > 0 && depth < s->depth) {
        struct vector r = add(to, scale(n, -2 * dot(n, to)));

        colour = add(scale(colour, 1 - hit->mirror), scale(trace(s, at, r, depth + 1), hit->mirror));
    }
    return colour;
}

/*
 * The ray tracer as a C programmer would write it for this scene: its objects in
 * the code, and a loop in place of the recursion. The order of operations is
 * trace.c's, so the results are the same, but for the signs of zeros.
 */
#include "trace.h"

#include <math.h>

#define INLINE static inline __attribute__((always_inline))
#define NEAREST 1e-6
#define FARTHEST 1e9

enum { DEPTH = 3 };

/* The objects, in the order in which the first of several at one distance wins. */
enum { FLOOR, RED, GREEN, BLUE, YELLOW, WALL, SKY };

typedef struct vector vector;

static const vector light = { 0.48, 0.64, -0.6 };

INLINE vector add(vector a, vector b) { return (vector){ a.x + b.x, a.y + b.y, a.z + b.z }; }

INLINE vector sub(vector a, vector b) { return (vector){ a.x - b.x, a.y - b.y, a.z - b.z }; }

INLINE vector scale(vector a, double f) { return (vector){ a.x * f, a.y * f, a.z * f }; }

INLINE double dot(vector a, vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

INLINE double ahead(double t) { return t < NEAREST ? FARTHEST : t; }

INLINE double sphere(vector at, double radius, vector from, vector to)
{
    vector v = sub(from, at);
    double b = dot(v, to), d = b * b - dot(v, v) + radius * radius, root;

    if (d < 0)
        return FARTHEST;
    root = sqrt(d);
    return ahead(-b - root < NEAREST ? -b + root : -b - root);
}

static const vector red = { 0, 1, 5 }, green = { 2, 1, 6 }, blue = { -2, 1.5, 7 }, yellow = { 0.5, 0.4, 3 };

#define RED_RADIUS 1
#define GREEN_RADIUS 1
#define BLUE_RADIUS 1.5
#define YELLOW_RADIUS 0.4

INLINE double to_floor(vector from, vector to) { return fabs(to.y) < NEAREST ? FARTHEST : ahead(-from.y / to.y); }

INLINE double to_wall(vector from, vector to) { return fabs(to.z) < NEAREST ? FARTHEST : ahead((12 - from.z) / to.z); }

INLINE int hits(vector from, vector to, double *t)
{
    int hit = SKY;
    double d;

    *t = FARTHEST;
#define TRY(object, distance)                                                                                          \
    if ((d = distance) < *t)                                                                                           \
        *t = d, hit = object;
    TRY(FLOOR, to_floor(from, to))
    TRY(RED, sphere(red, RED_RADIUS, from, to))
    TRY(GREEN, sphere(green, GREEN_RADIUS, from, to))
    TRY(BLUE, sphere(blue, BLUE_RADIUS, from, to))
    TRY(YELLOW, sphere(yellow, YELLOW_RADIUS, from, to))
    TRY(WALL, to_wall(from, to))
#undef TRY
    return hit;
}

INLINE int shadowed(vector at)
{
    return to_floor(at, light) < FARTHEST || sphere(red, RED_RADIUS, at, light) < FARTHEST ||
           sphere(green, GREEN_RADIUS, at, light) < FARTHEST || sphere(blue, BLUE_RADIUS, at, light) < FARTHEST ||
           sphere(yellow, YELLOW_RADIUS, at, light) < FARTHEST || to_wall(at, light) < FARTHEST;
}

INLINE vector on_floor(vector at)
{
    vector colour = { 0.9, 0.9, 0.8 };

    return ((int)floor(at.x) + (int)floor(at.z)) & 1 ? scale(colour, 0.25) : colour;
}

long colour(const void *in, long n, void *out)
{
    struct {
        vector from, to;
    } ray = *(const __typeof__(ray) *)in;
    struct {
        vector colour;
        double mirror;
    } seen[DEPTH];
    vector c;
    int depth = 0;

    (void)n;
    for (;;) {
        vector at, normal;
        double t, bright, mirror;
        int hit = hits(ray.from, ray.to, &t);

        if (hit == SKY) {
            c = (vector){ 0.5, 0.7, 1 };
            break;
        }
        at = add(ray.from, scale(ray.to, t));
        switch (hit) {
        case FLOOR: normal = (vector){ 0, 1, 0 }, c = on_floor(at), mirror = 0; break;
        case RED:
            normal = scale(sub(at, red), 1 / (double)RED_RADIUS), c = (vector){ 1, 0.2, 0.2 }, mirror = 0.4;
            break;
        case GREEN:
            normal = scale(sub(at, green), 1 / (double)GREEN_RADIUS), c = (vector){ 0.2, 1, 0.2 }, mirror = 0.2;
            break;
        case BLUE: normal = scale(sub(at, blue), 1 / BLUE_RADIUS), c = (vector){ 0.2, 0.3, 1 }, mirror = 0.5; break;
        case YELLOW: normal = scale(sub(at, yellow), 1 / YELLOW_RADIUS), c = (vector){ 1, 1, 0.3 }, mirror = 0; break;
        default: normal = (vector){ 0, 0, -1 }, c = (vector){ 0.5, 0.5, 0.6 }, mirror = 0.1; break;
        }
        bright = dot(normal, light);
        if (bright < 0 || shadowed(at))
            bright = 0;
        c = scale(c, 0.2 + 0.8 * bright);
        if (mirror == 0 || depth == DEPTH)
            break;
        seen[depth].colour = scale(c, 1 - mirror);
        seen[depth++].mirror = mirror;
        ray.from = at;
        ray.to = add(ray.to, scale(normal, -2 * dot(normal, ray.to)));
    }
    while (depth-- > 0)
        c = add(seen[depth].colour, scale(c, seen[depth].mirror));
    *(vector *)out = c;
    return sizeof(vector);
}

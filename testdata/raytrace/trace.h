/* A scene of spheres and planes, and the colour that a ray brings back from it. */
#ifndef TRACE_H
#define TRACE_H

struct vector {
    double x, y, z;
};

enum kind { SPHERE, PLANE };

struct object {
    enum kind kind;
    struct vector at; /* centre; of a plane its normal */
    double size;      /* radius; of a plane its distance from the origin */
    struct vector colour;
    double mirror; /* how much of the light is reflected, 0 to 1 */
    int chequered;
};

struct scene {
    const struct object *objects;
    int nr_objects;
    struct vector light; /* direction to it, of length 1 */
    struct vector sky;
    int depth; /* reflections that are followed */
};

struct vector trace(const struct scene *s, struct vector from, struct vector to, int depth);

#endif

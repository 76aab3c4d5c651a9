// Structs passed and returned by value, small (in registers) and large (in
// memory).
//
// quasi: -e blend --static k=3
// quasi: -e main
// run: 1 2 3
// run: -5 100 3
// run: 4 4 1
#include <stdio.h>
#include <stdlib.h>

struct point {
    int x, y;
};

struct box {
    struct point corner[2];
    long area;
    char name[12];
};

static struct point add(struct point a, struct point b)
{
    struct point r = { a.x + b.x, a.y + b.y };
    return r;
}

static struct box around(struct point a, struct point b)
{
    struct box r = { { a, b }, 0, "box" };
    r.area = (long)(b.x - a.x) * (b.y - a.y);
    if (r.area < 0)
        r.name[0] = 'n';
    return r;
}

struct box blend(struct box b, struct point p, int k)
{
    for (int i = 0; i < k; i++)
        b.corner[i % 2] = add(b.corner[i % 2], p);
    struct box r = around(b.corner[0], b.corner[1]);
    r.area += b.area;
    return r;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    struct point a = { atoi(argv[1]), atoi(argv[2]) }, o = { 0, 0 };
    struct box b = blend(around(o, a), a, atoi(argv[3]));
    printf("%d,%d %d,%d %ld %s\n", b.corner[0].x, b.corner[0].y, b.corner[1].x, b.corner[1].y, b.area, b.name);
    return 0;
}

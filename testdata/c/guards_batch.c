// Neighbouring writes to one instance, which have one guard around all of them, and
// neighbours that must not: something between them calls the variant, or is volatile.
//
// quasi: -e area --when 'b != 0' --when 'b->w == b->h' --guards=table --check-guards
// quasi: -e area --when 'b != 0' --when 'b->w + b->w == b->h + b->d' --when 'b->d > 0' --guards=table --check-guards
// run: 1
// run: 4
#include <stdio.h>
#include <stdlib.h>

struct box {
    long w, h, d;
    int tag;
} box, spare, *b = &box;

static volatile int tick;
static unsigned sum;

long area(long x)
{
    if (b->w == b->h)
        return x * b->w + b->d;
    return x * b->w - b->h;
}

/* The quasi-invariant does not hold between the writes, but after them. */
static void grow(struct box *p, long by)
{
    p->w += by;
    p->h += by;
    p->d += by;
}

static void skew(struct box *p, long by)
{
    p->h = by;
    p->tag++;
    p->w = p->h;
}

static void between(struct box *p, long by)
{
    p->w = by;
    sum = sum * 31 + area(1);
    p->h = by;
    tick++;
    p->d = by;
}

static void two(struct box *p, struct box *q, long by)
{
    p->w = by;
    q->w = by + 1;
    p->h = by;
    q->h = by + 1;
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? atol(argv[1]) : 0;
    grow(b, 4);
    for (int i = 0; i < 40; i++) {
        sum = sum * 31 + area(i);
        grow(b, n);
        sum = sum * 31 + area(i);
        skew(b, i);
        sum = sum * 31 + area(i);
        between(b, n + i);
        sum = sum * 31 + area(i);
        two(b, &spare, i);
        sum = sum * 31 + area(i);
        two(&spare, b, i);
        sum = sum * 31 + area(i);
        b->w++;
        sum = sum * 31 + area(i);
        b->w--;
    }
    printf("%u %ld %ld %ld %d %d\n", sum, box.w, box.h, box.d, box.tag, tick);
    return 0;
}

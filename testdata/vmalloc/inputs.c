/* Inputs: steps on few or many blocks, more than fit in the region at times. */
#include "blocks.h"
#include "subject.h"

#include <string.h>

static long fill(struct random *r, struct steps *s, unsigned n, unsigned blocks)
{
    unsigned i;

    for (i = 0; i < n; i++)
        s->blocks[i] = (uint16_t)random_below(r, blocks);
    return n;
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    unsigned blocks = 1 + random_below(r, i % 8 == 0 ? MAX_BLOCKS : 100);

    if (strncmp(name, "mixed", 5) != 0)
        return blocks;
    return fill(r, in, random_below(r, i % 8 == 0 ? MAX_STEPS : 300), blocks);
}

long bench_input(const char *name, int input, void *in)
{
    struct random r = { 1 };

    (void)input;
    if (strncmp(name, "mixed", 5) != 0)
        return 100;
    return fill(&r, in, 1000, 64);
}

/* The cases: blocks of one size, from a region of its own. */
#include "blocks.h"

#include "vmbest.c" /* its functions are its own */

/* What the blocks are in. */
static _Alignas(16) char arena[ARENA];

static Vmdata_t data = { .mode = VM_MTBEST, .incr = 1 << 10 };

/* A discipline's memory: the arena, as much of it as is wanted; nothing if that is too much. */
static void *memory(Vmalloc_t *vm, void *at, size_t old, size_t size, Vmdisc_t *disc)
{
    (void)vm;
    (void)disc;
    return size <= ARENA && old <= size && (at || !data.seg) ? arena : NULL;
}

/* The region, laid out as the library lays out that of its heap. */
static const Vmdisc_t discipline = { memory, NULL, 0 };
static const Vmalloc_t region = {
    .meth = { bestalloc, bestresize, bestfree, bestaddr, bestsize, bestcompact, bestalign, VM_MTBEST },
    .disc = (Vmdisc_t *)&discipline,
    .data = &data,
};

/* Where a block is; -1 if there is none. */
static inline int32_t place(const char *block) { return block ? (int32_t)(block - arena) : -1; }

/* Allocates and frees a block, n times. */
long pair(const void *in, long n, void *out)
{
    int32_t *places = out;
    long i;

    (void)in;
    for (i = 0; i < n; i++) {
        void *block = vmalloc(&region, SMALL);

        places[i] = place(block);
        vmfree(&region, block);
    }
    return n * (long)sizeof *places;
}

/* Allocates n blocks, then frees them. */
long batch(const void *in, long n, void *out)
{
    static void *blocks[MAX_BLOCKS];
    int32_t *places = out;
    long i;

    (void)in;
    for (i = 0; i < n; i++) {
        blocks[i] = vmalloc(&region, SMALL);
        places[i] = place(blocks[i]);
    }
    for (i = 0; i < n; i++)
        vmfree(&region, blocks[i]);
    return n * (long)sizeof *places;
}

/* Allocates and frees blocks as n steps say, then frees what is left. */
static inline long steps(const struct steps *s, long n, int32_t *places, size_t size)
{
    static void *blocks[MAX_BLOCKS];
    long i;

    for (i = 0; i < n; i++) {
        void **block = &blocks[s->blocks[i]];

        if (*block) {
            places[i] = vmfree(&region, *block);
            *block = NULL;
        } else {
            *block = vmalloc(&region, size);
            places[i] = place(*block);
        }
    }
    for (i = 0; i < n; i++) {
        void **block = &blocks[s->blocks[i]];

        vmfree(&region, *block);
        *block = NULL;
    }
    return n * (long)sizeof *places;
}

long mixed(const void *in, long n, void *out) { return steps(in, n, out, SMALL); }

long mixed_large(const void *in, long n, void *out) { return steps(in, n, out, LARGE); }

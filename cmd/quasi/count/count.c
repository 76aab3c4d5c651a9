/*
 * Counts how often each block is executed, by the variant of a division that
 * it is executed under. Linked to the program that compare_count.go prepares.
 *
 * A context is 0 outside of what is specialized, 1 in generic code that
 * specialized code calls, and from 2 on a variant. The file that
 * $QUASI_COUNT_TABLE names says what a call leads to:
 *
 *     contexts blocks specializations transitions
 *     context                     of each specialization
 *     context site function context      of each transition, in ascending order
 *
 * At exit, lines "context block count" go to the file $QUASI_COUNT_OUT.
 */
#include <stdio.h>
#include <stdlib.h>

struct transition {
    long key[3]; /* context, site, function */
    long to;
};

static long contexts, blocks, entries, transitions;
static long *entry;
static struct transition *table;
static unsigned long *counts;

/* What the last call was, and which specialization holds where it leads to. */
static _Thread_local long call_context, call_site, chosen = -1;

static void fail(const char *what)
{
    fprintf(stderr, "count: %s\n", what);
    _Exit(120);
}

static void *allocate(long n, size_t size)
{
    void *p = calloc((size_t)(n > 0 ? n : 1), size);

    if (!p)
        fail("out of memory");
    return p;
}

__attribute__((constructor)) static void read_table(void)
{
    const char *name = getenv("QUASI_COUNT_TABLE");
    FILE *f = name ? fopen(name, "r") : NULL;
    long i;

    if (!f || fscanf(f, "%ld %ld %ld %ld", &contexts, &blocks, &entries, &transitions) != 4)
        fail("no table");
    entry = allocate(entries, sizeof entry[0]);
    table = allocate(transitions, sizeof table[0]);
    counts = allocate(contexts * blocks, sizeof counts[0]);
    for (i = 0; i < entries; i++)
        if (fscanf(f, "%ld", &entry[i]) != 1)
            fail("the table is cut");
    for (i = 0; i < transitions; i++) {
        struct transition *t = &table[i];

        if (fscanf(f, "%ld %ld %ld %ld", &t->key[0], &t->key[1], &t->key[2], &t->to) != 4)
            fail("the table is cut");
    }
    fclose(f);
}

__attribute__((destructor)) static void write_counts(void)
{
    const char *name = getenv("QUASI_COUNT_OUT");
    FILE *f = name ? fopen(name, "w") : NULL;
    long c, b;

    if (!f)
        fail("cannot write the counts");
    for (c = 0; c < contexts; c++)
        for (b = 0; b < blocks; b++)
            if (counts[c * blocks + b])
                fprintf(f, "%ld %ld %lu\n", c, b, counts[c * blocks + b]);
    if (fclose(f) != 0)
        fail("cannot write the counts");
}

static int compare(const void *a, const void *b)
{
    const long *x = a;
    const struct transition *t = b;
    int i;

    for (i = 0; i < 3; i++)
        if (x[i] != t->key[i])
            return x[i] < t->key[i] ? -1 : 1;
    return 0;
}

/* Before every call. */
void quasi_count_call(long context, long site)
{
    call_context = context;
    call_site = site;
}

/* In a dispatcher, before the function whose quasi-invariants hold. */
void quasi_count_choose(long specialization) { chosen = specialization; }

/* At the beginning of every function: its context. */
long quasi_count_enter(long function)
{
    long key[3] = { call_context, call_site, function };
    long holds = chosen;
    struct transition *t = bsearch(key, table, (size_t)transitions, sizeof table[0], compare);

    chosen = -1;
    if (t)
        return t->to;
    if (holds >= 0)
        return entry[holds];
    return call_context != 0;
}

static int paused;

/* By a driver, round calls that are to be left out. */
void quasi_count_pause(int on) { paused = on; }

/* At the beginning of every block. */
void quasi_count_block(long context, long block)
{
    if (context && !paused)
        counts[context * blocks + block]++;
}

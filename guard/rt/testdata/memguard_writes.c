/*
 * memguard_writes.c: every kind of instruction, at every kind of place, in each of some threads.
 *
 *     memguard_writes THREADS
 */
#include "memguard_check.h"

enum { PAGES = 6 };

static unsigned long runs;

/* with runs the instruction at offset with these terms, sorted, besides two that keep pages 2 and 3 guarded. */
static void with(struct place *p, unsigned insn, size_t offset, uint64_t *seed, const struct known_term *terms, unsigned n,
                 const char *source)
{
    struct io io;
    for (unsigned i = 0; i < n; i++)
        must(quasi_memguard_protect(terms[i].addr, terms[i].size, insns[insn].name), insns[insn].name);
    p->terms = (struct known_term *)terms;
    p->n = n;
    for (unsigned i = 0; i < 3; i++) {
        randomize(&io, seed, source);
        run_insn(p, insn, offset, &io);
        __atomic_fetch_add(&runs, 1, __ATOMIC_RELAXED);
    }
    for (unsigned i = 0; i < n; i++)
        must(quasi_memguard_release(terms[i].addr), insns[insn].name);
}

static void at_place(struct place *p, unsigned insn, size_t offset, uint64_t *seed, const char *source)
{
    struct io io;
    uint64_t bytes;
    randomize(&io, seed, source);
    unsigned size = extent(insn, &io, &bytes);
    if (size < 1)
        size = 1;
    char *at = p->guarded + offset;
    const struct known_term whole[] = { { at, size } }, sides[] = { { at - 8, 8 }, { at + 64 + size, 8 } },
                            ends[] = { { at - 5, 6 }, { at + size - 1, 7 } }, inside[] = { { at + size / 3, (size + 2) / 3 } },
                            large[] = { { at - 40, size + 80 } };
    with(p, insn, offset, seed, whole, 1, source);
    with(p, insn, offset, seed, sides, 2, source);
    with(p, insn, offset, seed, ends, size > 1 ? 2 : 1, source);
    with(p, insn, offset, seed, inside, 1, source);
    with(p, insn, offset, seed, large, 1, source);
}

static void *all(void *arg)
{
    struct place place = { .size = PAGES * PAGE, .high = PAGES * PAGE, .thread = gettid() }, *p = &place;
    uint64_t seed = 88172645463325252ull + (uintptr_t)arg;
    current = p;
    p->guarded = pages(p->size);
    p->copy = pages(p->size);
    char *source = pages(PAGE);
    for (size_t i = 0; i < p->size; i++)
        p->copy[i] = p->guarded[i] = (char)next_random(&seed);
    for (unsigned i = 0; i < PAGE; i++)
        source[i] = (char)next_random(&seed);
    must(quasi_memguard_protect(p->guarded + 2 * PAGE + 2000, 1, "keeps page 2"), "page 2");
    must(quasi_memguard_protect(p->guarded + 3 * PAGE + 2000, 1, "keeps page 3"), "page 3");
    for (unsigned insn = 0; insn < INSNS; insn++) {
        if ((insns[insn].flags & LEVEL) > memguard_level)
            continue;
        unsigned step = alignment(insn);
        for (unsigned page = 2; page <= 4; page++) { /* on a page, and across its beginning */
            static const int offsets[] = { 1024, 1027, 1057, -1, -2, -3, -4, -5, -7, -8, -9, -15, -16, -30, -31, -32, -60, -63 };
            for (unsigned i = 0; i < sizeof offsets / sizeof *offsets; i++) {
                size_t offset = page * PAGE + offsets[i];
                if (offset % step || (page == 4 && offsets[i] > 0))
                    continue;
                if ((insns[insn].flags & UNSPECIFIED) && offsets[i] < 0) /* a write of two reports, perhaps */
                    continue;
                at_place(p, insn, offset, &seed, source + 128 + next_random(&seed) % 100);
            }
        }
    }
    if (!p->reported)
        fail("nothing was ever reported", "all", p);
    must(quasi_memguard_release(p->guarded + 2 * PAGE + 2000), "release");
    must(quasi_memguard_release(p->guarded + 3 * PAGE + 2000), "release");
    return (void *)p->reported;
}

int main(int argc, char **argv)
{
    long threads = argc > 1 ? atoi(argv[1]) : 1;
    unsigned long reported = 0;
    pthread_t t[16];
    find_level();
    must(quasi_memguard_enable(), "enable");
    quasi_memguard_on_hit(on_hit, NULL);
    for (long i = 0; i < threads; i++)
        pthread_create(&t[i], NULL, all, (void *)i);
    for (long i = 0; i < threads; i++) {
        void *n;
        pthread_join(t[i], &n);
        reported += (unsigned long)n;
    }
    must(quasi_memguard_disable(), "disable");
    printf("ok: %d kinds of instruction, %lu runs, %lu reported\n", INSNS, runs, reported);
    return 0;
}

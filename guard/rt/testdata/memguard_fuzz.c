/*
 * memguard_fuzz.c: random writes against a copy.
 *
 *     memguard_fuzz THREADS WRITES SEED
 *
 * Threads write to stripes of their own, which share pages, and make and release terms
 * there; every write is compared with a copy, and every hit with what it should be.
 * Besides they all count in one word of the same pages, by locked instructions.
 */
#include "memguard_check.h"

enum { PAGES = 14, STRIPE = 256, BEGIN = PAGE + 128, MOST_TERMS = 48, EVERY = 150 };

static char *guarded, *copy;
static unsigned threads;
static unsigned long writes, counted;
static uint64_t seed0;
static uint64_t *counter;

static int by_address(const void *a, const void *b)
{
    const struct known_term *s = a, *t = b;
    return s->addr < t->addr ? -1 : s->addr > t->addr;
}

/* stripe is one of the thread's, chosen at random: its offset. */
static size_t stripe(unsigned thread, uint64_t *seed)
{
    unsigned n = (PAGES - 2) * PAGE / STRIPE - 1;
    return BEGIN + (next_random(seed) % (n / threads) * threads + thread) * STRIPE;
}

/* change_terms makes a term or releases one. */
static void change_terms(struct place *p, unsigned thread, uint64_t *seed)
{
    if (p->n == MOST_TERMS || (p->n && next_random(seed) % 3 == 0)) {
        unsigned i = next_random(seed) % p->n;
        must(quasi_memguard_release(p->terms[i].addr), "release");
        p->terms[i] = p->terms[--p->n];
    } else {
        size_t at = stripe(thread, seed), size = 1 + next_random(seed) % 40, from = next_random(seed) % (STRIPE - size);
        struct known_term t = { guarded + at + from, next_random(seed) % 20 ? size : STRIPE - from };
        int error = quasi_memguard_protect(t.addr, t.size, "fuzz"), overlaps = 0;
        for (unsigned i = 0; i < p->n; i++)
            if (t.addr < p->terms[i].addr + p->terms[i].size && p->terms[i].addr < t.addr + t.size)
                overlaps = 1;
        if (overlaps != (error == QUASI_MEMGUARD_OVERLAPS || error == QUASI_MEMGUARD_PROTECTED) || (error && !overlaps))
            fail(quasi_memguard_error(error), "protect", t.addr);
        if (error)
            return;
        p->terms[p->n++] = t;
    }
    qsort(p->terms, p->n, sizeof *p->terms, by_address);
}

static void count(struct place *p)
{
    p->hits = 0;
    uint64_t was = __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST), before, after;
    memcpy(&before, p->got[0].before, 8);
    memcpy(&after, p->got[0].after, 8);
    if (p->hits != 1 || before != was || after != was + 1 || p->got[0].addr != counter)
        fail("wrong count", "lock xadd", counter);
    __atomic_fetch_add(&counted, 1, __ATOMIC_RELAXED);
}

static void *work(void *arg)
{
    unsigned thread = (unsigned)(uintptr_t)arg;
    struct known_term terms[MOST_TERMS];
    struct place place = { .size = PAGES * PAGE, .guarded = guarded, .copy = copy, .terms = terms, .thread = gettid() };
    uint64_t seed = seed0 * 1000003 + thread * 7919 + 1;
    char source[256];
    unsigned long reported = 0;
    current = &place;
    for (unsigned i = 0; i < sizeof source; i++)
        source[i] = (char)next_random(&seed);
    for (unsigned long n = 0; n < writes / threads;) {
        if (n % EVERY == 0)
            change_terms(&place, thread, &seed);
        unsigned insn = next_random(&seed) % INSNS;
        struct io io;
        uint64_t bytes;
        randomize(&io, &seed, source + next_random(&seed) % 100);
        unsigned size = extent(insn, &io, &bytes);
        place.low = stripe(thread, &seed);
        place.high = place.low + STRIPE;
        size_t offset;
        if (place.n && next_random(&seed) % 2) { /* at a term */
            const struct known_term *t = &terms[next_random(&seed) % place.n];
            offset = t->addr - guarded + next_random(&seed) % (t->size + 40) - 20;
            place.low = (offset - BEGIN) / STRIPE * STRIPE + BEGIN;
            place.high = place.low + STRIPE;
            if (((place.low - BEGIN) / STRIPE) % threads != thread)
                continue;
        } else {
            offset = place.low + next_random(&seed) % STRIPE;
        }
        offset -= offset % alignment(insn);
        /* some read a little before, or after, what they write */
        if (offset < place.low + 8 || offset + size + 24 > place.high || (insns[insn].flags & LEVEL) > memguard_level)
            continue;
        n++;
        run_insn(&place, insn, offset, &io);
        if (n % 16 == 0)
            count(&place);
    }
    reported = place.reported;
    while (place.n)
        must(quasi_memguard_release(terms[--place.n].addr), "release");
    return (void *)reported;
}

int main(int argc, char **argv)
{
    unsigned long reported = 0;
    pthread_t t[16];
    threads = argc > 1 ? atoi(argv[1]) : 1;
    writes = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
    seed0 = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;
    find_level();
    guarded = pages(PAGES * PAGE);
    copy = pages(PAGES * PAGE);
    for (size_t i = 0; i < PAGES * PAGE; i++)
        copy[i] = guarded[i] = (char)(i * 7 + i / 300);
    counter = (uint64_t *)(guarded + BEGIN - 16);
    *counter = 0;
    must(quasi_memguard_enable(), "enable");
    quasi_memguard_on_hit(on_hit, NULL);
    must(quasi_memguard_protect(counter, 8, "counter"), "protect");
    for (unsigned long i = 0; i < threads; i++)
        pthread_create(&t[i], NULL, work, (void *)i);
    for (unsigned i = 0; i < threads; i++) {
        void *n;
        pthread_join(t[i], &n);
        reported += (unsigned long)n;
    }
    if (*counter != counted)
        fail("lost counts", "lock xadd", counter);
    memcpy(copy + ((char *)counter - guarded), counter, 8);
    if (memcmp(copy, guarded, PAGES * PAGE))
        fail("memory differs at the end", "all", guarded);
    must(quasi_memguard_disable(), "disable");
    printf("ok: %lu writes, %lu reported, %lu counted\n", writes, reported, counted);
    return 0;
}

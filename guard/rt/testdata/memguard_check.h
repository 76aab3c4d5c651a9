/*
 * memguard_check.h: an instruction is run on guarded memory and on a copy, and what
 * MemGuard has reported is compared with what the copy shows.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "../quasi.h"
#include "memguard_insns.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

struct known_term {
    char *addr;
    size_t size;
};

/* What one thread works on. */
struct place {
    char *guarded, *copy; /* the same contents */
    size_t size;
    size_t low, high; /* what others leave alone */
    struct known_term *terms; /* sorted */
    unsigned n;
    int thread;
    struct quasi_memguard_hit got[80];
    unsigned hits;
    unsigned long reported;
};

static void fail(const char *what, const char *insn, const void *at)
{
    printf("FAIL: %s: %s at %p\n", insn, what, at);
    fflush(stdout);
    _exit(1);
}

static _Thread_local struct place *current __attribute__((tls_model("initial-exec")));

static void on_hit(const struct quasi_memguard_hit *h, void *data)
{
    (void)data;
    struct place *p = current;
    if (!p || h->thread != p->thread)
        fail("hit of another thread", h->term, h->addr);
    if (p->hits < sizeof p->got / sizeof *p->got)
        p->got[p->hits] = *h;
    p->hits++;
}

/* check_hits compares with the expected ones. */
static void check_hits(struct place *p, unsigned insn, char *at, unsigned size, uint64_t bytes, const char *before,
                       uintptr_t from, uintptr_t to)
{
    unsigned n = 0;
    const char *name = insns[insn].name;
    for (unsigned i = 0; i < p->n; i++) {
        const struct known_term *t = &p->terms[i];
        if (t->addr >= at + size || t->addr + t->size <= at)
            continue;
        char *lo = NULL, *hi = NULL;
        for (char *b = t->addr; b < t->addr + t->size; b++)
            if (b >= at && b < at + size && (b - at >= 64 || (bytes >> (b - at) & 1))) {
                lo = lo ? lo : b;
                hi = b + 1;
            }
        if (!lo)
            continue;
        const struct quasi_memguard_hit *h = &p->got[n++];
        if (n > p->hits)
            fail("not reported", name, lo);
        if (h->addr != lo || h->size != (size_t)(hi - lo) || h->term_addr != t->addr || h->term_size != t->size)
        {
            printf("got %p, %zu bytes of %p, %zu; want %p, %zu bytes of %p, %zu; %u reported\n", h->addr, h->size, h->term_addr,
                   h->term_size, (void *)lo, (size_t)(hi - lo), (void *)t->addr, t->size, p->hits);
            fail("reported elsewhere", name, lo);
        }
        size_t offset = lo - p->guarded, saved = hi - lo < 64 ? hi - lo : 64;
        if (h->saved != saved || memcmp(h->before, before + (lo - at), saved))
            fail("wrong old value", name, lo);
        if (memcmp(h->after, p->guarded + offset, saved))
            fail("wrong new value", name, lo);
        if ((uintptr_t)h->instruction < from || (uintptr_t)h->instruction >= to || h->kind != QUASI_MEMGUARD_USER)
            fail("wrong instruction", name, h->instruction);
    }
    if (n != p->hits)
        fail("reported more than once, or what was not written", name, at);
    p->reported += n;
}

/* run_insn does all of it; the copy's part first. */
static void run_insn(struct place *p, unsigned insn, size_t offset, struct io *io)
{
    const struct insn *in = &insns[insn];
    struct io copy_io = *io, guarded_io = *io;
    char before[1024];
    uint64_t bytes;
    unsigned size = extent(insn, io, &bytes);
    size_t around = offset > p->low + 64 ? 64 : offset - p->low;
    char *at = p->guarded + offset;
    memcpy(before, at, size);
    in->run(p->copy + offset, &copy_io);
    p->hits = 0;
    in->run(at, &guarded_io);
    if (in->flags & OWN_ADDRESS)
        memcpy(p->copy + offset, at, size);
    else if (in->flags & UNSPECIFIED)
        memcpy(p->copy + offset, at, size);
    else if (memcmp(&copy_io, &guarded_io, sizeof copy_io))
        fail("registers differ", in->name, at);
    size_t end = offset + size + 64 < p->high ? offset + size + 64 : p->high;
    if (memcmp(p->copy + offset - around, at - around, end - offset + around))
        fail("memory differs", in->name, at);
    check_hits(p, insn, at, size, bytes, before, (uintptr_t)in->run, (uintptr_t)in->run + 1024);
}

static void *pages(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (p == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return p;
}

static void must(int error, const char *what)
{
    if (error) {
        printf("FAIL: %s: %s\n", what, quasi_memguard_error(error));
        exit(1);
    }
}

/*
 * guards.c: variants are armed, looked up by guarded writes, unplugged.
 *
 * The protocol is the one of rules (G1) to (G7) of package guard. Three things
 * carry it:
 *
 *   - A guarded write is a section of its thread: nest is raised before the
 *     look-up and lowered after the write, by plain instructions in order. Who
 *     arms a variant binds its locations first, then runs membarrier, which is a
 *     full fence at some place in every other thread. A section that began after
 *     that place finds the locations; of the others nest tells, and arming waits
 *     for them, or gives up. With one listed thread there is nobody to wait for.
 *   - A variant's state changes by compare-and-swap from what it was when the
 *     evaluation began. Whoever unplugs in between, be it a signal handler of
 *     the very thread that evaluates, wins.
 *   - A signal handler can run while its thread has the lock. Its guarded writes
 *     cannot look up then: they unplug everything and leave word (dirty), at which
 *     the holder of the lock forgets all that is bound. Nobody ever waits for a
 *     lock that his own thread has.
 *
 * No lock is held while the program writes, and none while it runs.
 */
#define _GNU_SOURCE
#include "quasi.h"
#include "variant.h"

#include <errno.h>
#include <limits.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

enum { MOST_HELD = 64 };                               /* variants that a write can hold; others it violates */
enum { TERM_BIND, TERM_READ, TERM_VALUE };             /* of a variant's mode */
enum { SETTLE_LOOKS = 500 };                           /* at another thread's section before arming gives up */
enum { BACKOFF_MOST = 4096, BACKOFF_TICKS = 2000000 }; /* calls, and what is too short a life for a plugged variant */

#ifndef __clang__
#error "compiled programs call the run-time by a convention that clang alone knows"
#endif
/* Not for what returns a value: clang 14 restores the register of the result as well. */
#define FROM_IR __attribute__((preserve_most))
#define barrier() atomic_signal_fence(memory_order_seq_cst)

static struct quasi_variant *_Atomic variants; /* all that were ever armed; only grows */
static struct quasi_thread *threads;           /* listed ones */
static uint64_t bound;                         /* locations of all variants */
static atomic_int dirty;                       /* a handler has written while its thread had the lock */
static int backoff_on = 1;

#include "locations.h"
#include "threads.h"

/* forget unplugs v and binds nothing any more. The lock is held. */
static void forget(struct quasi_variant *v)
{
    unplug(v);
    while (v->bound) {
        v->bound--;
        unbind_location(&v->locations[v->bound]);
    }
    v->writer = NULL;
}

/* give_up is forget after a violation: the next arming has to wait. */
static void give_up(struct quasi_variant *v)
{
    forget(v);
    if (!backoff_on)
        return;
    if (__rdtsc() - v->since < BACKOFF_TICKS)
        v->backoff = v->backoff * 2 < BACKOFF_MOST ? v->backoff * 2 + 1 : BACKOFF_MOST;
    else
        v->backoff = 0;
    atomic_store_explicit(&v->skip, v->backoff, memory_order_relaxed);
}

static uint64_t load(uintptr_t addr, uint64_t size)
{
    uint64_t value = 0;
    barrier();
    memcpy(&value, (const void *)addr, size);
    barrier();
    return value;
}

/* Predicates read memory through this. An evaluation sees one value of each location. */
uint64_t quasi_term(struct quasi_variant *v, const void *at, uint64_t size, void **quid)
{
    uintptr_t addr = (uintptr_t)at;
    struct quasi_location *l = v->locations, *end = l + v->bound;
    while (l < end && (l->addr != addr || l->size != size))
        l++;
    if (l == end) {
        if (v->mode != TERM_BIND || v->bound == v->room) {
            v->lost = 1;
            return 0;
        }
        bind_location(v, addr, size, quid);
        l->value = load(addr, size);
    }
    return l->value;
}

static int evaluate(struct quasi_variant *v, uint64_t mode)
{
    v->mode = mode;
    v->lost = 0;
    if (mode == TERM_READ)
        for (struct quasi_location *l = v->locations; l < v->locations + v->bound; l++)
            l->value = load(l->addr, l->size);
    return v->holds(v) && !v->lost;
}

/* Arming. */

static int membarrier_state; /* 1: registered, -1: there is none */

static int membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

/* fence_threads is a full fence in every other thread. */
static int fence_threads(void)
{
    if (membarrier_state == 0)
        membarrier_state = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) ? -1 : 1;
    if (membarrier_state < 0)
        return 0;
    if (!membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
        return 1;
    return errno == EPERM && !membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
           !membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

/*
 * settle makes sure that no other thread is in a section that has looked up
 * before now. A thread that waits for the lock looks up after it has got it.
 */
static int settle(struct quasi_thread *self)
{
    if (threads == self && !self->next)
        return 1;
    if (!fence_threads())
        return 0;
    for (struct quasi_thread *t = threads; t; t = t->next) {
        if (t == self)
            continue;
        for (int i = 0; t->nest && !(t->nest == 1 && t->waits == 1); i++) {
            if (i == SETTLE_LOOKS)
                return 0;
            _mm_pause();
        }
    }
    return 1;
}

static void arm(struct quasi_thread *self, struct quasi_variant *v)
{
    if ((v->state & 1) || v->bound || v->held || ready < 0)
        return;
    if (!v->id) {
        v->id = variants ? variants->id + 1 : 1;
        v->next = variants;
        variants = v;
    }
    uint64_t s = v->state;
    v->since = __rdtsc();
    if (evaluate(v, TERM_BIND) && settle(self) && evaluate(v, TERM_READ) && plug(v, s)) {
        v->armed++;
        return;
    }
    v->refused++;
    give_up(v);
}

/* Slots call this when the predicates hold and v is not plugged. */
void quasi_arm(struct quasi_variant *v)
{
    struct quasi_thread *self = &__quasi_self;
    uint64_t skip = atomic_load_explicit(&v->skip, memory_order_relaxed);
    if (skip) {
        atomic_store_explicit(&v->skip, skip - 1, memory_order_relaxed);
        return;
    }
    if (self->nest || self->inside) /* this thread's own write is still to come */
        return;
    if (take_lock(self, 0)) {
        list_thread(self);
        arm(self, v);
        release_lock(self);
    }
}

/* A checking slot has found that a guarded predicate does not hold though v was plugged when state was seen. */
void quasi_stale(struct quasi_variant *v, uint64_t seen)
{
    if (atomic_load(&v->state) != seen)
        return; /* another thread has unplugged it since */
    fprintf(stderr, "quasi: %s is plugged, but one of its quasi-invariants does not hold: a write has no guard\n",
            v->name);
    abort();
}

/* Writes. */

/* concerned is the next variant at or after v that has a location in the range. */
static struct quasi_variant *concerned(struct quasi_variant *v, uintptr_t addr, uint64_t size)
{
    for (; v; v = v->next)
        for (uint64_t i = 0; i < v->bound; i++)
            if (meets(&v->locations[i], addr, size))
                return v;
    return NULL;
}

/* pending reports whether a write that v was left plugged for may not have happened yet. */
static int pending(struct quasi_thread *self, struct quasi_variant *v)
{
    return v->writer && v->writer->nest > (v->writer == self);
}

/* begin_write gets the lock for a section, unless a handler of the lock's holder is at work. */
static int begin_write(struct quasi_thread *self)
{
    if (self->inside || !take_lock(self, self->nest)) {
        unplug_all();
        return 0;
    }
    list_thread(self);
    return 1;
}

FROM_IR void __quasi_store(const void *at, uint64_t size, uint64_t value)
{
    struct quasi_thread *self = &__quasi_self;
    uintptr_t addr = (uintptr_t)at;
    if (self->armed == LOOKING && load(addr, size) == (size < 8 ? value & ((1ull << 8 * size) - 1) : value))
        return; /* it changes nothing */
    if (!begin_write(self))
        return;
    if (near(addr, size)) {
        for (struct quasi_variant *v = concerned(variants, addr, size); v; v = concerned(v->next, addr, size)) {
            int alone = !v->held && !pending(self, v) && self->nest == 1;
            for (uint64_t i = 0; alone && i < v->bound; i++) {
                struct quasi_location *l = &v->locations[i];
                alone = !l->quid || !meet((uintptr_t)l->quid, sizeof *l->quid, addr, size);
                for (uint64_t b = 0; b < l->size; b++) {
                    uint64_t from = l->addr + b - addr;
                    if (from < size)
                        l->value = (l->value & ~(0xffull << 8 * b)) | (value >> 8 * from & 0xff) << 8 * b;
                }
            }
            if (alone && evaluate(v, TERM_VALUE)) {
                v->writer = self;
                v->kept++;
            } else {
                v->violated++;
                give_up(v);
            }
        }
    }
    release_lock(self);
}

uint64_t __quasi_write(const void *at, uint64_t size)
{
    struct quasi_thread *self = &__quasi_self;
    uintptr_t addr = (uintptr_t)at;
    uint64_t held = 0;
    if (!begin_write(self))
        return 0;
    if (size > -addr && addr)
        size = -addr;
    if (size && near(addr, size)) {
        for (struct quasi_variant *v = concerned(variants, addr, size); v; v = concerned(v->next, addr, size)) {
            if (v->id > MOST_HELD || pending(self, v)) {
                v->violated++;
                give_up(v);
            } else {
                unplug(v);
                v->held++;
                held |= 1ull << (v->id - 1);
            }
        }
    }
    release_lock(self);
    return held;
}

/* The end of what an allocator gave out: nothing can be read there afterwards. */
FROM_IR void __quasi_gone(void *at, uint64_t size)
{
    struct quasi_thread *self = &__quasi_self;
    uintptr_t addr = (uintptr_t)at;
    if (!begin_write(self))
        return;
    if (!size && at)
        size = malloc_usable_size(at);
    if (size && near(addr, size)) {
        for (struct quasi_variant *v = concerned(variants, addr, size); v; v = concerned(v->next, addr, size)) {
            v->violated++;
            give_up(v);
        }
    }
    release_lock(self);
}

/* has_quids: a member for guards that was overwritten was NULL to others for a while. */
static int has_quids(const struct quasi_variant *v)
{
    for (uint64_t i = 0; i < v->bound; i++)
        if (v->locations[i].quid && !*(void *volatile *)v->locations[i].quid)
            return 0;
    return 1;
}

FROM_IR void __quasi_done(uint64_t held)
{
    struct quasi_thread *self = &__quasi_self;
    if (!take_lock(self, self->nest)) /* never inside: what a handler begins then holds nothing */
        return;
    for (struct quasi_variant *v = variants; v; v = v->next) {
        if (v->id > MOST_HELD || !(held >> (v->id - 1) & 1) || !v->held) /* none in the child of a fork */
            continue;
        if (--v->held || !v->bound)
            continue;
        uint64_t s = v->state;
        if (has_quids(v) && evaluate(v, TERM_READ) && plug(v, s)) {
            v->heldup++;
        } else {
            v->violated++;
            give_up(v);
        }
    }
    release_lock(self);
}

/* By hand. */

uint64_t quasi_begin(const void *addr, size_t size)
{
    struct quasi_thread *self = &__quasi_self;
    self->nest++;
    barrier();
    return self->armed ? __quasi_write(addr, size) : 0;
}

void quasi_end(uint64_t held)
{
    struct quasi_thread *self = &__quasi_self;
    barrier();
    if (held)
        __quasi_done(held);
    barrier();
    self->nest--;
}

size_t quasi_statistics(struct quasi_statistics *s, size_t n)
{
    size_t count = 0;
    for (struct quasi_variant *v = variants; v; v = v->next, count++)
        if (count < n)
            s[count] = (struct quasi_statistics){ v->name, v->state & 1, v->armed,   v->refused,
                                                  v->kept, v->heldup,    v->violated };
    return count;
}

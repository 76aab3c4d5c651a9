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
 * A write that breaks nothing is the frequent one: it has the lock for a moment only,
 * calls nothing but the predicates, and does not block signals. If it finds anything
 * else it starts again, the long way.
 *
 * No lock is held while the program writes, and none while it runs.
 */
#define _GNU_SOURCE
#include "quasi.h"
#include "variant.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/membarrier.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

enum { SETTLE_LOOKS = 500 }; /* at another thread's section before arming gives up */

static struct variant *_Atomic variants; /* all that are known */
static struct quasi_thread *threads;           /* listed ones */
static uint64_t armed_variants;                /* how many, ever */
static uint64_t bound;                         /* locations of all variants */
static uint64_t turns;                         /* of writes that look for what they concern */
static atomic_int dirty;                       /* a handler has written while its thread had the lock */

#include "locations.h"
#include "threads.h"
#include "policy.h"

/* begin_phase notes when v begins to be plugged, unplugged or held, and returns the time stamp. */
static uint64_t begin_phase(struct variant *v, uint64_t phase)
{
    uint64_t now = __rdtsc();
    if (v->changed)
        v->ticks[v->phase] += now - v->changed;
    v->changed = now;
    v->phase = phase;
    return now;
}

/* forget unplugs v and binds nothing any more. The lock is held. */
static void forget(struct variant *v)
{
    unplug(v);
    for (struct quasi_location *l = v->locations; v->bound; l++)
        if (l->size)
            unbind_location(l);
    v->writer = NULL;
    if (v->phase != UNPLUGGED)
        begin_phase(v, UNPLUGGED);
}

/* give_up is forget after a violation: the next arming may have to wait. */
static void give_up(struct variant *v)
{
    forget(v);
    back_off(v);
}

static uint64_t load(uintptr_t addr, uint64_t size)
{
    uint64_t value = 0;
    barrier();
    switch (size) {
    case 1: value = *(const volatile uint8_t *)addr; break;
    case 2: value = *(const volatile unaligned16 *)addr; break;
    case 4: value = *(const volatile unaligned32 *)addr; break;
    case 8: value = *(const volatile unaligned64 *)addr; break;
    default:
        for (uint64_t i = 0; i < size; i++)
            value |= (uint64_t)((const volatile uint8_t *)addr)[i] << 8 * i;
    }
    barrier();
    return value;
}

/* Predicates read memory through this while a variant is armed: load k of v, which becomes location k. */
uint64_t quasi_term(struct variant *v, uint64_t k, const void *at, uint64_t size, void **quid)
{
    struct quasi_location *l = &v->locations[k];
    if (!l->size) {
        bind_location(v, l, (uintptr_t)at, size, quid);
        l->value = load(l->addr, size);
    }
    return l->value;
}

/* holds evaluates the guarded predicates over the values of v's locations. */
static inline __attribute__((always_inline)) int holds(struct variant *v)
{
    v->keeps(v);
    return v->verdict;
}

/* holds_now reads them first. */
static int holds_now(struct variant *v)
{
    for (struct quasi_location *l = v->locations; l < v->locations + v->room; l++)
        if (l->size)
            l->value = load(l->addr, l->size);
    return holds(v);
}

/*
 * has_quids: a member for guards that was overwritten, by a write that had looked before
 * it was set, or could not be set, is NULL to others.
 */
static int has_quids(const struct variant *v)
{
    for (const struct quasi_location *l = v->locations; l < v->locations + v->room; l++)
        if (l->size && l->quid && !get(*l->quid))
            return 0;
    return 1;
}

/* Arming. */

/*
 * settle makes sure that no other thread is in a section that has looked up
 * before now. A thread that waits for the lock looks up after it has got it.
 */
static int settle(struct quasi_thread *self)
{
    if (atomic_load(&strays))
        return 0;
    if (threads == self && !self->next)
        return 1;
    if (!fence_threads())
        return 0;
    for (struct quasi_thread *t = threads; t; t = t->next) {
        if (t == self)
            continue;
        for (int i = 0; get(t->nest) && !(get(t->nest) == 1 && get(t->waits) == 1); i++) {
            if (i == SETTLE_LOOKS)
                return 0;
            _mm_pause();
        }
    }
    return 1;
}

/* list_variant puts v among all variants. The lock is held. */
static void list_variant(struct variant *v)
{
    if (v->listed)
        return;
    v->listed = 1;
    v->next = variants;
    atomic_store_explicit(&variants, v, memory_order_release);
}

/* arm returns whether it has plugged v. Where it was not known that the predicates hold, it is no failure if they do not. */
static int arm(struct quasi_thread *self, struct variant *v, int known)
{
    if ((v->state & 1) || v->bound || v->held || ready < 0 || (v->flags & RETIRED))
        return 0;
    list_variant(v);
    if (!v->id)
        v->id = ++armed_variants;
    if (!v->changed)
        begin_phase(v, UNPLUGGED);
    uint64_t s = before_plug(v);
    if (v->bind(v)) {
        if (settle(self) && has_quids(v) && holds_now(v) && plug(v, s)) {
            v->armed++;
            v->since = begin_phase(v, PLUGGED);
            return 1;
        }
        known = 1;
    }
    if (known) {
        v->refused++;
        v->since = v->changed; /* no life at all */
        give_up(v);
    } else {
        forget(v);
    }
    return 0;
}

/* Slots call this when the predicates hold and v is not plugged. */
void quasi_arm(struct variant *v)
{
    struct quasi_thread *self = &__quasi_self;
    if (must_wait(v))
        return;
    if (get(self->nest) || get(self->inside)) /* this thread's own write is still to come */
        return;
    if (take_lock(self, 0)) {
        list_thread(self);
        arm(self, v, 1);
        release_lock(self);
    }
}

/* A checking slot has found that a guarded predicate does not hold though v was plugged when state was seen. */
void quasi_stale(struct variant *v, uint64_t seen)
{
    if (atomic_load(&v->state) != seen)
        return; /* another thread has unplugged it since */
    fprintf(stderr, "quasi: %s is plugged, but one of its quasi-invariants does not hold: a write has no guard\n",
            v->name);
    abort();
}

/* Writes. */

/* pending reports whether a write that v was left plugged for may not have happened yet. */
static inline int pending(struct quasi_thread *self, struct variant *v)
{
    return v->writer && get(v->writer->nest) > (v->writer == self);
}

/* begin_write gets the lock for a section, unless a handler of the lock's holder is at work. */
static int begin_write(struct quasi_thread *self)
{
    if (get(self->inside) || !take_lock(self, get(self->nest))) {
        if (get(self->armed) == UNLISTED && !get(self->inside) && !self->stray) {
            self->stray = 1;
            atomic_fetch_add(&strays, 1);
        }
        unplug_all();
        return 0;
    }
    list_thread(self);
    return 1;
}

/* concerned is a variant that a write concerns and whose turn it was not; size is not 0. */
static struct variant *concerned(uintptr_t addr, uint64_t size)
{
    struct variant *v = NULL;
    if (fits(size)) {
        struct quasi_location *l = near(addr, size, turns);
        if (l)
            v = l->variant;
    } else {
        for (v = variants; v && (v->turn == turns || !concerns(v, addr, size)); v = v->next)
            ;
    }
    if (v)
        v->turn = turns;
    return v;
}

/*
 * far_away reports whether nothing that is bound meets a write of no more than a line's
 * bytes; that is known without a look at a variant.
 */
static int far_away(struct quasi_thread *self, uintptr_t addr, uint64_t size, void **quid)
{
    if (!size || !fits(size) || !light_lock(self))
        return 0;
    int none = !near(addr, size, ~0ull) && !idles(quid);
    light_unlock(self);
    return none;
}

enum { NOT_KEPT, KEPT, MANY, NONE };

/* keeps_one tells whether a store that has just the bytes of a location leaves its variant plugged. */
static inline __attribute__((always_inline)) int keeps_one(struct quasi_thread *self, struct quasi_location *l, uint64_t value)
{
    struct variant *v = l->variant;
    if (v->held || (v->writer != self && pending(self, v)))
        return NOT_KEPT;
    v->writer = self; /* also if it is unplugged in the end: until then no other thread may evaluate it */
    uint64_t was = l->value;
    if (value == was)
        return KEPT;
    l->value = value;
    if (!holds(v)) {
        l->value = was; /* who looks again must not take it for the same value */
        return NOT_KEPT;
    }
    v->kept++;
    return KEPT;
}

/* kept tells the same of whatever a store concerns, if that is one such location, MANY if it is more, or NONE. */
static inline __attribute__((always_inline)) int kept(struct quasi_thread *self, uintptr_t addr, uint64_t size, uint64_t value)
{
    struct quasi_location *only = NULL;
    for (struct quasi_node *n = bucket_of(addr); n; n = n->next) {
        struct quasi_location *l = n->location;
        if (l->addr == addr && l->size == size && !only)
            only = l;
        else if (meets(l, addr, size))
            return MANY;
    }
    return only ? keeps_one(self, only, value) : NONE;
}

/* many_kept is kept for several locations that have just the bytes of the store. */
static int many_kept(struct quasi_thread *self, uintptr_t addr, uint64_t size, uint64_t value)
{
    for (int round = 0; round < 3; round++) { /* first all values, then all variants; they are counted if all hold */
        turns++;
        for (struct quasi_node *n = bucket_of(addr); n; n = n->next) {
            struct quasi_location *l = n->location;
            struct variant *v = l->variant;
            if (!meets(l, addr, size))
                continue;
            if (l->addr != addr || l->size != size || v->held || pending(self, v))
                return 0;
            if (round == 0) {
                l->value = value;
                v->writer = self;
            } else if (v->turn != turns) {
                v->turn = turns;
                if (round == 2)
                    v->kept++;
                else if (!holds(v))
                    return 0;
            }
        }
    }
    return 1;
}

/* lay_over puts what a store writes over the value of a location. */
static void lay_over(struct quasi_location *l, uintptr_t addr, uint64_t size, uint64_t value)
{
    for (uint64_t b = 0; b < l->size; b++) {
        uint64_t from = l->addr + b - addr;
        if (from < size)
            l->value = (l->value & ~(0xffull << 8 * b)) | (value >> 8 * from & 0xff) << 8 * b;
    }
}

FROM_IR __attribute__((noinline)) static void store_slowly(const void *at, uint64_t size, uint64_t value, void **quid)
{
    uintptr_t addr = (uintptr_t)at;
    struct quasi_thread *self = &__quasi_self;
    if (!begin_write(self))
        return;
    turns++;
    struct variant *v = concerned(addr, size);
    if (!v)
        clear_quid(quid);
    for (; v; v = concerned(addr, size)) {
        int alone = !v->held && !pending(self, v) && get(self->nest) == 1;
        for (struct quasi_location *l = v->locations; alone && l < v->locations + v->room; l++) {
            if (!l->size)
                continue;
            alone = !l->quid || !meet((uintptr_t)l->quid, sizeof *l->quid, addr, size);
            lay_over(l, addr, size, value);
        }
        if (alone && holds(v)) {
            v->writer = self;
            v->kept++;
        } else {
            v->violated++;
            give_up(v);
        }
    }
    release_lock(self);
}

/* For several locations. */
FROM_IR __attribute__((noinline)) static void store_to_many(const void *at, uint64_t size, uint64_t value, void **quid)
{
    uintptr_t addr = (uintptr_t)at;
    struct quasi_thread *self = &__quasi_self;
    if (one_line(addr, size) && get(self->nest) == 1 && light_lock(self)) {
        int all = many_kept(self, addr, size, value);
        light_unlock(self);
        if (all)
            return;
    }
    store_slowly(at, size, value, quid);
}

/* For threads that do not own the lock, and where several locations are near. */
FROM_IR __attribute__((noinline)) static void store_shared(const void *at, uint64_t size, uint64_t value, void **quid)
{
    uintptr_t addr = (uintptr_t)at;
    struct quasi_thread *self = &__quasi_self;
    int r = MANY;
    if (one_line(addr, size) && get(self->nest) == 1 && light_lock(self)) {
        r = kept(self, addr, size, value);
        if (r == NONE)
            r = idles(quid) ? NOT_KEPT : KEPT;
        light_unlock(self);
    }
    if (r == MANY)
        store_to_many(at, size, value, quid);
    else if (r == NOT_KEPT)
        store_slowly(at, size, value, quid);
}

/*
 * __quasi_store: value has zeros above its size. What is most frequent comes first: the
 * thread owns the lock, and nothing else is bound near the location that is written. That the
 * value is in memory already does not tell that the store changes nothing: the location may
 * have been a variable on the stack, and its memory have been used for others since.
 */
FROM_IR void __quasi_store(const void *at, uint64_t size, uint64_t value, void **quid)
{
    struct quasi_thread *self = &__quasi_self;
    uintptr_t addr = (uintptr_t)at;
    if (one_line(addr, size) && get(self->nest) == 1 && !get(self->inside) && owns_lock(self)) {
        int r = MANY;
        if (own_lock(self)) {
            struct quasi_node *n = bucket_of(addr);
            if (n && !n->next && n->location->addr == addr && n->location->size == size)
                r = keeps_one(self, n->location, value);
        }
        own_unlock(self);
        if (r == KEPT)
            return;
    }
    __attribute__((musttail)) return store_shared(at, size, value, quid);
}

uint64_t __quasi_write(const void *at, uint64_t size, void **quid)
{
    struct quasi_thread *self = &__quasi_self;
    uintptr_t addr = (uintptr_t)at;
    uint64_t held = 0;
    if (size > -addr && addr)
        size = -addr;
    if (far_away(self, addr, size, quid) || !begin_write(self))
        return 0;
    turns++;
    struct variant *v = size ? concerned(addr, size) : NULL;
    if (!v)
        clear_quid(quid);
    for (; v; v = concerned(addr, size)) {
        if (v->id > MOST_HELD || pending(self, v)) {
            v->violated++;
            give_up(v);
        } else {
            unplug(v);
            if (v->held++ == 0)
                begin_phase(v, HELD);
            self->holds[v->id - 1]++;
            held |= 1ull << (v->id - 1);
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
    if (!size && at)
        size = malloc_usable_size(at);
    if (far_away(self, addr, size, NULL) || !begin_write(self))
        return;
    turns++;
    for (struct variant *v = size ? concerned(addr, size) : NULL; v; v = concerned(addr, size)) {
        v->violated++;
        give_up(v);
    }
    release_lock(self);
}

FROM_IR void __quasi_done(uint64_t held)
{
    struct quasi_thread *self = &__quasi_self;
    if (get(self->inside) || !take_lock(self, get(self->nest))) /* never inside: what a handler begins then holds nothing */
        return;
    for (struct variant *v = variants; v; v = v->next) {
        uint64_t i = v->id - 1;
        if (i >= MOST_HELD || !(held >> i & 1) || !self->holds[i]) /* none in the child of a fork */
            continue;
        self->holds[i]--;
        if (--v->held || !v->bound)
            continue;
        uint64_t s = before_plug(v);
        if (has_quids(v) && holds_now(v) && plug(v, s)) {
            v->heldup++;
            begin_phase(v, PLUGGED);
        } else {
            v->violated++;
            give_up(v);
        }
    }
    release_lock(self);
}

/* By hand. */

/* far_lines reports whether nothing is bound in the lines of a write, as guards in programs do. */
static int far_lines(const void *at, size_t size)
{
    uintptr_t addr = (uintptr_t)at;
    return size && fits(size) && get(__quasi_self.armed) == LOOKING &&
           !(atomic_load_explicit(&__quasi_lines[line_of(addr)], memory_order_relaxed) |
             atomic_load_explicit(&__quasi_lines[line_of(addr + size - 1)], memory_order_relaxed));
}

uint64_t quasi_begin(const void *addr, size_t size)
{
    struct quasi_thread *self = &__quasi_self;
    set(self->nest, get(self->nest) + 1);
    barrier();
    return get(self->armed) && !far_lines(addr, size) ? __quasi_write(addr, size, NULL) : 0;
}

uint64_t quasi_begin_store(const void *addr, size_t size, const void *value)
{
    if (size - 1 >= 8)
        return quasi_begin(addr, size);
    struct quasi_thread *self = &__quasi_self;
    set(self->nest, get(self->nest) + 1);
    barrier();
    if (get(self->armed) && !far_lines(addr, size))
        __quasi_store(addr, size, load((uintptr_t)value, size), NULL);
    return 0;
}

void quasi_end(uint64_t held)
{
    struct quasi_thread *self = &__quasi_self;
    barrier();
    if (held)
        __quasi_done(held);
    barrier();
    set(self->nest, get(self->nest) - 1);
}

void quasi_gone(const void *addr, size_t size)
{
    struct quasi_thread *self = &__quasi_self;
    set(self->nest, get(self->nest) + 1);
    barrier();
    if (size && get(self->armed))
        __quasi_gone((void *)addr, size);
    barrier();
    set(self->nest, get(self->nest) - 1);
}

int __quasi_lock(void)
{
    struct quasi_thread *self = &__quasi_self;
    return !get(self->inside) && take_lock(self, get(self->nest));
}

void __quasi_unlock(void) { release_lock(&__quasi_self); }

void __quasi_unplug_all(void) { unplug_all(); }

void __quasi_forget(struct variant *v) { forget(v); }

int __quasi_is_listed(const struct variant *v)
{
    const struct variant *one = variants;
    while (one && one != v)
        one = one->next;
    return one != NULL;
}

int __quasi_arm(struct variant *v)
{
    struct quasi_thread *self = &__quasi_self;
    if (atomic_load(&v->state) & 1)
        return 1;
    if (must_wait(v))
        return 0;
    if (get(self->nest) || !__quasi_lock())
        return -EBUSY;
    list_thread(self);
    int plugged = arm(self, v, 0);
    release_lock(self);
    return plugged;
}

#include "statistics.h"

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

enum { LINE_SHIFT = 6, LINES = 65536, BUCKETS = 4096, MOST_HELD = 64 };
enum { LOOKING = 1, UNLISTED = 2 };               /* of a thread's armed */
enum { LOCKED = 1, LOCKED_BLOCKED };              /* of lock: the holder can be interrupted, or not */
enum { TERM_BIND, TERM_READ, TERM_VALUE };        /* of a variant's mode */
enum { SETTLE_LOOKS = 500, LOCK_LOOKS = 4000 };   /* at another thread's section, at the lock, before giving up */
enum { BACKOFF_MOST = 4096, BACKOFF_TICKS = 2000000 }; /* calls, and what is too short a life for a plugged variant */

#define SELF_TLS __attribute__((tls_model("initial-exec")))
#ifndef __clang__
#error "compiled programs call the run-time by a convention that clang alone knows"
#endif
/* Not for what returns a value: clang 14 restores the register of the result as well. */
#define FROM_IR __attribute__((preserve_most))
#define barrier() atomic_signal_fence(memory_order_seq_cst)

_Thread_local struct quasi_thread __quasi_self SELF_TLS = { .armed = UNLISTED };
_Atomic unsigned char __quasi_lines[LINES];

static struct quasi_location *buckets[BUCKETS];
static struct quasi_variant *_Atomic variants; /* all that were ever armed; only grows */
static struct quasi_thread *threads;           /* listed ones */
static uint64_t bound;                         /* locations of all variants */
static atomic_int lock;
static atomic_int dirty;     /* a handler has written while its thread had the lock */
static int backoff_on = 1;
static int membarrier_state; /* 1: registered, -1: there is none */
static pthread_key_t thread_key;
static int ready;

/* The lock, and threads. */

static void forget(struct quasi_variant *v);

static void forget_all(void)
{
    for (struct quasi_variant *v = variants; v; v = v->next)
        forget(v);
}

static int mask_signals(int how, const uint64_t *set, uint64_t *old)
{
    return syscall(SYS_rt_sigprocmask, how, set, old, sizeof *set);
}

/*
 * take_lock returns 0 if somebody has had the lock for too long. Where other threads
 * are listed the lock is held with signals blocked, so that it is released in the end.
 * A thread alone does not pay for that. A handler that leaves it by longjmp leaves the
 * lock behind: nothing is armed any more, and writes go on without it. section is the
 * guarded section that looks up, or has written, when the lock is there.
 */
static int take_lock(struct quasi_thread *self, uint32_t section)
{
    self->inside = 1; /* before the lock is taken: a handler must not wait for us */
    self->waits = section;
    self->saved_errno = errno;
    barrier();
    int mine = LOCKED;
    if (threads && (threads != self || self->next)) {
        static const uint64_t all = ~0ull;
        if (!mask_signals(SIG_SETMASK, &all, &self->mask))
            mine = LOCKED_BLOCKED;
    }
    for (int i = 0;; i++) {
        int free = 0, now = atomic_load_explicit(&lock, memory_order_relaxed);
        if (!now && atomic_compare_exchange_strong_explicit(&lock, &free, mine, memory_order_acquire, memory_order_relaxed))
            break;
        if (now == LOCKED && i > LOCK_LOOKS) {
            self->waits = 0;
            errno = self->saved_errno;
            barrier();
            self->inside = 0;
            if (mine == LOCKED_BLOCKED)
                mask_signals(SIG_SETMASK, &self->mask, NULL);
            return 0;
        }
        if (i > 100)
            sched_yield();
        else
            _mm_pause();
    }
    self->waits = 0;
    if (atomic_load_explicit(&dirty, memory_order_relaxed) && atomic_exchange(&dirty, 0))
        forget_all();
    return 1;
}

static void release_lock(struct quasi_thread *self)
{
    if (atomic_load_explicit(&dirty, memory_order_relaxed) && atomic_exchange(&dirty, 0))
        forget_all();
    int blocked = atomic_load_explicit(&lock, memory_order_relaxed) == LOCKED_BLOCKED;
    atomic_store_explicit(&lock, 0, memory_order_release);
    errno = self->saved_errno;
    barrier();
    self->inside = 0;
    if (blocked)
        mask_signals(SIG_SETMASK, &self->mask, NULL);
}

/* unplug makes state even, and different from what it was. */
static int unplug(struct quasi_variant *v)
{
    uint64_t s = atomic_load(&v->state);
    while (!atomic_compare_exchange_weak(&v->state, &s, (s | 1) + 1))
        ;
    return s & 1;
}

/* plug does so unless somebody has unplugged since state was s. */
static int plug(struct quasi_variant *v, uint64_t s)
{
    return !atomic_load(&dirty) && atomic_compare_exchange_strong(&v->state, &s, s | 1);
}

/* A handler that runs while its thread has the lock, or waits for it. */
static void unplug_all(void)
{
    atomic_store(&dirty, 1); /* first: see plug */
    for (struct quasi_variant *v = variants; v; v = v->next)
        unplug(v);
}

static void tell_threads(void)
{
    for (struct quasi_thread *t = threads; t; t = t->next)
        t->armed = bound ? LOOKING : 0;
}

static void link_thread(struct quasi_thread *t)
{
    t->next = threads;
    t->link = &threads;
    if (threads)
        threads->link = &t->next;
    threads = t;
}

static void unlink_thread(struct quasi_thread *t)
{
    *t->link = t->next;
    if (t->next)
        t->next->link = t->link;
}

/*
 * A thread ends. Destructors of other keys may still write, so it stays listed up to the last
 * round.
 */
static void thread_ends(void *thread)
{
    struct quasi_thread *self = thread;
    if (++self->rounds < PTHREAD_DESTRUCTOR_ITERATIONS - 1 && !pthread_setspecific(thread_key, self))
        return;
    static const uint64_t all = ~0ull;
    mask_signals(SIG_SETMASK, &all, NULL); /* for good: a handler would list the thread again */
    if (!take_lock(self, 0))
        return; /* lost for good: nobody will look at the list any more */
    unlink_thread(self);
    self->armed = UNLISTED;
    self->ended = 1;
    for (struct quasi_variant *v = variants; v; v = v->next)
        if (v->writer == self)
            v->writer = NULL;
    release_lock(self);
}

static int fork_locked; /* the lock was taken for fork */

static void fork_begins(void)
{
    fork_locked = !__quasi_self.inside && take_lock(&__quasi_self, 0);
    if (!fork_locked) /* a handler forks */
        unplug_all();
}

static void fork_ends(void)
{
    if (fork_locked) {
        fork_locked = 0;
        release_lock(&__quasi_self);
    }
}

/* In the child there is this thread alone. */
static void fork_ends_in_child(void)
{
    if (!fork_locked)
        return;
    int listed = __quasi_self.armed != UNLISTED;
    threads = NULL;
    if (listed)
        link_thread(&__quasi_self);
    for (struct quasi_variant *v = variants; v; v = v->next) {
        v->held = 0;
        if (v->writer != &__quasi_self)
            v->writer = NULL;
    }
    forget_all();
    fork_ends();
}

static void print_statistics(void)
{
    const char *path = getenv("QUASI_STATS");
    FILE *file = path && path[0] == '/' ? fopen(path, "a") : stderr;
    if (!file)
        return;
    for (struct quasi_variant *v = variants; v; v = v->next)
        fprintf(file, "quasi: %s: plugged %d, armed %llu, refused %llu, kept %llu, held %llu, violated %llu\n", v->name,
                (int)(v->state & 1), (unsigned long long)v->armed, (unsigned long long)v->refused,
                (unsigned long long)v->kept, (unsigned long long)v->heldup, (unsigned long long)v->violated);
    if (file != stderr)
        fclose(file);
}

/* At program start, or before, if another constructor writes earlier. */
__attribute__((constructor)) static void get_ready(void)
{
    if (ready)
        return;
    ready = 1;
    if (pthread_key_create(&thread_key, thread_ends) || pthread_atfork(fork_begins, fork_ends, fork_ends_in_child))
        ready = -1; /* nothing can be armed */
    const char *s = getenv("QUASI_BACKOFF");
    if (s && !strcmp(s, "0"))
        backoff_on = 0;
    s = getenv("QUASI_STATS");
    if (s && *s && strcmp(s, "0"))
        atexit(print_statistics);
}

/* The lock is held. */
static void list_thread(struct quasi_thread *self)
{
    if (self->armed != UNLISTED)
        return;
    if (!ready)
        get_ready();
    if (self->ended) { /* a destructor that comes after all rounds: nobody can wait for this thread */
        ready = -1;
        forget_all();
        return;
    }
    link_thread(self);
    self->armed = bound ? LOOKING : 0;
    if (ready > 0 && pthread_setspecific(thread_key, self))
        ready = -1; /* its end could not be noticed */
}

/* Locations. */

static unsigned line_of(uintptr_t addr) { return addr >> LINE_SHIFT & (LINES - 1); }

/* lines_of are the lines of a location and of its instance's member for guards. */
static int lines_of(const struct quasi_location *l, unsigned line[3])
{
    line[0] = line_of(l->addr);
    line[1] = line_of(l->addr + l->size - 1);
    line[2] = l->quid ? line_of((uintptr_t)l->quid) : line[0];
    return 3;
}

/* buckets_of are the buckets of the lines of a location, each once; next has its successors there. */
static int buckets_of(const struct quasi_location *l, unsigned bucket[3])
{
    unsigned line[3];
    int n = 0;
    for (int i = 0, lines = lines_of(l, line); i < lines; i++) {
        int j = 0;
        while (j < n && bucket[j] != line[i] % BUCKETS)
            j++;
        if (j == n)
            bucket[n++] = line[i] % BUCKETS;
    }
    return n;
}

/* set_quid writes the instance's member; an instance in constant memory has none that anybody could miss. */
static void set_quid(void **quid, void *value)
{
    if (!mask_signals(SIG_BLOCK, NULL, (uint64_t *)quid)) /* a write that fails where it must not be */
        *(void *volatile *)quid = value;
}

static void bind_location(struct quasi_variant *v, uintptr_t addr, uint64_t size, void **quid)
{
    struct quasi_location *l = &v->locations[v->bound++];
    unsigned line[3], bucket[3];
    *l = (struct quasi_location){ .addr = addr, .size = size, .variant = v, .quid = quid };
    for (int i = 0, n = buckets_of(l, bucket); i < n; i++) {
        l->next[i] = buckets[bucket[i]];
        buckets[bucket[i]] = l;
    }
    for (int i = 0, n = lines_of(l, line); i < n; i++)
        __quasi_lines[line[i]] = 1;
    if (quid)
        set_quid(quid, quid);
    if (bound++ == 0)
        tell_threads();
}

/* The place of l's successor in a bucket. */
static struct quasi_location **successor(struct quasi_location *l, unsigned bucket)
{
    unsigned of[3];
    int i = 0;
    buckets_of(l, of);
    while (of[i] != bucket)
        i++;
    return &l->next[i];
}

/* in_use reports whether a bound location has a line. */
static int in_use(unsigned line)
{
    unsigned of[3];
    for (struct quasi_location *l = buckets[line % BUCKETS]; l; l = *successor(l, line % BUCKETS))
        for (int i = 0, n = lines_of(l, of); i < n; i++)
            if (of[i] == line)
                return 1;
    return 0;
}

static void unbind_location(struct quasi_location *l)
{
    unsigned line[3], bucket[3];
    for (int i = 0, n = buckets_of(l, bucket); i < n; i++) {
        struct quasi_location **p = &buckets[bucket[i]];
        while (*p != l)
            p = successor(*p, bucket[i]);
        *p = l->next[i];
    }
    for (int i = 0, n = lines_of(l, line); i < n; i++)
        if (!in_use(line[i]))
            __quasi_lines[line[i]] = 0;
    if (l->quid) {
        int others = 0;
        for (struct quasi_variant *v = variants; v; v = v->next)
            for (uint64_t i = 0; i < v->bound; i++)
                others |= &v->locations[i] != l && v->locations[i].quid == l->quid;
        if (!others)
            set_quid(l->quid, NULL);
    }
    if (--bound == 0)
        tell_threads();
}

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
    fprintf(stderr, "quasi: %s is plugged, but one of its quasi-invariants does not hold: a write has no guard\n", v->name);
    abort();
}

/* Writes. */

static int meet(uintptr_t a, uint64_t n, uintptr_t b, uint64_t m) { return a < b ? b - a < n : a - b < m; }

/* A write of the instance's member for guards concerns its locations: they would not be found any more. */
static int meets(const struct quasi_location *l, uintptr_t addr, uint64_t size)
{
    return meet(l->addr, l->size, addr, size) || (l->quid && meet((uintptr_t)l->quid, sizeof *l->quid, addr, size));
}

/* concerned is the next variant at or after v that has a location in the range. */
static struct quasi_variant *concerned(struct quasi_variant *v, uintptr_t addr, uint64_t size)
{
    for (; v; v = v->next)
        for (uint64_t i = 0; i < v->bound; i++)
            if (meets(&v->locations[i], addr, size))
                return v;
    return NULL;
}

/* near reports whether a range of at most a line's size can meet a location. */
static int near(uintptr_t addr, uint64_t size)
{
    if (size > 1 << LINE_SHIFT)
        return 1;
    unsigned line[2] = { line_of(addr), line_of(addr + size - 1) };
    for (int i = 0; i < 2; i++)
        for (struct quasi_location *l = buckets[line[i] % BUCKETS]; l; l = *successor(l, line[i] % BUCKETS))
            if (meets(l, addr, size))
                return 1;
    return 0;
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
            s[count] = (struct quasi_statistics){ v->name, v->state & 1, v->armed, v->refused, v->kept, v->heldup, v->violated };
    return count;
}

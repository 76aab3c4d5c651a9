/*
 * replug.c: slots whose functions are replaced while other threads call them, by rules (R1) to
 * (R5) and (R7) of package guard.
 *
 * Each thread has a record with words that it alone writes, by plain instructions. A
 * word has the number of calls under way, and above it how often that number became
 * zero. SIMPLE slots have one word together, the others one by their address.
 *
 *     a call:         word + 1;  f = slot;  f();  word - 1, and + 1 above if that makes it zero
 *     a replacement:  slot = new;  membarrier;  for each thread: wait until its word
 *                     has no calls, or has another number above than it had at first
 *
 * After a replacement that returns 0 no thread is in a call that has got the displaced
 * function. membarrier(2) is a full fence at some place in each other thread's
 * instructions. If a call's "word + 1" stands before that place, the replacement sees the
 * call and waits for its end. If not, "f = slot" stands after that place, too, so f is
 * new. For that the word comes first. It is also why the number above is enough: a word
 * that had calls and has another number there has been zero in between, and what began
 * since has got the new function. So nobody waits for calls that begin later, however
 * many, and the counter cannot starve a replacement. A thread without a record takes one
 * by a locked instruction before its first call: it does so before the replacement looks at
 * the list, or gets the new function. If nobody but the caller has a record, there
 * is no need for membarrier. TSO orders the end of a call after what the call did.
 *
 * What is promised:
 *
 *   - Nested and recursive calls, of one slot or several, are one stay, which ends when the
 *     outermost one does. A signal handler's calls are like nested ones: between "word + 1"'s load
 *     and store it leaves the number of calls as it was. If it moves the number above, the
 *     thread's store takes that back: a replacement may wait for one call more, and
 *     what it saw was a call of the handler, which has ended.
 *   - A thread that replaces from inside does not wait for itself, and is told so. Nor does
 *     it wait for one that waits from inside as well (below).
 *   - A handler may replace, also when it interrupts a replacement, of the same slot
 *     too: there is no lock but that of replug_patch.c, which is held with signals blocked.
 *   - A thread that ends, by return, pthread_exit or cancellation, has left all calls when
 *     the destructors of its thread-specific data run. Frames that C++ or a cancellation
 *     unwinds end their calls if they are compiled with -fexceptions.
 *   - After longjmp out of calls they are under way until quasi_landed, or the thread's end. Do
 *     not leave a replacement by longjmp: others would take it for one that still waits.
 *   - The child of fork has one thread: the other records are free there.
 *   - Unloading: after a replacement that returns 0 no instruction of the displaced function
 *     runs; what is left of a call is in the caller. A slot is known to no list. If the object
 *     that holds the run-time is unloaded, the ends of threads are no longer noticed.
 *   - Coroutines of one thread may interleave calls; one that moves to another thread in a call may not.
 *   - Replacements of one slot are ordered by the exchange of its pointer: each displaces what the one
 *     before has put there, and is responsible for that alone.
 *
 * Dead-lock: a replacement waits only for threads to leave calls, and holds no lock then.
 * Calls wait for nothing. So a replacement from outside any call waits for program code
 * only, which ends unless it wants something that the replacing thread has: who
 * cannot exclude that uses quasi_replug_begin. Replacements from inside could wait for
 * each other. Each of them says so in its record first (waits), by a locked instruction, and
 * then does not sleep on a thread whose record says so. In a circle of
 * sleepers each has seen the next one not saying so after it had said so itself, so the next
 * one said so later; round the circle that is a contradiction.
 *
 * A thread sleeps in a futex on the upper half of the word. It raises waited, runs
 * membarrier again and looks again before it sleeps: whoever ends a stay either did so
 * before that look, or sees waited and wakes. On one processor that returns the
 * processor to the thread that was preempted inside, and gets it back when that one leaves: about
 * 10 microseconds, where yielding costs the rest of its time slice, some milliseconds.
 *
 * The test TestReplugModel checks the protocol in all its interleavings, store buffers included.
 */
#define _GNU_SOURCE
#include "replug.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

enum { CHUNK = 16384 }; /* bytes of records that are mapped at once */
enum { LOOKS = 100 };   /* at a thread before sleeping: some microseconds */

__thread struct quasi_calls *quasi_calls __attribute__((tls_model("initial-exec")));

static struct thread *_Atomic threads; /* only grows, at its head */
static struct thread nobody;           /* stands in for a record where there is no memory */
static atomic_int unknown;             /* a thread has used it, or its end will not be noticed */
static pthread_key_t key;
static atomic_int has_key; /* 1; -1: there is none; 2: no longer */

static struct thread *self(void) { return (struct thread *)quasi_calls; }

static uint32_t calls_in(uint64_t word) { return (uint32_t)word; }
static uint32_t *upper(const uint64_t *word) { return (uint32_t *)word + 1; }
static uint64_t get(const uint64_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

/* Fences. */

static int membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

/* A process registers once, and again in the child of a fork. */
static int fence(int command, int registration)
{
    int e = errno;
    int done = !membarrier(command) || (errno == EPERM && !membarrier(registration) && !membarrier(command));
    errno = e;
    return done;
}

int quasi_replug_fence(void)
{
    return fence(MEMBARRIER_CMD_PRIVATE_EXPEDITED, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED);
}

int quasi_replug_fence_code(void)
{
    return fence(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE);
}

/* Threads. */

static void wake(const uint64_t *word)
{
    int e = errno;
    syscall(SYS_futex, upper(word), FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
    errno = e;
}

void quasi_replug_left(struct quasi_calls *calls, const uint64_t *word)
{
    (void)calls;
    if (!calls_in(get(word)))
        wake(word);
}

/* cut makes the calls of a word no more than depth; the thread has no others. Who sleeps is
 * woken in any case: a leave may have been cut off after its store. */
static void cut(struct thread *t, size_t word, uint32_t depth)
{
    uint64_t *w = &t->calls.word[word], now = get(w);
    if (calls_in(now) > depth) {
        now -= calls_in(now) - depth;
        if (!depth)
            now += 1ull << QUASI_SHIFT;
        __atomic_store_n(w, now, __ATOMIC_SEQ_CST);
    }
    if (!calls_in(now) && __atomic_load_n(&t->calls.waited, __ATOMIC_SEQ_CST))
        wake(w);
}

/*
 * A thread ends: its frames are gone. Destructors of other keys may still call, so it
 * keeps its record up to the last round.
 */
static void thread_ends(void *record)
{
    struct thread *t = record;
    for (size_t i = 0; i < QUASI_WORDS; i++)
        cut(t, i, 0);
    if (++t->rounds < PTHREAD_DESTRUCTOR_ITERATIONS - 1 && !pthread_setspecific(key, t))
        return;
    atomic_store(&t->waits, 0);
    quasi_calls = NULL;
    atomic_signal_fence(memory_order_seq_cst); /* a handler's call takes another record */
    atomic_store(&t->taken, 0);
}

static void fork_ends_in_child(void)
{
    for (struct thread *t = atomic_load(&threads); t; t = t->next) {
        t->calls.waited = 0;
        if (t == self())
            continue;
        for (size_t i = 0; i < QUASI_WORDS; i++)
            cut(t, i, 0);
        atomic_store(&t->waits, 0);
        atomic_store(&t->taken, 0);
    }
}

/* At program start, while there is one thread: both are fast then. A key that is made
 * early has its place in the thread's descriptor, so that a handler may set it. */
__attribute__((constructor)) static void get_ready(void)
{
    int none = 0;
    if (!atomic_compare_exchange_strong(&has_key, &none, -1))
        return;
    quasi_replug_fence();
    if (!pthread_atfork(NULL, NULL, fork_ends_in_child) && !pthread_key_create(&key, thread_ends))
        atomic_store(&has_key, 1);
}

/* The object that holds this code is unloaded, or the program ends. */
__attribute__((destructor)) static void get_unready(void)
{
    int has = 1;
    if (atomic_compare_exchange_strong(&has_key, &has, 2))
        pthread_key_delete(key);
}

/* take returns a record that belongs to the calling thread, NULL if there is no memory. */
static struct thread *take(void)
{
    for (struct thread *t = atomic_load(&threads); t; t = t->next) {
        unsigned free = 0;
        if (!atomic_load_explicit(&t->taken, memory_order_relaxed) &&
            atomic_compare_exchange_strong(&t->taken, &free, 1))
            return t;
    }
    /* A system call: ThreadSanitizer takes mmap for a write of what others may use at once. */
    long addr = syscall(SYS_mmap, NULL, (size_t)CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1L, 0L);
    struct thread *chunk = (struct thread *)addr;
    if (addr == -1)
        return NULL;
    atomic_store(&chunk->taken, 1);
    for (size_t i = 0; i < CHUNK / sizeof *chunk; i++) {
        chunk[i].next = atomic_load(&threads);
        while (!atomic_compare_exchange_weak(&threads, &chunk[i].next, &chunk[i]))
            ;
    }
    return chunk;
}

struct quasi_calls *quasi_replug_list(void)
{
    int e = errno;
    get_ready();
    struct thread *t = take();
    struct quasi_calls *none = NULL, *mine = t ? &t->calls : NULL;
    if (!t) {
        atomic_store(&unknown, 1);
        mine = &nobody.calls;
    } else if (!__atomic_compare_exchange_n(&quasi_calls, &none, mine, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        atomic_store(&t->taken, 0); /* a handler has been faster */
        mine = none;
    } else {
        t->rounds = 0;
        int has = atomic_load(&has_key);
        if (has < 0 || (has == 1 && pthread_setspecific(key, t)))
            atomic_store(&unknown, 1);
    }
    errno = e;
    return mine;
}

/* Replacements. */

/* has_left looks whether a thread has left the calls that it was in at the first look. */
static int has_left(struct thread *t, struct quasi_replacement *r)
{
    uint64_t now = get(&t->calls.word[r->word]);
    if (!calls_in(now) || (r->seen && now >> QUASI_SHIFT != r->seen >> QUASI_SHIFT))
        return 1;
    r->seen = now; /* not zero, since there are calls */
    return 0;
}

static int anywhere(struct thread *t)
{
    for (size_t i = 0; t && i < QUASI_WORDS; i++)
        if (calls_in(get(&t->calls.word[i])))
            return 1;
    return 0;
}

/* sleep_for waits until a thread has left. It returns 0 if that would be a circle. */
static int sleep_for(struct thread *t, struct quasi_replacement *r, int inside)
{
    for (int i = 0; i < LOOKS; i++) {
        if (has_left(t, r))
            return 1;
        if (inside && atomic_load(&t->waits))
            return 0;
        _mm_pause();
    }
    int left, e = errno;
    uint64_t *word = &t->calls.word[r->word];
    __atomic_fetch_add(&t->calls.waited, 1, __ATOMIC_SEQ_CST);
    int fenced = quasi_replug_fence();
    while (!(left = has_left(t, r)) && !(inside && atomic_load(&t->waits))) {
        if (fenced)
            syscall(SYS_futex, upper(word), FUTEX_WAIT_PRIVATE, (uint32_t)(r->seen >> QUASI_SHIFT), NULL, NULL, 0);
        else
            sched_yield();
    }
    uint32_t n = __atomic_load_n(&t->calls.waited, __ATOMIC_SEQ_CST); /* 0 in the child of a fork that interrupted this */
    while (n && !__atomic_compare_exchange_n(&t->calls.waited, &n, n - 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    errno = e;
    return left;
}

/*
 * go_on goes from thread to thread as far as they have left, past r->own, which replaced
 * and is looked at in the end.
 */
static int go_on(struct quasi_replacement *r, int wait)
{
    struct thread *me = self();
    int inside = -1; /* not known */
    int result = 0;
    while (r->at || r->own) {
        struct thread *t = r->at ? r->at : r->own;
        if (!r->at)
            r->seen = r->own_seen;
        if (r->at ? t == r->own || has_left(t, r) : !calls_in(r->own_seen) || has_left(t, r)) {
            if (r->at)
                r->at = t->next;
            else
                r->own = NULL;
            r->seen = 0;
            continue;
        }
        if (t == me) {
            result = QUASI_INSIDE;
            break;
        }
        if (wait && inside < 0 && (inside = anywhere(me)))
            atomic_fetch_add(&me->waits, 1);
        if (!wait || !sleep_for(t, r, inside)) {
            result = QUASI_PENDING;
            break;
        }
    }
    if (inside > 0)
        atomic_fetch_sub(&me->waits, 1);
    return atomic_load(&unknown) ? QUASI_UNKNOWN : result;
}

/* alone reports whether no other thread has a record. */
static int alone(void)
{
    for (struct thread *t = atomic_load(&threads); t; t = t->next)
        if (t != self() && atomic_load(&t->taken))
            return 0;
    return 1;
}

/* The pointer and the stamp change together, or the stamp first. */
static void (*put(struct quasi_slot *s, void (*f)(void)))(void)
{
    __atomic_fetch_add(&s->stamp, 1, __ATOMIC_SEQ_CST);
    return __atomic_exchange_n(&s->target, f, __ATOMIC_SEQ_CST);
}

__attribute__((target("cx16"), noinline)) static int put_if(struct quasi_slot *s, void (*f)(void), uint64_t stamp)
{
    typedef unsigned __int128 __attribute__((may_alias)) pair;
    pair was, to = (pair)(stamp + 1) << 64 | (uintptr_t)f;
    do {
        if (__atomic_load_n(&s->stamp, __ATOMIC_SEQ_CST) != stamp)
            return 0;
        was = (pair)stamp << 64 | (uintptr_t)__atomic_load_n(&s->target, __ATOMIC_SEQ_CST);
    } while (!__sync_bool_compare_and_swap((pair *)s, was, to));
    return 1;
}

int quasi_replug_slot_begin(struct quasi_slot *s, void (*f)(void), struct quasi_replacement *r)
{
    static atomic_int can[2]; /* -1: it cannot */
    if (!s)
        return QUASI_NO_SLOT;
    int patched = s->kind == QUASI_PATCHED, looks = r && s->kind != QUASI_POINTER;
    int (*fence)(void) = patched ? quasi_replug_fence_code : quasi_replug_fence;
    if (looks && !atomic_load(&can[patched]))
        atomic_store(&can[patched], fence() ? 1 : -1);
    if (looks && atomic_load(&can[patched]) < 0)
        return QUASI_NO_MEMBARRIER;
    void (*old)(void);
    if (patched) {
        int put = s->patch ? s->patch(s, f, &old, NULL) : QUASI_NO_PATCH;
        if (put <= 0)
            return put;
    } else {
        old = put(s, f);
    }
    if (!r)
        return 0;
    *r = (struct quasi_replacement){ .old = old };
    if (!looks)
        return 0;
    r->word = quasi_word(s, s->kind);
    r->at = atomic_load(&threads); /* who is not listed here gets f, and who takes a record from now on */
    r->own = self();
    r->own_seen = r->own ? get(&self()->calls.word[r->word]) : 0;
    if (!alone() && !fence())
        return QUASI_UNKNOWN;
    return go_on(r, 0);
}

int quasi_replug_slot(struct quasi_slot *s, void (*f)(void))
{
    struct quasi_replacement r;
    int result = quasi_replug_slot_begin(s, f, &r);
    return result == QUASI_PENDING ? go_on(&r, 1) : result;
}

int quasi_replug_slot_if(struct quasi_slot *s, void (*f)(void), uint64_t stamp)
{
    void (*old)(void);
    if (!s)
        return QUASI_NO_SLOT;
    if (s->kind != QUASI_PATCHED)
        return put_if(s, f, stamp);
    return s->patch ? s->patch(s, f, &old, &stamp) : QUASI_NO_PATCH;
}

int quasi_replug_poll(struct quasi_replacement *r) { return go_on(r, 0); }
int quasi_replug_wait(struct quasi_replacement *r) { return go_on(r, 1); }

size_t quasi_inside_slot(const struct quasi_slot *s)
{
    size_t n = 0;
    for (struct thread *t = atomic_load(&threads); s->kind != QUASI_POINTER && t; t = t->next)
        n += calls_in(get(&t->calls.word[quasi_word(s, s->kind)]));
    return n;
}

void quasi_mark(struct quasi_mark *m)
{
    for (size_t i = 0; i < QUASI_WORDS; i++)
        m->depth[i] = self() ? calls_in(get(&self()->calls.word[i])) : 0;
}

void quasi_landed(const struct quasi_mark *m)
{
    for (size_t i = 0; self() && i < QUASI_WORDS; i++)
        cut(self(), i, m->depth[i]);
}

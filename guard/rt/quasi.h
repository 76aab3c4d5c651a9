/*
 * quasi.h: the run-time, for x86-64 Linux. C11 with GNU extensions, or C++11; libc only.
 *
 *   QUASI_QUID                            a member for guards, in a struct
 *   quasi_begin, quasi_end, quasi_gone    guards by hand, of writes that quasi cannot see
 *   quasi_declare ... quasi_retire        variants by hand
 *   quasi_statistics, quasi_backoff       what happens to variants
 *   QUASI_SLOT, quasi_call, quasi_replug  the replugger
 *   quasi_memguard_enable ...             MemGuard
 *
 * Programs that `quasi build` makes need no line of this.
 */
#ifndef QUASI_H
#define QUASI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * QUASI_QUID, as a member of a struct, makes the test of a guarded write cheaper
 * where the member shares a cache line with what is written: where it is NULL no
 * member of the instance is bound. It belongs to the run-time; the program sets it to
 * NULL when it makes an instance, before its members (static variables, calloc and = {0} do;
 * what malloc gives out needs nothing), and copies it with the struct. After the last
 * member is no longer bound guarded writes make it NULL again, some time.
 *
 *     struct task { int uid; QUASI_QUID; };
 */
#define QUASI_QUID void *quasi_quid

/*
 * Guards by hand. quasi_begin stands before a write, or a call that writes,
 * quasi_end after it, with what quasi_begin has returned; they nest. Between them
 * the variants that rely on one of the size bytes at addr are not plugged. A store of
 * up to eight bytes whose value is known is cheaper: quasi_begin_store evaluates the
 * predicates on it, and unplugs only what it breaks. Any thread may use them, also in
 * signal handlers. They cannot fail.
 *
 *     QUASI_WRITE(p->uid, 7);     p->uid = 7, guarded; not for bit-fields
 *     quasi_gone(p, sizeof *p);   before p is freed, or used for something else
 */
uint64_t quasi_begin(const void *addr, size_t size);
uint64_t quasi_begin_store(const void *addr, size_t size, const void *value);
void quasi_end(uint64_t held);
void quasi_gone(const void *addr, size_t size);

#define QUASI_WRITE(place, new_value)                                                          \
    do {                                                                                       \
        __typeof__(place) quasi_value = (new_value);                                           \
        uint64_t quasi_held = quasi_begin_store(&(place), sizeof(place), &quasi_value);        \
        (place) = quasi_value;                                                                 \
        quasi_end(quasi_held);                                                                 \
    } while (0)

/*
 * Variants by hand: code that is right while a quasi-invariant holds, which is a
 * predicate over the values of up to QUASI_PLACES places in memory. Every write to them
 * has to be guarded.
 *
 *     static struct quasi_variant quiet;
 *     static struct quasi_place places[2];
 *     static int is_quiet(const uint64_t *value, void *arg) { return value[0] == 0 && value[1] < 10; }
 *     ...
 *     quasi_declare(&quiet, "quiet", is_quiet, NULL, places, 2);
 *     quasi_bind(&quiet, 0, &debug, sizeof debug, NULL);
 *     quasi_bind(&quiet, 1, &task->level, sizeof task->level, &task->quasi_quid);
 *     ...
 *     if (quasi_holds(&quiet) || quasi_plug(&quiet) > 0)
 *         specialized();
 *     else
 *         generic();
 *
 * Any thread may call these at any time, but declare and retire one variant at a time. They
 * return 0 if nothing else is said, -EINVAL for arguments that make no sense, -EBUSY
 * from a signal handler that has interrupted the run-time, or where another thread does
 * not give its lock back. Memory is the caller's, and nothing is allocated but by quasi_retire.
 */
enum { QUASI_PLACES = 64 };

struct quasi_variant {
    uint64_t state; /* odd: plugged */
    uint64_t rest[39];
} __attribute__((aligned(64)));

struct quasi_place {
    uint64_t rest[16];
};

/*
 * quasi_declare makes a variant that is not plugged, with room for so many places; -EINVAL also
 * if it is declared already. The others return -EINVAL of what is not, or is retired. name is kept, not copied. holds gets their values, of size bytes each and zero above; it is called in
 * writes, so it computes and does nothing else: no writes that are guarded, no locks.
 */
int quasi_declare(struct quasi_variant *v, const char *name, int (*holds)(const uint64_t *values, void *arg), void *arg,
                  struct quasi_place *places, size_t room);

/*
 * quasi_bind makes the size bytes (1 to 8) at addr place k; quid is the member for guards of the
 * instance that they are in (QUASI_QUID), NULL if guards are to look at the side table. The
 * variant is unplugged. The memory has to be there until it is unbound, bound to something else
 * or, in a guarded way, gone.
 */
int quasi_bind(struct quasi_variant *v, size_t k, const void *addr, size_t size, void **quid);
int quasi_unbind(struct quasi_variant *v, size_t k);

/*
 * quasi_plug plugs the variant if the predicate holds: 1 if it is plugged, 0 if not,
 * because it does not hold, a write is under way, or it flaps (quasi_backoff; every call
 * counts); -EINVAL if a place is not bound; -EBUSY also inside a guarded write. quasi_unplug
 * never fails.
 */
int quasi_plug(struct quasi_variant *v);
int quasi_unplug(struct quasi_variant *v);

/* quasi_holds reports whether it is plugged: one load and a test. */
static inline int quasi_holds(const struct quasi_variant *v) { return __atomic_load_n(&v->state, __ATOMIC_ACQUIRE) & 1; }

/* quasi_retire: the run-time does not use the variant and its places any more; what happened to it stays in the statistics. */
int quasi_retire(struct quasi_variant *v);

/*
 * quasi_follow: from now on slot s (see below; not a PATCHED one, and nobody else replaces its function)
 * has the function specialized while the variant is plugged, generic otherwise: calls go through the slot
 * and test nothing. A write that breaks the quasi-invariant does not wait for calls that are under way.
 * A variant has one slot.
 */
#define quasi_follow(v, s, specialized, generic) \
    quasi_follow_slot(v, &(s).slot, quasi_function(s, specialized), quasi_function(s, generic))
struct quasi_slot;
int quasi_follow_slot(struct quasi_variant *v, struct quasi_slot *slot, void (*specialized)(void), void (*generic)(void));

/*
 * What has happened to a variant so far. Variants are those of `quasi build` and of
 * quasi_declare; the times are in ticks of the time stamp counter since the variant was
 * first armed, see quasi_ns.
 */
struct quasi_statistics {
    const char *name; /* the run-time's, for as long as the variant is loaded */
    int guarded;      /* 0: only calls are known */
    int plugged;
    uint64_t armed;    /* it was plugged at a call */
    uint64_t refused;  /* it could not be: a write was under way, or a predicate no longer held */
    uint64_t kept;     /* a write to one of its terms left it plugged */
    uint64_t held;     /* it was unplugged while something was written, and plugged again */
    uint64_t violated; /* it was unplugged by a write */
    uint64_t ticks_plugged;
    uint64_t ticks_unplugged;
    uint64_t ticks_held; /* unplugged while something was written */
    int counted;         /* the calls are counted: the program was built with --count-calls */
    uint64_t specialized;
    uint64_t generic; /* calls that its slot did not take: the next variant's, or the generic code's */
};

/*
 * quasi_statistics fills the n places at s and returns how many variants there are. Any
 * thread may call it; in a signal handler that has interrupted the run-time it returns 0.
 */
size_t quasi_statistics(struct quasi_statistics *s, size_t n);

/* quasi_ns is how many nanoseconds so many ticks are. In the program's first millisecond it waits for its end. */
uint64_t quasi_ns(uint64_t ticks);

/*
 * When a variant that was unplugged is armed again: at the next call at which its
 * predicates hold. But if a write has unplugged it within so many ticks, it flaps, and
 * arming waits for 1, 3, 7, ... such calls, at most for most_calls. Zero: it never waits.
 * The defaults are 4096 calls and 2000000 ticks. Returns 0; -EBUSY from a signal handler
 * that has interrupted the run-time; -EINVAL if most_calls is more than 2^62.
 */
int quasi_backoff(uint64_t most_calls, uint64_t ticks);

/*
 * Replugger. A slot holds the function that an operation is at present; calls go
 * through the slot while other threads replace it. There are four kinds:
 *
 *   POINTER   an atomic pointer: whoever replaces it learns nothing about the old code
 *   SIMPLE    after a replacement no thread is in the old code any more. For that all
 *             threads are waited for that are in a function of any SIMPLE slot
 *   COUNTING  the same, and only those are waited for that are in a function of this slot
 *             (or of one of the few that share its counters, where there are very many)
 *   PATCHED   as COUNTING, and the call is a direct one, to a jump that is patched
 *
 * No call of theirs has a locked instruction or a fence. Slots are variables; a PATCHED
 * one is a pair of a variable and code, and belongs to file scope:
 *
 *     static QUASI_SLOT(COUNTING, int (int)) op = QUASI_INIT(COUNTING, generic);
 *     QUASI_PATCHED(patched_op, generic);
 *
 *     x = quasi_call(op, 7) + quasi_call_patched(patched_op, 7);
 *     ...
 *     if (quasi_replug(op, special) == 0)
 *         ... nobody is in generic
 *
 * A header declares them by `typedef QUASI_SLOT(...) TYPE; extern TYPE op;` and
 * QUASI_PATCHED_DECLARE(patched_op, generic). What all that promises is said at the
 * head of replug.c; in short:
 *
 *   - Calls nest, recur, and may be made and replaced from signal handlers.
 *   - A thread that ends inside, or is cancelled, has left. One that leaves by longjmp has
 *     not before it calls quasi_landed.
 *   - A call ends in the thread in which it began. Its arguments are evaluated inside.
 *   - In the child of fork only the thread that forked can be inside.
 *   - What holds a slot, or old code, may be unloaded when nobody calls the one, or is
 *     in the other; a slot itself is known to nobody but those that name it. All that use a
 *     slot have to use one copy of the run-time.
 */
enum quasi_kind { QUASI_POINTER = 1, QUASI_SIMPLE, QUASI_COUNTING, QUASI_PATCHED };

/* What replacements return: 0, or one of the first two if somebody may be in the old code,
 * or an error. Nothing is replaced then, but with QUASI_UNKNOWN. None sets errno. */
enum quasi_replugged {
    QUASI_INSIDE = 1,         /* nobody but the calling thread, which is not waited for */
    QUASI_PENDING = 2,        /* others, and they are not waited for */
    QUASI_NO_MEMBARRIER = -1, /* the kernel has no membarrier(2), or forbids it */
    QUASI_NO_PATCH = -2,      /* code cannot be changed here, or is not what it should be */
    QUASI_UNKNOWN = -3,       /* no account could be kept of some thread: it may be inside for ever */
    QUASI_NO_SLOT = -4,       /* it was not initialized, or as one of another kind */
};

struct quasi_slot {
    void (*target)(void);
    uint64_t stamp;      /* grows with every replacement */
    int kind;
    unsigned char *site; /* the code of a PATCHED slot, and what changes it */
    int (*patch)(struct quasi_slot *s, void (*f)(void), void (**old)(void), const uint64_t *stamp);
} __attribute__((aligned(64)));

#define QUASI_SLOT(kind, type)                  \
    union {                                     \
        struct quasi_slot slot;                 \
        __typeof__(type) *function;             \
        char (*kind_of_slot)[QUASI_##kind];     \
    }
#define QUASI_INIT(kind, f) { { (void (*)(void))(f), 0, QUASI_##kind, 0, 0 } }

#ifdef __cplusplus
#define QUASI_EXTERN_C extern "C"
#else
#define QUASI_EXTERN_C extern
#endif

/* f is a function's name, and has external linkage, in C++ that of C. */
#define QUASI_PATCHED(name, f)                                                       \
    QUASI_PATCHED_DECLARE(name, f);                                                  \
    __asm__(".pushsection quasi_text,\"ax\",@progbits\n\t.p2align 4, 0xcc\n\t"       \
            ".globl " #name "_quasi_site\n\t.hidden " #name "_quasi_site\n\t"        \
            ".type " #name "_quasi_site, @function\n"                                \
            #name "_quasi_site:\n\tjmp " #f "@PLT\n\t.p2align 4, 0xcc\n\t"           \
            ".size " #name "_quasi_site, . - " #name "_quasi_site\n\t.popsection");  \
    union name##_quasi_slot name = {                                                 \
        { (void (*)(void))(f), 0, QUASI_PATCHED, __extension__(unsigned char *)name##_quasi_site, quasi_replug_patch } }
#define QUASI_PATCHED_DECLARE(name, f)                                               \
    QUASI_EXTERN_C __typeof__(f) name##_quasi_site __attribute__((visibility("hidden"))); \
    union name##_quasi_slot {                                                        \
        struct quasi_slot slot;                                                      \
        __typeof__(f) *function;                                                     \
        char (*kind_of_slot)[QUASI_PATCHED];                                         \
    };                                                                               \
    extern union name##_quasi_slot name

/* ThreadSanitizer does not see what code says: under it PATCHED slots are called by their pointers. */
#ifdef __SANITIZE_THREAD__
#define QUASI_BY_POINTER 1
#elif defined __has_feature
#if __has_feature(thread_sanitizer)
#define QUASI_BY_POINTER 1
#endif
#endif
#ifndef QUASI_BY_POINTER
#define QUASI_BY_POINTER 0
#endif

/* A call, of the slot's function as it is when the call begins. */
#define quasi_call(s, ...)                                                           \
    __extension__({                                                                  \
        struct quasi_activation quasi_activation __attribute__((cleanup(quasi_leave))) = \
            quasi_enter(&(s).slot, (int)sizeof *(s).kind_of_slot);                   \
        ((__typeof__((s).function))quasi_activation.target)(__VA_ARGS__);            \
    })
/* The same of a PATCHED slot. NAME_quasi_site(...) is the bare call, that nobody waits for. */
#define quasi_call_patched(name, ...)                                                \
    __extension__({                                                                  \
        struct quasi_activation quasi_activation __attribute__((cleanup(quasi_leave))) = \
            quasi_enter(&(name).slot, QUASI_PATCHED);                                \
        (QUASI_BY_POINTER ? (__typeof__((name).function))quasi_activation.target     \
                          : name##_quasi_site)(__VA_ARGS__);                         \
    })

/* The function that a slot has. */
#define quasi_plugged(s) ((__typeof__((s).function))__atomic_load_n(&(s).slot.target, __ATOMIC_ACQUIRE))

/*
 * quasi_replug replaces the function, and returns when no thread is in one that it has
 * displaced: at once with POINTER. It waits for code of the program, so do not call it with a
 * lock held that the function may want: use the other three then. Called from inside a
 * function of a slot it does not wait for its own thread, nor for one that waits in the
 * same way (QUASI_PENDING).
 */
#define quasi_replug(s, f) quasi_replug_slot(quasi_checked(s), quasi_function(s, f))

/*
 * quasi_replug_begin replaces the function and never waits for a thread: it returns
 * QUASI_PENDING or QUASI_INSIDE if somebody is in what it has displaced (r->old, which may
 * be another function than that of quasi_plugged before). quasi_replug_poll tells whether somebody
 * still is, quasi_replug_wait waits; they may be called by any thread, one at a time. r may be
 * dropped at any time; with NULL for r nobody is looked for, and what is returned is 0.
 */
#define quasi_replug_begin(s, f, r) quasi_replug_slot_begin(quasi_checked(s), quasi_function(s, f), r)

/*
 * quasi_replug_if replaces the function and returns 1 if nobody has replaced it since the
 * stamp was read, and 0 otherwise: for those who decide on what may have changed meanwhile. It
 * waits for nobody, as quasi_replug_begin with NULL.
 */
#define quasi_replug_if(s, f, stamp) quasi_replug_slot_if(quasi_checked(s), quasi_function(s, f), stamp)
#define quasi_stamp(s) __atomic_load_n(&(s).slot.stamp, __ATOMIC_ACQUIRE)

/* NULL if the slot is of another kind than its type. */
#define quasi_checked(s) ((s).slot.kind == (int)sizeof *(s).kind_of_slot ? &(s).slot : (struct quasi_slot *)0)

#define quasi_function(s, f)                                                         \
    __extension__({                                                                  \
        __typeof__((s).function) quasi_f = (f);                                      \
        (void (*)(void))quasi_f;                                                     \
    })

struct quasi_replacement {
    void (*old)(void);   /* what was displaced */
    void *at, *own;      /* the rest belongs to the run-time */
    uint64_t seen, own_seen;
    size_t word;
};

int quasi_replug_patch(struct quasi_slot *s, void (*f)(void), void (**old)(void), const uint64_t *stamp);
int quasi_replug_slot(struct quasi_slot *s, void (*f)(void));
int quasi_replug_slot_begin(struct quasi_slot *s, void (*f)(void), struct quasi_replacement *r);
int quasi_replug_slot_if(struct quasi_slot *s, void (*f)(void), uint64_t stamp);
int quasi_replug_poll(struct quasi_replacement *r);
int quasi_replug_wait(struct quasi_replacement *r);

/* quasi_inside is how many calls of a slot are under way, some time during the call; of
 * a SIMPLE slot, of all SIMPLE slots. */
#define quasi_inside(s) quasi_inside_slot(&(s).slot)
size_t quasi_inside_slot(const struct quasi_slot *s);

/*
 * A longjmp that leaves calls of slots: quasi_mark where setjmp is called, before it,
 * and quasi_landed when it returns the second time. The calls begun since the mark are over.
 */
enum { QUASI_WORDS = 65 };
struct quasi_mark {
    uint32_t depth[QUASI_WORDS];
};
void quasi_mark(struct quasi_mark *m);
void quasi_landed(const struct quasi_mark *m);

/* What calls are made of. A word is a number of calls under way, and above it (SHIFT)
 * how often it has become zero. */
struct quasi_calls {
    uint64_t word[QUASI_WORDS]; /* of all SIMPLE slots; of the others, by address */
    uint32_t waited;            /* threads that sleep until this one leaves something */
};
struct quasi_activation {
    struct quasi_calls *self;
    uint64_t *word;
    void (*target)(void);
};
enum { QUASI_SHIFT = 32 };

extern __thread struct quasi_calls *quasi_calls __attribute__((tls_model("initial-exec")));
struct quasi_calls *quasi_replug_list(void);                                 /* the thread's first call */
void quasi_replug_left(struct quasi_calls *self, const uint64_t *word); /* somebody sleeps */

static inline __attribute__((always_inline)) size_t quasi_word(const struct quasi_slot *s, int kind)
{
    return kind == QUASI_SIMPLE ? 0 : 1 + ((uintptr_t)s >> 6) % (QUASI_WORDS - 1);
}

static inline __attribute__((always_inline)) struct quasi_activation quasi_enter(struct quasi_slot *s, int kind)
{
    struct quasi_activation a = { 0, 0, 0 };
    if (kind != QUASI_POINTER) {
        a.self = quasi_calls;
        if (__builtin_expect(!a.self, 0))
            a.self = quasi_replug_list();
        a.word = &a.self->word[quasi_word(s, kind)];
        __atomic_store_n(a.word, __atomic_load_n(a.word, __ATOMIC_RELAXED) + 1, __ATOMIC_RELEASE);
        __atomic_signal_fence(__ATOMIC_SEQ_CST); /* the function is looked up after that */
    }
    if (kind != QUASI_PATCHED || QUASI_BY_POINTER)
        a.target = __atomic_load_n(&s->target, __ATOMIC_ACQUIRE);
    return a;
}

static inline __attribute__((always_inline)) void quasi_leave(const struct quasi_activation *a)
{
    if (!a->word)
        return;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    uint64_t w = __atomic_load_n(a->word, __ATOMIC_RELAXED) - 1;
    if (!(uint32_t)w)
        w += 1ull << QUASI_SHIFT;
    __atomic_store_n(a->word, w, __ATOMIC_RELEASE);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (__builtin_expect(__atomic_load_n(&a->self->waited, __ATOMIC_RELAXED) != 0, 0))
        quasi_replug_left(a->self, a->word);
}

/*
 * MemGuard catches every write of the program's own instructions, in any thread, to
 * memory that is protected, reports it and lets it happen. Writes to other memory of
 * the same pages happen unnoticed, but take as long. It is a tool to find writes that
 * have no guard, not a part of guards.
 *
 * All functions but the last three below return 0 or one of the errors, none of them
 * sets errno, and any thread may call them at any time, signal handlers too.
 */
enum quasi_memguard_error {
    QUASI_MEMGUARD_NOT_ENABLED = -1,
    QUASI_MEMGUARD_ALREADY_ENABLED = -2,
    QUASI_MEMGUARD_SIZE = -3,          /* 0, or beyond the end of the address space */
    QUASI_MEMGUARD_PROTECTED = -4,     /* there is a term at this address already */
    QUASI_MEMGUARD_OVERLAPS = -5,      /* a term has some of these bytes */
    QUASI_MEMGUARD_NOT_PROTECTED = -6, /* no term begins at this address */
    QUASI_MEMGUARD_UNMAPPED = -7,
    QUASI_MEMGUARD_READ_ONLY = -8,
    QUASI_MEMGUARD_SHARED = -9,        /* mapped MAP_SHARED, or of huge pages */
    QUASI_MEMGUARD_THREAD = -10,       /* on the page of a thread's descriptor, which the kernel writes */
    QUASI_MEMGUARD_OWN = -11,          /* MemGuard's own memory */
    QUASI_MEMGUARD_FULL = -12,         /* too many pages, terms or names */
    QUASI_MEMGUARD_SYSTEM = -13,       /* the kernel has refused */
    QUASI_MEMGUARD_FORKING = -14,      /* in a handler of pthread_atfork */
};

const char *quasi_memguard_error(int code);

int quasi_memguard_enable(void);
int quasi_memguard_disable(void); /* releases all terms */

/* quasi_memguard_protect makes a term of size bytes at addr, which may be on any page of
 * the program's private memory. The name is copied. */
int quasi_memguard_protect(const void *addr, size_t size, const char *name);

/* quasi_memguard_release is for the addr that a term was made with. */
int quasi_memguard_release(const void *addr);

/* quasi_memguard_write copies size bytes from from to addr, unreported. 1, 2, 4 and 8
 * bytes that are aligned are written at once. */
int quasi_memguard_write(void *addr, const void *from, size_t size);

enum quasi_memguard_kind { QUASI_MEMGUARD_USER, QUASI_MEMGUARD_KERNEL };
enum { QUASI_MEMGUARD_BYTES = 64, QUASI_MEMGUARD_CALLERS = 24 };

/* A write to a term. One that concerns several terms is reported once for each. */
struct quasi_memguard_hit {
    uint64_t number;         /* from 1, in the order of the writes */
    const char *term;        /* its name; stays valid */
    const void *term_addr;
    size_t term_size;
    const void *addr;        /* the first byte of the term that is written */
    size_t size;             /* up to the last one */
    int kind;                /* of enum quasi_memguard_kind */
    int thread;              /* gettid() */
    const void *instruction; /* that writes; the system call's, if the kernel does */
    uint32_t saved;          /* bytes in before and after: size, or as many as there is room for */
    uint32_t callers;        /* addresses in caller */
    unsigned char before[QUASI_MEMGUARD_BYTES], after[QUASI_MEMGUARD_BYTES];
    const void *caller[QUASI_MEMGUARD_CALLERS]; /* return addresses, the innermost first */
};

/*
 * Hits are kept until they are drained, or written to the file that the environment
 * names. Of those for which there is no room the first are kept and the rest counted.
 * quasi_memguard_drain takes up to n away and returns how many.
 */
size_t quasi_memguard_drain(struct quasi_memguard_hit *hits, size_t n);
uint64_t quasi_memguard_lost(void);

/*
 * quasi_memguard_on_hit has f called after each write, instead of its being kept to be drained, by
 * the thread that wrote, in a handler of SIGSEGV: on its alternate stack, all signals blocked.
 */
void quasi_memguard_on_hit(void (*f)(const struct quasi_memguard_hit *hit, void *data), void *data);

/*
 * Environment, read at program start:
 *   QUASI_STATS=1    the statistics on stderr at exit; else the name of a file to append them to: as text,
 *                    or if it ends in .json, as one line with an object a process:
 *     {"pid":7,"variants":[{"name":"f.v1","guarded":true,"plugged":true,"armed":2,"refused":0,"kept":5,"held":0,"violated":1,
 *      "ns":{"plugged":90000,"unplugged":100,"held":0},"calls":{"specialized":9,"generic":1}}]}
 *                    with calls only if they are counted, and nothing else if a variant is not guarded
 *   QUASI_BACKOFF=CALLS[,TICKS]  as quasi_backoff; 0: arm at every call at which the predicates hold
 * and when MemGuard is enabled:
 *   QUASI_MEMGUARD_CALLERS=N  at most N callers of each write
 *   QUASI_MEMGUARD_LOG  a file to append the hits to, when there are many, at exit and when it is disabled. A line
 *                       is an object of JSON (here broken; addresses are hexadecimal; bytes in the order of memory;
 *                       offset is in the object file, as its symbols' values are):
 *     {"n":1,"pid":7,"tid":8,"kind":"user","term":"task.uid","term_addr":"0x7f5c00001010","term_size":8,
 *      "addr":"0x7f5c00001014","size":4,"old":"e8030000","new":"00000000",
 *      "at":{"addr":"0x55d0c1101234","object":"/usr/bin/prog","offset":"0x1234"},"from":[...]}
 *                       kind is user or kernel, from are the callers, like at; where no object is, it has addr
 *                       alone. The line {"lost":N,"pid":7} tells of hits for which there was no room.
 */

#ifdef __cplusplus
}
#endif

#endif

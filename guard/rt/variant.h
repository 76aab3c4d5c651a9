/*
 * variant.h: what compiled programs and the run-time share. The layouts are
 * those that the slots of package pe and the guards of package guard emit.
 */
#ifndef QUASI_VARIANT_H
#define QUASI_VARIANT_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct variant;
struct quasi_location;

/* A node is a location's place in the list of one bucket. */
struct quasi_node {
    struct quasi_node *next;
    struct quasi_location *location;
};

/* A location is a range of memory that a plugged variant relies on. */
struct quasi_location {
    uintptr_t addr;
    uint64_t value; /* what is there, or will be when the write under way is done */
    uint64_t size;  /* 1 to 8, 0 if it is not bound */
    struct variant *variant;
    void **quid;                /* the instance's member for guards, NULL if it has none */
    struct quasi_node nodes[3]; /* of the buckets that it is in */
    uint64_t spare;
};

/* preserve_most is not for what returns a value: clang 14 restores the register of the result as well. */
#ifdef __clang__
#define FROM_IR __attribute__((preserve_most))
#else
#error "compiled programs call the run-time by a convention that clang alone knows"
#endif

/*
 * A variant, in the program's memory; what slots do not initialize is zero at first.
 * What a write to a bound location looks at is in the first 64 bytes.
 */
struct variant {
    _Atomic uint64_t state;                       /* odd: plugged; grows with every change */
    FROM_IR void (*keeps)(struct variant *); /* verdict: its guarded predicates, over the values of its locations alone */
    uint64_t verdict;
    uint64_t held;               /* guarded sections that it waits for */
    struct quasi_thread *writer; /* last to write a location without unplugging the variant */
    uint64_t kept;
    struct quasi_location *locations;
    uint64_t room;                            /* locations: as many as the predicates have loads */
    uint64_t (*bind)(struct variant *); /* whether its guarded predicates hold, over quasi_term */
    const char *name;
    _Atomic uint64_t skip; /* calls to let pass before it is armed again */
    uint64_t bound;        /* locations in use */
    uint64_t turn;         /* the last write that was concerned with it */
    struct variant *next;
    uint64_t id; /* from 1 in the order of arming, 0 before */
    uint64_t backoff;
    uint64_t since;    /* time stamp of the last arming */
    uint64_t changed;  /* and of when phase began, 0 if it was never armed */
    uint64_t phase;    /* one of PHASES */
    uint64_t ticks[3]; /* in each phase before this one */
    uint64_t armed, refused, heldup, violated;
    uint64_t flags;    /* of FLAGS */
    uint64_t calls[2]; /* generic and specialized, but for those in threads' blocks */
    void (*follow)(struct variant *, int step); /* of STEPS; NULL if nothing follows the variant */
    uint64_t spare;
    uint64_t listed; /* among all variants */
};

/*
 * STEPS: BEFORE the predicates are evaluated, PLUGGED after the variant was, UNPLUGGED
 * after it was unplugged, or was so already. The last may come from a signal handler, and without
 * the lock; what follows must not let a PLUGGED that comes late undo it.
 */
enum { STEP_BEFORE, STEP_PLUGGED, STEP_UNPLUGGED };

enum { FROM_START = 1, COUNTED = 2, RETIRED = 4 }; /* FLAGS: to be armed at program start; calls are counted; its memory is about to go */

_Static_assert(sizeof(struct variant) == 32 * 8 && offsetof(struct variant, flags) == 26 * 8, "as package pe emits it");
_Static_assert(sizeof(struct quasi_location) == 12 * 8, "as package pe emits it");

/* What a module's slots count in one thread; it is in the thread's memory. */
struct counters {
    uint64_t listed; /* the thread has it: count here */
    struct counters *next;
    struct variant **table; /* n variants of the module */
    uint64_t n;
    uint64_t calls[][2];
};

enum { UNPLUGGED, PLUGGED, HELD }; /* PHASES */

enum { MOST_HELD = 64 }; /* variants that a write can hold; others it violates */

/* A thread. Guarded sections read and write the first two words alone. */
struct quasi_thread {
    uint32_t nest;   /* guarded sections that it is in */
    uint32_t armed;  /* 0: nothing is bound; 1: look up; 2: the thread is not listed yet */
    uint32_t inside; /* it has or waits for the lock */
    uint32_t waits;  /* the section that waits for the lock before it looks up, 0 for none */
    uint32_t ending; /* it does not own the lock any more */
    uint32_t stray;  /* it could not be listed when it had to */
    uint32_t ended;  /* its memory is about to go */
    uint32_t rounds; /* of destructors when it ends */
    int saved_errno; /* the program's */
    uint64_t mask;   /* signals that are blocked outside the run-time */
    struct counters *calls;
    struct quasi_thread *next, **link;
    uint16_t holds[MOST_HELD]; /* by id - 1: sections of the thread that variants wait for */
};

typedef uint16_t __attribute__((aligned(1), may_alias)) unaligned16;
typedef uint32_t __attribute__((aligned(1), may_alias)) unaligned32;
typedef uint64_t __attribute__((aligned(1), may_alias)) unaligned64;

/* What the run-time's other files use of guards.c. The lock is that of threads.h. */
#define INTERNAL __attribute__((visibility("hidden")))
INTERNAL int __quasi_lock(void); /* 0 if it cannot be had */
INTERNAL void __quasi_unlock(void);
INTERNAL void __quasi_unplug_all(void); /* without the lock */
INTERNAL int __quasi_arm(struct variant *v); /* without the lock: 1 if it is plugged, 0, or -EBUSY */
INTERNAL void __quasi_forget(struct variant *v); /* with the lock */
INTERNAL int __quasi_is_listed(const struct variant *v); /* with the lock; v may be memory that is no variant yet */
uint64_t quasi_term(struct variant *v, uint64_t k, const void *at, uint64_t size, void **quid);
void __quasi_variants(struct variant **table, uint64_t n);
void __quasi_variants_end(struct variant **table, uint64_t n);

/* What other threads, or handlers of this one, read and write at any time. */
#define get(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define set(x, to) __atomic_store_n(&(x), to, __ATOMIC_RELAXED)
/* Nothing is moved across it in the code; the processor may, but for this thread's own handlers. */
#define barrier() atomic_signal_fence(memory_order_seq_cst)

#endif

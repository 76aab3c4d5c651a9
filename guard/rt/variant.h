/*
 * variant.h: what compiled programs and the run-time share. The layouts are
 * those that the slots of package pe and the guards of package guard emit.
 */
#ifndef QUASI_VARIANT_H
#define QUASI_VARIANT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct quasi_variant;

/* A location is a range of memory that a plugged variant relies on. */
struct quasi_location {
    uintptr_t addr;
    uint64_t size;  /* 1 to 8 */
    uint64_t value; /* what is there, or will be when the write under way is done */
    struct quasi_variant *variant;
    struct quasi_location *next[3]; /* in its buckets */
    void **quid;                    /* the instance's member for guards, NULL if it has none */
};

/* A variant, in the program's memory; all but the first four words is zero at first. */
struct quasi_variant {
    uint64_t (*holds)(struct quasi_variant *); /* its guarded predicates, over quasi_term */
    const char *name;
    struct quasi_location *locations;
    uint64_t room;               /* locations: as many as the predicates have loads */
    _Atomic uint64_t state;      /* odd: plugged; grows with every change */
    _Atomic uint64_t skip;       /* calls to let pass before it is armed again */
    uint64_t bound;              /* locations in use */
    uint64_t held;               /* guarded sections that it waits for */
    uint64_t mode;               /* what quasi_term does */
    uint64_t lost;               /* quasi_term was asked for what is not bound */
    struct quasi_thread *writer; /* last to write a location without unplugging the variant */
    struct quasi_variant *next;
    uint64_t id; /* from 1 in the order of arming, 0 before */
    uint64_t backoff;
    uint64_t since; /* time stamp of the last arming */
    uint64_t armed, refused, kept, heldup, violated;
};

/* A thread. Guarded sections read and write the first two words alone. */
struct quasi_thread {
    volatile uint32_t nest;   /* guarded sections that it is in */
    volatile uint32_t armed;  /* 0: nothing is bound; 1: look up; 2: the thread is not listed yet */
    volatile uint32_t inside; /* it has or waits for the lock */
    volatile uint32_t waits;  /* the section that waits for the lock before it looks up, 0 for none */
    uint32_t ended;           /* its memory is about to go */
    uint32_t rounds;          /* of destructors when it ends */
    int saved_errno;          /* the program's */
    uint64_t mask;            /* signals that are blocked outside the run-time */
    struct quasi_thread *next, **link;
};

#endif

/*
 * replug.h: what the parts of the replugger share.
 */
#ifndef QUASI_REPLUG_H
#define QUASI_REPLUG_H

#include "quasi.h"

#include <stdatomic.h>

/* A thread's record. It is never unmapped: when the thread ends another one gets it. */
struct thread {
    struct quasi_calls calls;
    atomic_uint taken;
    atomic_uint waits;   /* for others, from inside a function of a slot */
    unsigned rounds;     /* of destructors when the thread ends */
    struct thread *next; /* never changes once the record is listed */
} __attribute__((aligned(64)));

/* quasi_replug_fence is a full fence in all other threads, quasi_replug_fence_code one that they
 * fetch code after, too. They return 0 if there is no such thing; the first time may be any. */
int quasi_replug_fence(void);
int quasi_replug_fence_code(void);

#endif

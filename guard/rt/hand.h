/*
 * hand.h: what struct quasi_variant of quasi.h holds.
 */
#ifndef QUASI_HAND_H
#define QUASI_HAND_H

struct wanted {
    uintptr_t addr;
    uint64_t size; /* 0: none */
    void **quid;
    uint64_t spare;
};

struct hand {
    struct variant variant;
    int (*holds)(const uint64_t *values, void *arg);
    void *arg;
    struct quasi_slot *slot; /* that follows it */
    void (*specialized)(void), (*generic)(void);
    uint64_t stamp; /* of the slot, before the predicates were evaluated */
};

/* is_declared: and not retired. */
static inline int is_declared(const struct hand *h) { return h->variant.room != 0 && !(get(h->variant.flags) & RETIRED); }

#endif

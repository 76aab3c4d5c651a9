/*
 * follow.c: slots of the replugger that follow a variant by hand (G8).
 *
 * A slot gets the specialized function only if nobody has replaced its function since
 * before the predicates were evaluated (its stamp, R7), and every unplugging replaces it, after
 * the state has changed. So whatever comes between leaves it with the generic function, and
 * whoever has unplugged, in any thread, knows that new calls go there.
 */
#include "quasi.h"
#include "variant.h"

#include <errno.h>

#include "hand.h"

static void follow(struct variant *v, int step)
{
    struct hand *h = (struct hand *)v;
    switch (step) {
    case STEP_BEFORE: h->stamp = __atomic_load_n(&h->slot->stamp, __ATOMIC_ACQUIRE); break;
    case STEP_PLUGGED: quasi_replug_slot_if(h->slot, h->specialized, h->stamp); break;
    case STEP_UNPLUGGED: quasi_replug_slot_begin(h->slot, h->generic, NULL); break;
    }
}

int quasi_follow_slot(struct quasi_variant *v, struct quasi_slot *slot, void (*specialized)(void), void (*generic)(void))
{
    struct hand *h = (struct hand *)v;
    if (!is_declared(h) || !slot || !specialized || !generic || slot->kind == QUASI_PATCHED)
        return -EINVAL;
    if (!__quasi_lock())
        return -EBUSY;
    if (h->variant.follow) {
        __quasi_unlock();
        return -EINVAL;
    }
    h->slot = slot;
    h->specialized = specialized;
    h->generic = generic;
    h->variant.follow = follow;
    __quasi_forget(&h->variant);
    __quasi_unlock();
    return 0;
}

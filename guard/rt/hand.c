/*
 * hand.c: variants that programs declare by hand: struct quasi_variant of quasi.h. The
 * predicate is the program's function over the values of the places that are bound (G8).
 */
#include "quasi.h"
#include "variant.h"

#include <errno.h>
#include <string.h>

#include "hand.h"

_Static_assert(sizeof(struct hand) <= sizeof(struct quasi_variant) && offsetof(struct hand, variant.state) == 0,
               "quasi_holds looks at the first word");
_Static_assert(sizeof(struct quasi_location) + sizeof(struct wanted) == sizeof(struct quasi_place), "a place is both");

/* A binding that the program wants; it is in force while the variant is armed. */
static struct wanted *wanted_of(struct hand *h, size_t k)
{
    return (struct wanted *)(h->variant.locations + h->variant.room) + k;
}

static FROM_IR void keeps(struct variant *v)
{
    struct hand *h = (struct hand *)v;
    uint64_t values[QUASI_PLACES];
    for (uint64_t k = 0; k < v->room; k++)
        values[k] = v->locations[k].value;
    v->verdict = h->holds(values, h->arg) != 0;
}

static uint64_t bind(struct variant *v)
{
    struct hand *h = (struct hand *)v;
    for (uint64_t k = 0; k < v->room; k++) {
        struct wanted *w = wanted_of(h, k);
        if (!w->size)
            return 0;
        quasi_term(v, k, (const void *)w->addr, w->size, w->quid);
    }
    keeps(v);
    return v->verdict;
}

int quasi_declare(struct quasi_variant *v, const char *name, int (*holds)(const uint64_t *values, void *arg), void *arg,
                  struct quasi_place *places, size_t room)
{
    struct hand *h = (struct hand *)v;
    if (!v || !name || !holds || !places || room == 0 || room > QUASI_PLACES)
        return -EINVAL;
    if (!__quasi_lock())
        return -EBUSY;
    int is_listed = __quasi_is_listed(&h->variant);
    __quasi_unlock();
    if (is_listed)
        return -EINVAL;
    memset(v, 0, sizeof *v);
    memset(places, 0, room * sizeof *places);
    h->variant.keeps = keeps;
    h->variant.bind = bind;
    h->variant.name = name;
    h->variant.locations = (struct quasi_location *)places;
    h->variant.room = room;
    h->holds = holds;
    h->arg = arg;
    struct variant *one = &h->variant;
    __quasi_variants(&one, 1);
    return h->variant.listed ? 0 : -EBUSY;
}

/* rebind changes a binding; the variant is unplugged. */
static int rebind(struct quasi_variant *v, size_t k, struct wanted w)
{
    struct hand *h = (struct hand *)v;
    if (!is_declared(h) || k >= h->variant.room)
        return -EINVAL;
    if (!__quasi_lock())
        return -EBUSY;
    __quasi_forget(&h->variant);
    *wanted_of(h, k) = w;
    __quasi_unlock();
    return 0;
}

int quasi_bind(struct quasi_variant *v, size_t k, const void *addr, size_t size, void **quid)
{
    if (!addr || size == 0 || size > 8)
        return -EINVAL;
    return rebind(v, k, (struct wanted){ (uintptr_t)addr, size, quid, 0 });
}

int quasi_unbind(struct quasi_variant *v, size_t k) { return rebind(v, k, (struct wanted){ 0 }); }

int quasi_plug(struct quasi_variant *v)
{
    struct hand *h = (struct hand *)v;
    if (!is_declared(h))
        return -EINVAL;
    for (size_t k = 0; k < h->variant.room; k++)
        if (!wanted_of(h, k)->size)
            return -EINVAL;
    return __quasi_arm(&h->variant);
}

int quasi_unplug(struct quasi_variant *v)
{
    if (!__quasi_lock()) {
        __quasi_unplug_all();
        return 0;
    }
    __quasi_forget((struct variant *)v);
    __quasi_unlock();
    return 0;
}

int quasi_retire(struct quasi_variant *v)
{
    struct variant *one = (struct variant *)v;
    __quasi_variants_end(&one, 1);
    return one->listed ? -EBUSY : 0;
}

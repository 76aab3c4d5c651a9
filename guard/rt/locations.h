/*
 * locations.h: part of guards.c: bound locations, by the lines of memory that they
 * touch. Guarded writes look at __quasi_lines, the run-time at buckets.
 */
enum { LINE_SHIFT = 6, LINES = 65536, BUCKETS = 4096 };

_Atomic unsigned char __quasi_lines[LINES];

static struct quasi_node *buckets[BUCKETS];

static void tell_threads(void);
static int mask_signals(int how, const uint64_t *set, uint64_t *old);

static unsigned line_of(uintptr_t addr) { return addr >> LINE_SHIFT & (LINES - 1); }

static struct quasi_node *bucket_of(uintptr_t addr) { return buckets[line_of(addr) % BUCKETS]; }

/* lines_of are the lines of a location and of its instance's member for guards. */
static void lines_of(const struct quasi_location *l, unsigned line[3])
{
    line[0] = line_of(l->addr);
    line[1] = line_of(l->addr + l->size - 1);
    line[2] = l->quid ? line_of((uintptr_t)l->quid) : line[0];
}

/* own_bucket reports whether line i of a location has a bucket that those before it do not have. */
static int own_bucket(const unsigned line[3], int i)
{
    for (int j = 0; j < i; j++)
        if (line[j] % BUCKETS == line[i] % BUCKETS)
            return 0;
    return 1;
}

/*
 * What an instance's member for guards is while a location is bound: an address that the
 * program has nowhere else. It stays when the location is not bound any more, since nobody knows
 * then what the memory is used for, and since it is often bound again. A later guarded write to a
 * member of the instance clears it: about one of 32 of those that find nothing bound there, by lot,
 * since a loop over instances would meet the same one with each 32nd.
 */
#define BOUND_QUID ((void *)buckets)

static uint64_t idle_lot; /* under the lock; Knuth's linear congruential generator */

static int has_bound_quid(void **quid) { return get(*quid) == BOUND_QUID; }

/* set_quid writes the member. It stays NULL in constant memory: then nothing can be armed. */
static void set_quid(void **quid, void *value)
{
    if (!mask_signals(SIG_BLOCK, NULL, (uint64_t *)quid)) /* a write that fails where it must not be */
        set(*quid, value);
}

/* idles reports whether it is time to clear the member of an instance; it may be NULL. */
static inline int idles(void **quid)
{
    if (!quid)
        return 0;
    idle_lot = idle_lot * 6364136223846793005u + 1442695040888963407u;
    return idle_lot >> 59 == 0;
}

/* clear_quid does so if no location needs it. The thread is about to write to the instance. */
static void clear_quid(void **quid)
{
    if (!quid || !has_bound_quid(quid))
        return;
    struct quasi_node *n = bucket_of((uintptr_t)quid);
    while (n && n->location->quid != quid)
        n = n->next;
    if (!n)
        set_quid(quid, NULL);
}

static void bind_location(struct variant *v, struct quasi_location *l, uintptr_t addr, uint64_t size, void **quid)
{
    unsigned line[3];
    *l = (struct quasi_location){ .addr = addr, .size = size, .variant = v, .quid = quid };
    lines_of(l, line);
    for (int i = 0; i < 3; i++) {
        if (own_bucket(line, i)) {
            struct quasi_node **first = &buckets[line[i] % BUCKETS];
            l->nodes[i] = (struct quasi_node){ *first, l };
            *first = &l->nodes[i];
        }
        atomic_store_explicit(&__quasi_lines[line[i]], 1, memory_order_relaxed);
    }
    v->bound++;
    if (quid && !has_bound_quid(quid)) /* others rely on it: it must not change even for a moment */
        set_quid(quid, BOUND_QUID);
    if (bound++ == 0)
        tell_threads();
}

/* in_use reports whether a bound location has a line. */
static int in_use(unsigned line)
{
    unsigned of[3];
    for (struct quasi_node *n = buckets[line % BUCKETS]; n; n = n->next) {
        lines_of(n->location, of);
        if (of[0] == line || of[1] == line || of[2] == line)
            return 1;
    }
    return 0;
}

static void unbind_location(struct quasi_location *l)
{
    unsigned line[3];
    lines_of(l, line);
    for (int i = 0; i < 3; i++) {
        if (!own_bucket(line, i))
            continue;
        struct quasi_node **p = &buckets[line[i] % BUCKETS];
        while (*p != &l->nodes[i])
            p = &(*p)->next;
        *p = l->nodes[i].next;
    }
    for (int i = 0; i < 3; i++)
        if (!in_use(line[i]))
            atomic_store_explicit(&__quasi_lines[line[i]], 0, memory_order_relaxed);
    l->size = 0;
    l->variant->bound--;
    if (--bound == 0)
        tell_threads();
}

static int meet(uintptr_t a, uint64_t n, uintptr_t b, uint64_t m) { return a < b ? b - a < n : a - b < m; }

/* A write of the instance's member for guards concerns its locations: they would not be found any more. */
static int meets(const struct quasi_location *l, uintptr_t addr, uint64_t size)
{
    return meet(l->addr, l->size, addr, size) || (l->quid && meet((uintptr_t)l->quid, sizeof *l->quid, addr, size));
}

/* concerns is whether a write meets a location of v that is bound. */
static int concerns(const struct variant *v, uintptr_t addr, uint64_t size)
{
    for (const struct quasi_location *l = v->locations; l < v->locations + v->room; l++)
        if (l->size && meets(l, addr, size))
            return 1;
    return 0;
}

/* fits reports whether a range has no more lines than its ends. */
static int fits(uint64_t size) { return size <= 1 << LINE_SHIFT; }

static int one_line(uintptr_t addr, uint64_t size) { return (addr ^ (addr + size - 1)) >> LINE_SHIFT == 0; }

/* near is the first location that a range meets in the buckets of its ends, but for those of variants whose turn it was. */
static struct quasi_location *near(uintptr_t addr, uint64_t size, uint64_t turn)
{
    for (int end = 0; end < 2; end++)
        for (struct quasi_node *n = bucket_of(end ? addr + size - 1 : addr); n; n = n->next)
            if (n->location->variant->turn != turn && meets(n->location, addr, size))
                return n->location;
    return NULL;
}

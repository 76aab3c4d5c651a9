/*
 * locations.h: part of guards.c: bound locations, by the lines of memory that they
 * touch. Guarded writes look at __quasi_lines, the run-time at buckets.
 */
enum { LINE_SHIFT = 6, LINES = 65536, BUCKETS = 4096 };

_Atomic unsigned char __quasi_lines[LINES];

static struct quasi_location *buckets[BUCKETS];

static void tell_threads(void);
static int mask_signals(int how, const uint64_t *set, uint64_t *old);

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

/* What an instance's member for guards is while a location is bound: an address that the program has nowhere else. */
#define BOUND_QUID ((void *)buckets)

static int has_bound_quid(void **quid) { return *(void *volatile *)quid == BOUND_QUID; }

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
    if (quid && !has_bound_quid(quid)) /* others rely on it: it must not change even for a moment */
        set_quid(quid, BOUND_QUID);
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
    if (l->quid && has_bound_quid(l->quid)) { /* else the program has taken it away, or a stack's memory is another variable's */
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

static int meet(uintptr_t a, uint64_t n, uintptr_t b, uint64_t m) { return a < b ? b - a < n : a - b < m; }

/* A write of the instance's member for guards concerns its locations: they would not be found any more. */
static int meets(const struct quasi_location *l, uintptr_t addr, uint64_t size)
{
    return meet(l->addr, l->size, addr, size) || (l->quid && meet((uintptr_t)l->quid, sizeof *l->quid, addr, size));
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

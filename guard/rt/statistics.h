/*
 * statistics.h: part of guards.c: variants of modules, which come and go (G9), the calls that
 * their slots count, and what is told of them.
 */
static struct retired {
    struct quasi_statistics s;
    struct retired *next;
} *retired; /* of modules that have been unloaded */

/* add_calls takes over what a thread has counted; its memory is about to go. */
static void add_calls(struct quasi_thread *t)
{
    for (struct counters *c = t->calls; c; c = c->next) {
        for (uint64_t i = 0; i < c->n; i++)
            for (int which = 0; which < 2; which++) {
                __atomic_fetch_add(&c->table[i]->calls[which], get(c->calls[i][which]), __ATOMIC_RELAXED);
                set(c->calls[i][which], 0);
            }
        set(c->listed, 0);
    }
    t->calls = NULL;
}

/*
 * A slot calls this where its thread's counters are not listed: it counts a call of variant
 * i, in the record if they cannot be listed.
 */
void __quasi_count(struct counters *c, struct variant **table, uint64_t n, uint64_t i, uint64_t which)
{
    struct quasi_thread *self = &__quasi_self;
    if (!get(self->inside) && !self->ended && take_lock(self, get(self->nest))) {
        list_thread(self);
        if (!c->listed && ready > 0 && !(table[i]->flags & RETIRED)) {
            c->table = table;
            c->n = n;
            c->next = self->calls;
            self->calls = c;
            set(c->listed, 1);
        }
        release_lock(self);
    }
    if (get(c->listed))
        set(c->calls[i][which], get(c->calls[i][which]) + 1);
    else
        __atomic_fetch_add(&table[i]->calls[which], 1, __ATOMIC_RELAXED);
}

/* A module's constructor calls this: its variants, of which some can be armed before the program runs. */
void __quasi_variants(struct variant **table, uint64_t n)
{
    struct quasi_thread *self = &__quasi_self;
    if (get(self->inside) || !take_lock(self, get(self->nest)))
        return; /* slots arm them */
    list_thread(self);
    for (uint64_t i = 0; i < n; i++) {
        list_variant(table[i]);
        if ((table[i]->flags & FROM_START) && !get(self->nest))
            arm(self, table[i], 0);
    }
    release_lock(self);
}

static struct quasi_statistics statistics_of(struct variant *v);

/* A module's destructor calls this: its memory is about to go. */
void __quasi_variants_end(struct variant **table, uint64_t n)
{
    struct quasi_thread *self = &__quasi_self;
    if (get(self->inside) || !take_lock(self, get(self->nest)))
        return;
    for (struct quasi_thread *t = threads; t; t = t->next)
        for (struct counters **p = &t->calls; *p;) {
            struct counters *c = *p;
            if (c->table != table) {
                p = &c->next;
                continue;
            }
            *p = c->next;
            struct quasi_thread alone = { .calls = c };
            c->next = NULL;
            add_calls(&alone);
        }
    for (uint64_t i = 0; i < n; i++) {
        struct variant *v = table[i];
        if (!v->listed)
            continue;
        v->flags |= RETIRED;
        forget(v);
        if (variants == v) {
            atomic_store(&variants, v->next);
        } else {
            struct variant *before = variants;
            while (before->next != v)
                before = before->next;
            set(before->next, v->next);
        }
        v->listed = 0;
        struct retired *r = malloc(sizeof *r);
        if (r) {
            *r = (struct retired){ statistics_of(v), retired };
            r->s.name = strdup(v->name);
            if (r->s.name)
                retired = r;
            else
                free(r);
        }
    }
    release_lock(self);
    while (atomic_load(&walkers)) /* they may still look at what is not listed any more */
        sched_yield();
}

/* Time. */

static uint64_t start_ticks;
static struct timespec start_time;

static uint64_t since_start(const struct timespec *t)
{
    return (t->tv_sec - start_time.tv_sec) * 1000000000ll + (t->tv_nsec - start_time.tv_nsec);
}

uint64_t quasi_ns(uint64_t ticks)
{
    enum { LONG_ENOUGH = 1000000 }; /* ns, to tell how long a tick is */
    struct timespec now;
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while (since_start(&now) < LONG_ENOUGH);
    return (double)ticks * since_start(&now) / (__rdtsc() - start_ticks) + 0.5;
}

/* What is told. */

static struct quasi_statistics statistics_of(struct variant *v)
{
    struct quasi_statistics s = {
        .name = v->name,
        .guarded = v->room != 0,
        .plugged = v->state & 1,
        .armed = v->armed,
        .refused = v->refused,
        .kept = v->kept,
        .held = v->heldup,
        .violated = v->violated,
        .counted = (v->flags & COUNTED) != 0,
        .generic = get(v->calls[0]),
        .specialized = get(v->calls[1]),
        .ticks_unplugged = v->ticks[UNPLUGGED],
        .ticks_plugged = v->ticks[PLUGGED],
        .ticks_held = v->ticks[HELD],
    };
    if (v->changed) {
        uint64_t now = __rdtsc() - v->changed;
        *(v->phase == PLUGGED ? &s.ticks_plugged : v->phase == HELD ? &s.ticks_held : &s.ticks_unplugged) += now;
    }
    for (struct quasi_thread *t = threads; t; t = t->next)
        for (struct counters *c = t->calls; c; c = c->next)
            for (uint64_t i = 0; i < c->n; i++)
                if (c->table[i] == v) {
                    s.generic += get(c->calls[i][0]);
                    s.specialized += get(c->calls[i][1]);
                }
    return s;
}

size_t quasi_statistics(struct quasi_statistics *s, size_t n)
{
    struct quasi_thread *self = &__quasi_self;
    if (get(self->inside) || !take_lock(self, get(self->nest)))
        return 0;
    size_t count = 0;
    for (struct variant *v = variants; v; v = v->next, count++)
        if (count < n)
            s[count] = statistics_of(v);
    for (struct retired *r = retired; r; r = r->next, count++)
        if (count < n)
            s[count] = r->s;
    release_lock(self);
    return count;
}

/* Output is put together first: processes may append to one file at the same time. */
struct text {
    char *at;
    size_t size, room;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at ? t->at + t->size : NULL, t->room - t->size, format, args);
    va_end(args);
    if (n < 0)
        return;
    if (t->size + n >= t->room) {
        char *more = realloc(t->at, 2 * (t->size + n + 1));
        if (!more)
            return;
        t->at = more;
        t->room = 2 * (t->size + n + 1);
        va_start(args, format);
        vsnprintf(t->at + t->size, t->room - t->size, format, args);
        va_end(args);
    }
    t->size += n;
}

#define U(x) ((unsigned long long)(x))

static void add_text(struct text *t, const struct quasi_statistics *s)
{
    add(t, "quasi: %s: ", s->name);
    if (s->guarded) {
        add(t, "plugged %d, armed %llu, refused %llu, kept %llu, held %llu, violated %llu", s->plugged, U(s->armed),
            U(s->refused), U(s->kept), U(s->held), U(s->violated));
        add(t, "; ns plugged %llu, unplugged %llu, held %llu", U(quasi_ns(s->ticks_plugged)), U(quasi_ns(s->ticks_unplugged)),
            U(quasi_ns(s->ticks_held)));
    } else {
        add(t, "not guarded");
    }
    if (s->counted)
        add(t, "; calls specialized %llu, generic %llu", U(s->specialized), U(s->generic));
    add(t, "\n");
}

static void add_json(struct text *t, const struct quasi_statistics *s)
{
    add(t, "{\"name\":\"");
    for (const char *c = s->name; *c; c++)
        add(t, (unsigned char)*c < ' ' ? "\\u%04x" : *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    add(t, "\",\"guarded\":%s", s->guarded ? "true" : "false");
    if (s->guarded) {
        add(t, ",\"plugged\":%s,\"armed\":%llu,\"refused\":%llu,\"kept\":%llu,\"held\":%llu,\"violated\":%llu",
            s->plugged ? "true" : "false", U(s->armed), U(s->refused), U(s->kept), U(s->held), U(s->violated));
        add(t, ",\"ns\":{\"plugged\":%llu,\"unplugged\":%llu,\"held\":%llu}", U(quasi_ns(s->ticks_plugged)),
            U(quasi_ns(s->ticks_unplugged)), U(quasi_ns(s->ticks_held)));
    }
    if (s->counted)
        add(t, ",\"calls\":{\"specialized\":%llu,\"generic\":%llu}", U(s->specialized), U(s->generic));
    add(t, "}");
}

static char *statistics_path; /* NULL: standard error */

static void print_statistics(void)
{
    size_t room = quasi_statistics(NULL, 0);
    if (!room)
        return;
    room += 8; /* some that come meanwhile */
    struct quasi_statistics *s = calloc(room, sizeof *s);
    struct text t = { 0 };
    if (!s)
        return;
    size_t n = quasi_statistics(s, room);
    if (n > room)
        n = room;
    size_t length = statistics_path ? strlen(statistics_path) : 0;
    int json = length >= 5 && !strcmp(statistics_path + length - 5, ".json");
    if (json)
        add(&t, "{\"pid\":%ld,\"variants\":[", (long)getpid());
    for (size_t i = 0; i < n; i++) {
        if (json && i)
            add(&t, ",");
        (json ? add_json : add_text)(&t, &s[i]);
    }
    if (json)
        add(&t, "]}\n");
    int fd = statistics_path ? open(statistics_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : 2;
    if (fd < 0)
        fprintf(stderr, "quasi: QUASI_STATS=%s: %s\n", statistics_path, strerror(errno));
    for (size_t done = 0; fd >= 0 && done < t.size;) {
        ssize_t wrote = write(fd, t.at + done, t.size - done);
        if (wrote < 0 && errno != EINTR)
            break;
        done += wrote > 0 ? wrote : 0;
    }
    if (fd > 2)
        close(fd);
    free(t.at);
    free(s);
}

/* prepare_statistics reads QUASI_STATS: 1 for standard error, or a file. */
static void prepare_statistics(const char *where)
{
    start_ticks = __rdtsc();
    clock_gettime(CLOCK_MONOTONIC, &start_time);
    if (!where || !*where || !strcmp(where, "0"))
        return;
    if (strcmp(where, "1"))
        statistics_path = strdup(where); /* the program may change its environment */
    atexit(print_statistics);
}

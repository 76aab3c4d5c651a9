/*
 * policy.h: part of guards.c: when a variant that was unplugged is armed again (G8).
 *
 * A call at which all predicates hold arms it, unless it flaps: if a write ended its
 * life sooner than backoff_ticks of the time stamp counter after it was plugged, or it
 * could not be plugged at all, the next arming waits for twice as many such calls as the
 * last one did, and one more: 0, 1, 3, 7, ... up to backoff_most. A longer life ends that.
 *
 * So a variant that always flaps is armed at most log2(backoff_most) + 2 + n /
 * (backoff_most + 1) times in n calls, and one that no longer does is plugged after at most
 * backoff_most calls. What flaps more slowly is armed every time: an arming takes some 50 ns,
 * or 10 us where other threads are to be waited for, which is little beside 2 million ticks.
 */
static uint64_t backoff_most = 4096;
static uint64_t backoff_ticks = 2000000;

/* back_off is for a variant whose life was v->since to v->changed. */
static void back_off(struct variant *v)
{
    if (v->changed - v->since >= backoff_ticks)
        v->backoff = 0;
    else
        v->backoff = v->backoff * 2 + 1 < backoff_most ? v->backoff * 2 + 1 : backoff_most;
    atomic_store_explicit(&v->skip, v->backoff, memory_order_relaxed);
}

/* must_wait counts a call at which the predicates of v hold. */
static inline int must_wait(struct variant *v)
{
    uint64_t skip = atomic_load_explicit(&v->skip, memory_order_relaxed);
    if (skip)
        atomic_store_explicit(&v->skip, skip - 1, memory_order_relaxed);
    return skip != 0;
}

int quasi_backoff(uint64_t most, uint64_t ticks)
{
    struct quasi_thread *self = &__quasi_self;
    if (most > UINT64_MAX / 4)
        return -EINVAL;
    if (get(self->inside) || !take_lock(self, get(self->nest)))
        return -EBUSY;
    backoff_most = most;
    backoff_ticks = ticks;
    for (struct variant *v = variants; v; v = v->next) {
        v->backoff = 0;
        atomic_store_explicit(&v->skip, 0, memory_order_relaxed);
    }
    release_lock(self);
    return 0;
}

/* read_policy reads QUASI_BACKOFF: CALLS or CALLS,TICKS. */
static void read_policy(const char *s)
{
    if (!s || !*s)
        return;
    char *end;
    errno = 0;
    uint64_t most = strtoull(s, &end, 10), ticks = backoff_ticks;
    int wrong = end == s || *s == '-' || errno || most > UINT64_MAX / 4;
    if (!wrong && *end == ',') {
        s = end + 1;
        ticks = strtoull(s, &end, 10);
        wrong = end == s || *s == '-' || errno;
    }
    if (wrong || *end) {
        fprintf(stderr, "quasi: QUASI_BACKOFF=%s is not CALLS or CALLS,TICKS; it is %llu,%llu\n", getenv("QUASI_BACKOFF"),
                (unsigned long long)backoff_most, (unsigned long long)backoff_ticks);
        return;
    }
    backoff_most = most;
    backoff_ticks = ticks;
}

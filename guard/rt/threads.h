/*
 * threads.h: part of guards.c: the lock, the list of threads, their ends, fork, and
 * what happens once a program.
 */
enum { LOOKING = 1, UNLISTED = 2 };  /* of a thread's armed */
enum { LOCKED = 1, LOCKED_BLOCKED }; /* of lock: the holder can be interrupted, or not */
enum { LOCK_LOOKS = 4000 };          /* at the lock before giving up */

_Thread_local struct quasi_thread __quasi_self __attribute__((tls_model("initial-exec"))) = { .armed = UNLISTED };

static atomic_int lock;
static pthread_key_t thread_key;
static int ready; /* -1: nothing can be armed */

static void forget(struct quasi_variant *v);

static void forget_all(void)
{
    for (struct quasi_variant *v = variants; v; v = v->next)
        forget(v);
}

static int mask_signals(int how, const uint64_t *set, uint64_t *old)
{
    return syscall(SYS_rt_sigprocmask, how, set, old, sizeof *set);
}

/*
 * take_lock returns 0 if somebody has had the lock for too long. Where other threads
 * are listed the lock is held with signals blocked, so that it is released in the end.
 * A thread alone does not pay for that. A handler that leaves it by longjmp leaves the
 * lock behind: nothing is armed any more, and writes go on without it. section is the
 * guarded section that looks up, or has written, when the lock is there.
 */
static int take_lock(struct quasi_thread *self, uint32_t section)
{
    self->inside = 1; /* before the lock is taken: a handler must not wait for us */
    self->waits = section;
    self->saved_errno = errno;
    barrier();
    int mine = LOCKED;
    if (threads && (threads != self || self->next)) {
        static const uint64_t all = ~0ull;
        if (!mask_signals(SIG_SETMASK, &all, &self->mask))
            mine = LOCKED_BLOCKED;
    }
    for (int i = 0;; i++) {
        int free = 0, now = atomic_load_explicit(&lock, memory_order_relaxed);
        if (!now &&
            atomic_compare_exchange_strong_explicit(&lock, &free, mine, memory_order_acquire, memory_order_relaxed))
            break;
        if (now == LOCKED && i > LOCK_LOOKS) {
            self->waits = 0;
            errno = self->saved_errno;
            barrier();
            self->inside = 0;
            if (mine == LOCKED_BLOCKED)
                mask_signals(SIG_SETMASK, &self->mask, NULL);
            return 0;
        }
        if (i > 100)
            sched_yield();
        else
            _mm_pause();
    }
    self->waits = 0;
    if (atomic_load_explicit(&dirty, memory_order_relaxed) && atomic_exchange(&dirty, 0))
        forget_all();
    return 1;
}

static void release_lock(struct quasi_thread *self)
{
    if (atomic_load_explicit(&dirty, memory_order_relaxed) && atomic_exchange(&dirty, 0))
        forget_all();
    int blocked = atomic_load_explicit(&lock, memory_order_relaxed) == LOCKED_BLOCKED;
    atomic_store_explicit(&lock, 0, memory_order_release);
    errno = self->saved_errno;
    barrier();
    self->inside = 0;
    if (blocked)
        mask_signals(SIG_SETMASK, &self->mask, NULL);
}

/* unplug makes state even, and different from what it was. */
static int unplug(struct quasi_variant *v)
{
    uint64_t s = atomic_load(&v->state);
    while (!atomic_compare_exchange_weak(&v->state, &s, (s | 1) + 1))
        ;
    return s & 1;
}

/* plug does so unless somebody has unplugged since state was s. */
static int plug(struct quasi_variant *v, uint64_t s)
{
    return !atomic_load(&dirty) && atomic_compare_exchange_strong(&v->state, &s, s | 1);
}

/* A handler that runs while its thread has the lock, or waits for it. */
static void unplug_all(void)
{
    atomic_store(&dirty, 1); /* first: see plug */
    for (struct quasi_variant *v = variants; v; v = v->next)
        unplug(v);
}

static void tell_threads(void)
{
    for (struct quasi_thread *t = threads; t; t = t->next)
        t->armed = bound ? LOOKING : 0;
}

static void link_thread(struct quasi_thread *t)
{
    t->next = threads;
    t->link = &threads;
    if (threads)
        threads->link = &t->next;
    threads = t;
}

static void unlink_thread(struct quasi_thread *t)
{
    *t->link = t->next;
    if (t->next)
        t->next->link = t->link;
}

/* forget_stack: nothing can be read where a thread had its variables, once it has ended. */
static void forget_stack(uintptr_t addr, uint64_t size)
{
    for (struct quasi_variant *v = variants; v; v = v->next)
        for (uint64_t i = 0; i < v->bound; i++)
            if (meets(&v->locations[i], addr, size)) {
                forget(v);
                break;
            }
}

/*
 * A thread ends. Destructors of other keys may still write, so it stays listed up to the last
 * round.
 */
static void thread_ends(void *thread)
{
    struct quasi_thread *self = thread;
    if (++self->rounds < PTHREAD_DESTRUCTOR_ITERATIONS - 1 && !pthread_setspecific(thread_key, self))
        return;
    static const uint64_t all = ~0ull;
    mask_signals(SIG_SETMASK, &all, NULL); /* for good: a handler would list the thread again */
    pthread_attr_t attr;
    void *stack = NULL;
    size_t size = SIZE_MAX;
    if (!pthread_getattr_np(pthread_self(), &attr)) {
        pthread_attr_getstack(&attr, &stack, &size);
        pthread_attr_destroy(&attr);
    }
    if (!take_lock(self, 0))
        return; /* lost for good: nobody will look at the list any more */
    forget_stack((uintptr_t)stack, size);
    unlink_thread(self);
    self->armed = UNLISTED;
    self->ended = 1;
    for (struct quasi_variant *v = variants; v; v = v->next)
        if (v->writer == self)
            v->writer = NULL;
    release_lock(self);
}

/* The lock was taken for this thread's fork. */
static _Thread_local int fork_locked __attribute__((tls_model("initial-exec")));

static void fork_begins(void)
{
    fork_locked = !__quasi_self.inside && take_lock(&__quasi_self, 0);
    if (!fork_locked) /* a handler forks */
        unplug_all();
}

static void fork_ends(void)
{
    if (fork_locked) {
        fork_locked = 0;
        release_lock(&__quasi_self);
    }
}

/* In the child there is this thread alone. */
static void fork_ends_in_child(void)
{
    if (!fork_locked)
        return;
    int listed = __quasi_self.armed != UNLISTED;
    threads = NULL;
    if (listed)
        link_thread(&__quasi_self);
    for (struct quasi_variant *v = variants; v; v = v->next) {
        v->held = 0;
        if (v->writer != &__quasi_self)
            v->writer = NULL;
    }
    forget_all();
    fork_ends();
}

static void print_statistics(void)
{
    const char *path = getenv("QUASI_STATS");
    FILE *file = path && path[0] == '/' ? fopen(path, "a") : stderr;
    if (!file)
        return;
    for (struct quasi_variant *v = variants; v; v = v->next)
        fprintf(file, "quasi: %s: plugged %d, armed %llu, refused %llu, kept %llu, held %llu, violated %llu\n", v->name,
                (int)(v->state & 1), (unsigned long long)v->armed, (unsigned long long)v->refused,
                (unsigned long long)v->kept, (unsigned long long)v->heldup, (unsigned long long)v->violated);
    if (file != stderr)
        fclose(file);
}

/* At program start, or before, if another constructor writes earlier. */
__attribute__((constructor)) static void get_ready(void)
{
    if (ready)
        return;
    ready = 1;
    if (pthread_key_create(&thread_key, thread_ends) || pthread_atfork(fork_begins, fork_ends, fork_ends_in_child))
        ready = -1; /* nothing can be armed */
    const char *s = getenv("QUASI_BACKOFF");
    if (s && !strcmp(s, "0"))
        backoff_on = 0;
    s = getenv("QUASI_STATS");
    if (s && *s && strcmp(s, "0"))
        atexit(print_statistics);
}

/* The lock is held. */
static void list_thread(struct quasi_thread *self)
{
    if (self->armed != UNLISTED)
        return;
    if (!ready)
        get_ready();
    if (self->ended) { /* a destructor that comes after all rounds: nobody can wait for this thread */
        ready = -1;
        forget_all();
        return;
    }
    link_thread(self);
    self->armed = bound ? LOOKING : 0;
    if (ready > 0 && pthread_setspecific(thread_key, self))
        ready = -1; /* its end could not be noticed */
}

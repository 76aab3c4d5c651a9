/*
 * threads.h: part of guards.c: the lock (G2), the list of threads, their ends, fork, and
 * what happens once a program.
 *
 * The lock is owned: the only listed thread takes it by saying so (inside), without an
 * atomic operation. Any other thread that wants it takes the word lock, ends the
 * ownership, and by membarrier makes sure that the owner has either seen that, or can be
 * seen inside; then it waits until the owner is outside. From then on all use the word,
 * until one thread alone is listed again. guard/lock_model_test.go checks that in all interleavings.
 */
enum { LOOKING = 1, UNLISTED = 2 };  /* of a thread's armed */
enum { WAITING = 1, OWNING };        /* of inside: it has or waits for lock; it has the lock if it owns it */
enum { LOCKED = 1, LOCKED_BLOCKED }; /* of lock: the holder can be interrupted, or not */
enum { LOCK_LOOKS = 2000 };          /* at the lock before giving up: some 100 ms */
enum { LIGHT_LOOKS = 50 };           /* before taking it the long way */

_Thread_local struct quasi_thread __quasi_self __attribute__((tls_model("initial-exec"))) = { .armed = UNLISTED };

static atomic_int lock;
static atomic_int abandoned;               /* somebody gave up waiting for who has the lock */
static struct quasi_thread *_Atomic owner; /* may take the lock without the word */
static struct quasi_thread *last_owner;    /* may still have it so; under the lock */
static pthread_key_t thread_key;
static atomic_int ready;  /* -1: nothing can be armed */
static atomic_int strays; /* threads that are not listed, and may be in a section that has not looked up */
static atomic_int torn;   /* what is bound cannot be looked at: the child of a fork in the middle of a change */

static void forget(struct variant *v);
static void add_calls(struct quasi_thread *t);
static void prepare_statistics(const char *where);
static void read_policy(const char *s);

static void forget_all(void)
{
    for (struct variant *v = variants; v; v = v->next)
        forget(v);
}

static int mask_signals(int how, const uint64_t *set, uint64_t *old)
{
    return syscall(SYS_rt_sigprocmask, how, set, old, sizeof *set);
}

static int membarrier_state; /* 1: registered, -1: there is none */
static int can_fence;        /* it was possible at first */

static int membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

/* fence_threads is a full fence in every other thread. */
static int fence_threads(void)
{
    if (membarrier_state == 0)
        membarrier_state = membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) ? -1 : 1;
    if (membarrier_state < 0)
        return 0;
    if (!membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
        return 1;
    return errno == EPERM && !membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) &&
           !membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
}

/* pause_at waits a little, for the i-th time: who has the lock may not have a processor. */
static void pause_at(int i)
{
    if (i <= 100)
        _mm_pause();
    else if (i <= 1000)
        sched_yield();
    else
        nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
}

/* Who sees it sees what the thread has done under the lock before. */
static inline void set_inside(struct quasi_thread *self, uint32_t how)
{
    __atomic_store_n(&self->inside, how, __ATOMIC_RELEASE);
}

static inline int owns_lock(struct quasi_thread *self)
{
    return atomic_load_explicit(&owner, memory_order_acquire) == self;
}

/* own_lock takes the lock if this thread owns it; own_unlock or more must follow. */
static inline int own_lock(struct quasi_thread *self)
{
    set_inside(self, OWNING); /* before looking: see end_ownership */
    barrier();
    return owns_lock(self);
}

/* own_unlock gives it back if nothing but locations' values has changed. */
static inline void own_unlock(struct quasi_thread *self)
{
    if (atomic_load_explicit(&abandoned, memory_order_relaxed))
        atomic_store_explicit(&abandoned, 0, memory_order_relaxed);
    set_inside(self, 0);
}

/* end_ownership returns 0 if the owner does not come out. The word lock is held. */
static int end_ownership(struct quasi_thread *self)
{
    atomic_store_explicit(&owner, NULL, memory_order_relaxed);
    if (last_owner != self) {
        if (!fence_threads())
            return 0;
        for (int i = 0; __atomic_load_n(&last_owner->inside, __ATOMIC_ACQUIRE) == OWNING; i++) {
            if (i > LOCK_LOOKS || atomic_load_explicit(&abandoned, memory_order_relaxed)) {
                atomic_store_explicit(&abandoned, 1, memory_order_relaxed);
                return 0;
            }
            pause_at(i);
        }
    }
    last_owner = NULL;
    return 1;
}

/*
 * take_lock returns 0 if somebody has had the lock for too long. Where other threads
 * are listed the lock is held with signals blocked, so that it is released in the end.
 * A thread alone does not pay for that, nor who holds it for a moment (light_lock).
 * A handler that leaves it by longjmp leaves the lock behind: nothing is armed any more,
 * and writes go on without it. section is the guarded section that looks up, or has
 * written, when the lock is there.
 */
static int take_lock(struct quasi_thread *self, uint32_t section)
{
    if (atomic_load_explicit(&torn, memory_order_relaxed))
        return 0;
    int owned = own_lock(self) && !self->ending; /* before anything else: a handler must not wait for us */
    self->saved_errno = errno;
    if (!owned) {
        static const uint64_t all = ~0ull;
        int mine = mask_signals(SIG_SETMASK, &all, &self->mask) ? LOCKED : LOCKED_BLOCKED;
        set_inside(self, WAITING);
        set(self->waits, section);
        barrier();
        int taken = 0;
        for (int i = 0;; i++) {
            int free = 0, now = atomic_load_explicit(&lock, memory_order_relaxed);
            if (!now &&
                atomic_compare_exchange_strong_explicit(&lock, &free, mine, memory_order_acquire, memory_order_relaxed)) {
                taken = !last_owner || end_ownership(self);
                if (!taken)
                    atomic_store_explicit(&lock, 0, memory_order_release);
                break;
            }
            if (now == LOCKED && (i > LOCK_LOOKS || (i > 100 && atomic_load_explicit(&abandoned, memory_order_relaxed)))) {
                atomic_store_explicit(&abandoned, 1, memory_order_relaxed);
                break;
            }
            pause_at(i);
        }
        set(self->waits, 0);
        if (!taken) {
            errno = self->saved_errno;
            barrier();
            set_inside(self, 0);
            if (mine == LOCKED_BLOCKED)
                mask_signals(SIG_SETMASK, &self->mask, NULL);
            return 0;
        }
    }
    if (atomic_load_explicit(&dirty, memory_order_relaxed) && atomic_exchange(&dirty, 0))
        forget_all();
    return 1;
}

/*
 * light_lock is take_lock for a moment, in which no function of the library is called;
 * it returns 0 where that needs more.
 */
static inline int light_lock(struct quasi_thread *self)
{
    if (get(self->inside) || get(self->armed) == UNLISTED || atomic_load_explicit(&torn, memory_order_relaxed))
        return 0;
    if (own_lock(self))
        return 1;
    set_inside(self, WAITING);
    barrier();
    for (int i = 0; i < LIGHT_LOOKS; i++) {
        int free = 0;
        if (atomic_compare_exchange_strong_explicit(&lock, &free, LOCKED, memory_order_acquire, memory_order_relaxed)) {
            if (!last_owner)
                return 1;
            atomic_store_explicit(&lock, 0, memory_order_release);
            break;
        }
        _mm_pause();
    }
    barrier();
    set_inside(self, 0);
    return 0;
}

static inline void light_unlock(struct quasi_thread *self)
{
    if (get(self->inside) != OWNING)
        atomic_store_explicit(&lock, 0, memory_order_release);
    own_unlock(self);
}

static void release_lock(struct quasi_thread *self)
{
    if (atomic_load_explicit(&dirty, memory_order_relaxed) && atomic_exchange(&dirty, 0))
        forget_all();
    if (atomic_load_explicit(&abandoned, memory_order_relaxed))
        atomic_store_explicit(&abandoned, 0, memory_order_relaxed);
    int blocked = 0;
    if (get(self->inside) != OWNING) {
        blocked = atomic_load_explicit(&lock, memory_order_relaxed) == LOCKED_BLOCKED;
        /* The last of what is done under the lock: from then on the owner does not look at the word. */
        if (threads && !threads->next && can_fence) {
            last_owner = threads;
            atomic_store_explicit(&owner, threads, memory_order_release);
        }
        atomic_store_explicit(&lock, 0, memory_order_release);
    }
    errno = self->saved_errno;
    set_inside(self, 0);
    if (blocked)
        mask_signals(SIG_SETMASK, &self->mask, NULL);
}

/* unplug makes state even, and different from what it was. */
static void unplug(struct variant *v)
{
    uint64_t s = atomic_load(&v->state);
    while (!atomic_compare_exchange_weak(&v->state, &s, (s | 1) + 1))
        ;
    if (v->follow) /* also if it was unplugged: who has done it may not have come so far */
        v->follow(v, STEP_UNPLUGGED);
}

/* before_plug is the state that plug needs. */
static uint64_t before_plug(struct variant *v)
{
    uint64_t s = atomic_load(&v->state);
    if (v->follow)
        v->follow(v, STEP_BEFORE);
    return s;
}

/* plug does so unless somebody has unplugged since state was s. */
static int plug(struct variant *v, uint64_t s)
{
    if (atomic_load(&dirty) || !atomic_compare_exchange_strong(&v->state, &s, s | 1))
        return 0;
    if (v->follow)
        v->follow(v, STEP_PLUGGED);
    return 1;
}

static atomic_int walkers; /* in unplug_all */

/* A handler that runs while its thread has the lock, or waits for it. */
static void unplug_all(void)
{
    if (atomic_load_explicit(&torn, memory_order_relaxed))
        return; /* nothing was plugged any more */
    atomic_fetch_add(&walkers, 1); /* see __quasi_variants_end */
    atomic_store(&dirty, 1);       /* first: see plug */
    for (struct variant *v = variants; v; v = get(v->next))
        unplug(v);
    atomic_fetch_sub(&walkers, 1);
}

static void tell_threads(void)
{
    for (struct quasi_thread *t = threads; t; t = t->next)
        set(t->armed, bound ? LOOKING : 0);
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
    for (struct variant *v = variants; v; v = v->next)
        if (concerns(v, addr, size))
            forget(v);
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
    self->ending = 1; /* by the word, which ends its ownership: others must not look for an owner that is gone */
    if (!take_lock(self, 0)) {
        unplug_all();
        atomic_store(&torn, 1); /* nobody must look at the list any more */
        return;
    }
    forget_stack((uintptr_t)stack, size);
    unlink_thread(self);
    add_calls(self);
    set(self->armed, UNLISTED);
    self->ended = 1;
    for (struct variant *v = variants; v; v = v->next) {
        if (v->writer == self)
            v->writer = NULL;
        uint64_t i = v->id - 1;
        if (i < MOST_HELD && self->holds[i]) { /* it was cancelled in a section, say */
            v->held -= self->holds[i];
            forget(v);
        }
    }
    release_lock(self);
}

/* The lock was taken for this thread's fork. */
static _Thread_local int fork_locked __attribute__((tls_model("initial-exec")));

static void fork_begins(void)
{
    fork_locked = !get(__quasi_self.inside) && take_lock(&__quasi_self, 0);
    if (!fork_locked) /* a handler forks, or the lock was left behind */
        unplug_all();
}

static void fork_ends(void)
{
    if (fork_locked) {
        fork_locked = 0;
        release_lock(&__quasi_self);
    }
}

/*
 * In the child there is this thread alone. If it forks without the lock, another thread,
 * or what a handler has interrupted, may have been changing what is bound.
 */
static void fork_ends_in_child(void)
{
    struct quasi_thread *self = &__quasi_self;
    if (!fork_locked) {
        atomic_store(&torn, 1); /* everything has been unplugged before */
        atomic_store(&owner, NULL);
        return;
    }
    int listed = get(self->armed) != UNLISTED;
    for (struct quasi_thread *t = threads; t; t = t->next)
        if (t != self)
            add_calls(t);
    threads = NULL;
    if (listed)
        link_thread(self);
    if (get(self->inside) == OWNING) { /* who was about to end that is not here */
        last_owner = self;
        atomic_store(&owner, self);
        atomic_store(&lock, 0);
    }
    memset(self->holds, 0, sizeof self->holds);
    for (struct variant *v = variants; v; v = v->next) {
        v->held = 0;
        if (v->writer != self)
            v->writer = NULL;
    }
    forget_all();
    fork_ends();
}

/* At program start, or before, if another constructor writes earlier. */
__attribute__((constructor)) static void get_ready(void)
{
    if (ready)
        return;
    ready = 1;
    int saved_errno = errno;
    can_fence = fence_threads();
    errno = saved_errno;
    if (pthread_key_create(&thread_key, thread_ends) || pthread_atfork(fork_begins, fork_ends, fork_ends_in_child))
        ready = -1; /* nothing can be armed */
    read_policy(getenv("QUASI_BACKOFF"));
    prepare_statistics(getenv("QUASI_STATS"));
}

/*
 * The program ends, or what holds the run-time is unloaded: threads that end later must
 * not call what is not there any more.
 */
__attribute__((destructor)) static void end_all(void)
{
    struct quasi_thread *self = &__quasi_self;
    int was = atomic_exchange(&ready, -1);
    if (!get(self->inside) && take_lock(self, get(self->nest))) {
        forget_all();
        release_lock(self);
    } else {
        unplug_all();
    }
    if (was > 0)
        pthread_key_delete(thread_key);
}

/*
 * list_thread: who arms has to know of this thread. The lock is held. A thread whose end
 * would not be noticed is not listed; then nothing is bound any more, ever.
 */
static void list_thread(struct quasi_thread *self)
{
    if (get(self->armed) != UNLISTED)
        return;
    if (!ready)
        get_ready();
    if (ready > 0 && (self->ended || pthread_setspecific(thread_key, self))) /* ended: a destructor that comes after all rounds */
        ready = -1;
    if (self->stray) { /* from now on its nest tells */
        self->stray = 0;
        atomic_fetch_sub(&strays, 1);
    }
    if (ready < 0) {
        forget_all();
        set(self->armed, 0);
        return;
    }
    link_thread(self);
    set(self->armed, bound ? LOOKING : 0);
}

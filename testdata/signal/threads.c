/*
 * The kill path in a program of threads. Senders call sys_kill for the current
 * process while others change users, retarget caches, switch the current
 * process, and create and end processes, whose memory is freed and used again: all by
 * ordinary assignments.
 *
 *     threads free SEED SENDS [RATIO]     all at once; RATIO sends a change,
 *                                         by the same thread and by another
 *     threads script SEED STEPS           one step at a time, by threads in turn
 *     threads alone SEED SENDS [RATIO]    as free, with one lock for everything
 *
 * What a call has to do is foretold from the state under the locks that it holds, and
 * compared; what is printed does not depend on the schedule. With the environment
 * variable YIELD threads give way at random, with ALARM a handler writes, too.
 *
 * Locks: the table's lock for reading makes the list of processes, current and the life of all
 * tasks stand still; each task's lock (hashed) all else of it; the run queue has its own. A
 * sender has the locks of both tasks.
 */
#define _GNU_SOURCE /* pthread_rwlock_t under -std=c11 */

#include "signal.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { SENDERS = 2, THREADS = 4, LOCKS = 32, MOST_TASKS = 24, FEWEST_TASKS = 6, ALARM_US = 700 };
enum { LINUX_SIGALRM = 14 }; /* the host's; signal.h has the model's */

typedef void (*host_handler)(int);
host_handler signal(int, host_handler);
int raise(int);

struct task_struct init_task, *current;

static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t locks[LOCKS], queue_lock = PTHREAD_MUTEX_INITIALIZER, all_lock = PTHREAD_MUTEX_INITIALIZER;

/* Under table_lock for writing. */
static int tasks, last_pid;
static long forked, ended;

/* Under queue_lock. */
static long wakeups;

static _Atomic long sends, changes, wrong, foretold_wakeups;
static long wanted, ratio;
static int one_lock, yields;

/* ---- random numbers: xorshift64* ---- */

static unsigned below(uint64_t *seed, unsigned n)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (unsigned)((*seed * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

static uint64_t seed_of(uint64_t seed, int thread) { return (seed * 2 + 1) * 0x9e3779b97f4a7c15ULL + (uint64_t)thread * 77 + 1; }

static void give_way(uint64_t *seed)
{
    if (yields && below(seed, 8) == 0)
        sched_yield();
}

/* ---- locks ---- */

static void lock_table(int exclusive)
{
    if (one_lock)
        pthread_mutex_lock(&all_lock);
    else if (exclusive)
        pthread_rwlock_wrlock(&table_lock);
    else
        pthread_rwlock_rdlock(&table_lock);
}

static void unlock_table(void)
{
    if (one_lock)
        pthread_mutex_unlock(&all_lock);
    else
        pthread_rwlock_unlock(&table_lock);
}

static pthread_mutex_t *lock_of(const struct task_struct *p) { return &locks[p->pid % LOCKS]; }

/* Both locks, in the order of their addresses; b may be none. */
static void lock_pair(struct task_struct *a, struct task_struct *b)
{
    pthread_mutex_t *x = lock_of(a), *y = b ? lock_of(b) : x;

    if (one_lock)
        return;
    pthread_mutex_lock(x < y ? x : y);
    if (x != y)
        pthread_mutex_lock(x < y ? y : x);
}

static void unlock_pair(struct task_struct *a, struct task_struct *b)
{
    if (one_lock)
        return;
    pthread_mutex_unlock(lock_of(a));
    if (b && lock_of(b) != lock_of(a))
        pthread_mutex_unlock(lock_of(b));
}

/* ---- the table; its lock is held for writing ---- */

static void handler(int sig) { (void)sig; }

static struct task_struct *fork_task(uint64_t *seed)
{
    static const sighandler_t handlers[] = { SIG_DFL, SIG_IGN, handler };
    struct task_struct *p;
    struct signal_struct *sig;

    if (tasks == MOST_TASKS)
        return NULL;
    p = malloc(sizeof *p);
    sig = malloc(sizeof *sig);
    if (!p || !sig)
        abort();
    memset(p, 0, sizeof *p);
    memset(sig, 0, sizeof *sig);
    for (int i = 0; i < NSIG; i++)
        sig->action[i].sa_handler = handlers[below(seed, 3)];
    p->state = TASK_INTERRUPTIBLE;
    p->pid = ++last_pid;
    p->session = 1 + (int)below(seed, 2);
    p->uid = p->euid = (unsigned short)(below(seed, 3) ? 1000 : below(seed, 2));
    p->blocked = below(seed, 4) ? 0 : 1UL << (SIGUSR1 - 1);
    p->sig = sig;
    p->last_sig = (int)below(seed, 2) * SIGUSR1;
    p->last_sig_to = p;
    p->next_task = &init_task;
    p->prev_task = init_task.prev_task;
    p->prev_task->next_task = p;
    init_task.prev_task = p;
    tasks++;
    forked++;
    return p;
}

static struct task_struct *any_task(uint64_t *seed)
{
    struct task_struct *p = init_task.next_task;
    int n;

    for (n = (int)below(seed, (unsigned)tasks); n > 0; n--)
        p = p->next_task;
    return p;
}

/* Nobody remembers p any more; it stays in the list as a zombie. */
static void exit_task(struct task_struct *p)
{
    struct task_struct *q;

    free(p->sig);
    p->sig = NULL;
    p->state = TASK_ZOMBIE;
    for_each_task(q) if (q->last_sig_to == p) q->last_sig_to = q;
}

/* The end of p's memory: a zombie may have been sent signals, so caches may lead to it. */
static void reap_task(struct task_struct *p)
{
    struct task_struct *q;

    for_each_task(q) if (q->last_sig_to == p) q->last_sig_to = q;
    p->next_task->prev_task = p->prev_task;
    p->prev_task->next_task = p->next_task;
    free(p);
    tasks--;
    ended++;
}

/* ---- what signal.c calls; the lock of p is held ---- */

void wake_up_process(struct task_struct *p)
{
    pthread_mutex_lock(&queue_lock);
    wakeups++;
    pthread_mutex_unlock(&queue_lock);
    p->state = TASK_RUNNING;
}

/* ---- what a call has to do ---- */

/* All of a task that sending a signal may change. */
struct image {
    long state;
    unsigned long signal, flags;
    int last_sig, last_pid;
};

static struct image image_of(const struct task_struct *p)
{
    return (struct image){ p->state, p->signal, p->flags, p->last_sig, p->last_sig_to->pid };
}

static int same(struct image a, struct image b)
{
    return a.state == b.state && a.signal == b.signal && a.flags == b.flags && a.last_sig == b.last_sig &&
           a.last_pid == b.last_pid;
}

struct foretold {
    int result, wakes;
    struct image from, to;
};

/* The effect of kill(pid, sig) for signal 0, SIGUSR1, and others that are like it. */
static struct foretold foretell(const struct task_struct *me, const struct task_struct *p, int sig)
{
    struct foretold f = { -ESRCH, 0, image_of(me), { 0, 0, 0, 0, 0 } };
    int is_me = me == p;

    if (!p)
        return f;
    f.result = 0;
    f.from.last_sig = sig;
    f.from.last_pid = p->pid;
    f.to = is_me ? f.from : image_of(p);
    if (me->euid != p->euid && me->euid != p->uid) {
        if (me->euid) {
            f.result = -EPERM;
            return f;
        }
        f.from.flags |= PF_SUPERPRIV;
        if (is_me)
            f.to = f.from;
    }
    if (sig == 0 || !p->sig)
        return f;
    if ((p->blocked >> (sig - 1) & 1) == 0 && p->sig->action[sig - 1].sa_handler == SIG_IGN)
        return f;
    f.to.signal |= 1UL << (sig - 1);
    if (p->state == TASK_INTERRUPTIBLE && (f.to.signal & ~p->blocked)) {
        f.to.state = TASK_RUNNING;
        f.wakes = 1;
    }
    if (is_me)
        f.from = f.to;
    return f;
}

static struct task_struct *find(int pid)
{
    struct task_struct *p;

    for_each_task(p) if (p->pid == pid) return p;
    return NULL;
}

/* ---- steps; each takes its locks ---- */

/* Sends a signal, mostly the one of last time. Returns what it did, as a number. */
static uint64_t send(uint64_t *seed)
{
    static const int signals[] = { SIGUSR1, 0, SIGUSR1, 0, 1 };
    struct task_struct *me, *to;
    struct foretold want;
    int pid, sig, result;
    uint64_t did;

    lock_table(0);
    me = current;
    if (!one_lock)
        pthread_mutex_lock(lock_of(me));
    sig = me->last_sig;
    to = me->last_sig_to;
    pid = to->pid;
    if (below(seed, 64) == 0) {
        sig = signals[below(seed, 5)];
        if (below(seed, 2)) {
            pid = last_pid - (int)below(seed, MOST_TASKS);
            to = find(pid);
        }
    }
    if (!one_lock)
        pthread_mutex_unlock(lock_of(me));
    lock_pair(me, to);
    want = foretell(me, to, sig);
    result = pid > 0 ? sys_kill(pid, sig) : -ESRCH;
    did = (uint64_t)(result + 100) << 32 | (uint64_t)sig << 16 | (uint64_t)me->pid % 0xffff;
    if (result != want.result || !same(image_of(me), want.from) || (to && !same(image_of(to), want.to)))
        wrong++;
    foretold_wakeups += want.wakes;
    if (to && below(seed, 4) == 0) { /* it takes its signal and sleeps again */
        to->signal = 0;
        if (to->sig)
            to->state = TASK_INTERRUPTIBLE;
    }
    unlock_pair(me, to);
    unlock_table();
    return did;
}

/* Assigns; now and then by an atomic operation, whose guard does not know the value before. */
#define SET(seed, place, value)                                                                                        \
    do {                                                                                                               \
        __typeof__(place) to_ = (value), was_ = (place);                                                               \
        switch (below(seed, 8)) {                                                                                      \
        case 0: __atomic_store_n(&(place), to_, __ATOMIC_RELAXED); break;                                              \
        case 1: __atomic_exchange_n(&(place), to_, __ATOMIC_ACQ_REL); break;                                           \
        case 2: __atomic_compare_exchange_n(&(place), &was_, to_, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED); break;       \
        default: (place) = to_;                                                                                        \
        }                                                                                                              \
    } while (0)

/* Breaks what variants rely on, or mends it. */
static uint64_t change(uint64_t *seed)
{
    struct task_struct *me, *p, *to, copy;
    unsigned what = below(seed, 16);
    uint64_t did = what;

    lock_table(what < 3);
    me = current;
    switch (what) {
    case 0: SET(seed, current, any_task(seed)); break;
    case 1: SET(seed, current->last_sig_to, any_task(seed)); break;
    case 2: /* an assignment of all of it */
        copy = *me;
        copy.euid = (unsigned short)(below(seed, 2) * 1000);
        *me = copy;
        did = did << 16 | me->euid;
        break;
    case 3: /* retargets the cache; what it leads to may be anything */
        lock_pair(me, NULL);
        me->last_sig_to = any_task(seed);
        me->last_sig = below(seed, 2) ? SIGUSR1 : 0;
        unlock_pair(me, NULL);
        break;
    case 4:
        lock_pair(me, NULL);
        SET(seed, me->last_sig, me->last_sig == SIGUSR1 ? 0 : SIGUSR1);
        unlock_pair(me, NULL);
        break;
    case 5: /* one that is not concerned, mostly */
    case 6:
        p = any_task(seed);
        lock_pair(p, NULL);
        p->uid = p->euid = (unsigned short)below(seed, 3);
        did = did << 16 | (uint64_t)p->pid;
        unlock_pair(p, NULL);
        break;
    default: /* the sender's user: that of whom it sends to, or another */
        lock_pair(me, NULL);
        to = me->last_sig_to;
        unlock_pair(me, NULL);
        lock_pair(me, to);
        SET(seed, me->euid, me->euid == to->euid ? (unsigned short)(below(seed, 2) * 1001) : to->euid);
        if (below(seed, 16) == 0)
            to->uid = to->euid = 1000;
        did = did << 16 | me->euid;
        unlock_pair(me, to);
    }
    unlock_table();
    return did;
}

/* A process comes, or one goes. */
static uint64_t live(uint64_t *seed)
{
    struct task_struct *p;
    uint64_t did = 0;

    lock_table(1);
    p = any_task(seed);
    if (tasks < FEWEST_TASKS || (tasks < MOST_TASKS && below(seed, 2))) {
        p = fork_task(seed);
        did = (uint64_t)p->pid;
    } else if (p != current) {
        did = (uint64_t)p->pid << 1 | (p->state == TASK_ZOMBIE);
        if (p->state != TASK_ZOMBIE)
            exit_task(p);
        else
            reap_task(p);
    }
    unlock_table();
    return did;
}

/* ---- all at once ---- */

/* A handler writes to a task of its own, which is in no list. */
static void alarmed(int sig)
{
    static struct task_struct own;
    static _Atomic int busy;

    (void)sig;
    if (!busy++) {
        own.last_sig_to = &own;
        own.euid++;
        own.last_sig = own.euid;
    }
    busy--;
}

static void *sender(void *arg)
{
    uint64_t seed = *(uint64_t *)arg;

    while (sends++ < wanted) {
        send(&seed);
        if (below(&seed, (unsigned)ratio) == 0)
            change(&seed);
        give_way(&seed);
        while (sends > (changes + 64) * ratio && sends < wanted)
            sched_yield();
    }
    return NULL;
}

static void *changer(void *arg)
{
    uint64_t seed = *(uint64_t *)arg;

    while (sends < wanted) {
        change(&seed);
        changes++;
        give_way(&seed);
        while (sends < (changes - 64) * ratio && sends < wanted)
            sched_yield();
    }
    return NULL;
}

static void *guest(void *arg)
{
    uint64_t seed = *(uint64_t *)arg;

    live(&seed);
    send(&seed);
    return NULL;
}

/* Processes come and go; now and then a thread of its own does it. */
static void *parent(void *arg)
{
    uint64_t seed = *(uint64_t *)arg;

    for (long i = 1; sends < wanted; i++) {
        uint64_t own = seed + (uint64_t)i;
        pthread_t t;

        if (i % 64 == 0 && !pthread_create(&t, NULL, guest, &own))
            pthread_join(t, NULL);
        else
            live(&seed);
        give_way(&seed);
        while (sends < i * ratio * 4 && sends < wanted)
            sched_yield();
    }
    return NULL;
}

static void all_at_once(uint64_t seed)
{
    static void *(*const start[THREADS])(void *) = { sender, sender, changer, parent };
    static uint64_t seeds[THREADS];
    pthread_t threads[THREADS];
    struct itimerval every = { { 0, ALARM_US }, { 0, ALARM_US } };

    if (getenv("ALARM")) {
        signal(LINUX_SIGALRM, alarmed);
        setitimer(ITIMER_REAL, &every, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        seeds[i] = seed_of(seed, i);
        if (pthread_create(&threads[i], NULL, start[i], &seeds[i]))
            abort();
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

/* ---- by a script ---- */

static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn = -1; /* the thread that may take a step; THREADS: the end */
static uint64_t script, trace = 0xcbf29ce484222325ULL;

static void next_turn(void)
{
    turn = wanted-- > 0 ? (int)below(&script, THREADS) : THREADS;
    pthread_cond_broadcast(&turn_changed);
}

/* Several steps a turn, so that a thread also finds what it has left itself. */
static void *actor(void *arg)
{
    int self = *(int *)arg;

    pthread_mutex_lock(&turn_lock);
    for (;;) {
        while (turn != self && turn != THREADS)
            pthread_cond_wait(&turn_changed, &turn_lock);
        if (turn == THREADS)
            break;
        for (int n = 1 + (int)below(&script, 3); n > 0; n--) {
            unsigned what = below(&script, 8);
            uint64_t did = what < 5 ? send(&script) : what < 7 ? change(&script) : live(&script);

            trace = (trace ^ (did * 8 + what)) * 0x100000001b3ULL;
        }
        next_turn();
    }
    pthread_mutex_unlock(&turn_lock);
    return NULL;
}

static void by_script(uint64_t seed)
{
    static int numbers[THREADS];
    pthread_t threads[THREADS];
    struct task_struct *p;

    script = seed_of(seed, 0);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, actor, &numbers[i]))
            abort();
    }
    pthread_mutex_lock(&turn_lock);
    next_turn();
    pthread_mutex_unlock(&turn_lock);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for_each_task(p) printf("%d %d %d %ld %lu %d %d\n", p->pid, p->uid, p->euid, p->state, p->signal, p->last_sig,
                            p->last_sig_to->pid);
    printf("current %d, trace %016llx, %ld forked, %ld ended, %ld wakeups\n", current->pid, (unsigned long long)trace,
           forked, ended, wakeups);
}

int main(int argc, char **argv)
{
    uint64_t seed;
    struct task_struct *p;
    int n = 0;

    if (argc < 4) {
        fprintf(stderr, "usage: threads free|alone|script SEED COUNT [RATIO]\n");
        return 2;
    }
    seed = strtoull(argv[2], NULL, 10);
    wanted = strtol(argv[3], NULL, 10);
    ratio = argc > 4 ? strtol(argv[4], NULL, 10) : 4;
    one_lock = !strcmp(argv[1], "alone");
    yields = getenv("YIELD") != NULL;
    init_task.next_task = init_task.prev_task = &init_task;
    init_task.last_sig_to = &init_task;
    for (int i = 0; i < LOCKS; i++)
        pthread_mutex_init(&locks[i], NULL);
    uint64_t first = seed_of(seed, THREADS);
    for (int i = 0; i < 8; i++)
        fork_task(&first);
    current = init_task.next_task;
    if (!strcmp(argv[1], "script"))
        by_script(seed);
    else
        all_at_once(seed);
    for_each_task(p) n++;
    printf("%ld wrong, tasks %s, wakeups %s\n", (long)wrong, n == tasks && forked - ended == n ? "right" : "lost",
           wakeups == foretold_wakeups ? "right" : "lost");
    return wrong != 0;
}

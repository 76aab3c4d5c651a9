/*
 * replug_stress.c: threads call one slot and replace its function, in all ways there are.
 *
 *     replug_stress KIND SCHEDULE THREADS CALLS REPLACEMENTS SEED
 *
 * Each function belongs to one thread at a time, or is plugged. Who displaces one owns it, and
 * once he is told that nobody is in it any more he poisons it, by a plain write that a race
 * detector sees. A function that runs poisoned ends the program. In the end each function
 * has one owner or is plugged: no replacement was lost.
 *
 * SCHEDULE is free, one (processor for all threads), two, fifo, rr, yield (inside, at random), signals (whose
 * handlers call and replace), or threads (which end all the time, inside too).
 */
#define _GNU_SOURCE
#include "quasi.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FUNCTIONS = 96, MOST_THREADS = 8, OWN = 8, OWN_HANDLER = 3, MOST_PENDING = 8, SLICE = 5000 };

static void die(const char *what)
{
    fprintf(stderr, "replug_stress: %s\n", what);
    abort();
}

/* What a thread does; threads that end hand it on. */
struct worker {
    pthread_t thread;
    int number;
    uint64_t random;
    uint64_t calls, replacements, bodies, inside, pending_seen;
    atomic_uint_fast64_t progress; /* for the watcher */
    uint64_t most_calls, most_replacements;
    int own[FUNCTIONS], owned;                 /* not plugged, and poisoned */
    struct quasi_replacement pending[MOST_PENDING];
    int pendings;
    int handler_own[OWN_HANDLER + 1], handler_owned; /* the same for what its handler does */
    struct quasi_replacement handler_pending;
    int handler_waits;
    atomic_uint_fast64_t handled;
    int depth;
};

static struct worker workers[MOST_THREADS];
static int n_threads, yields, slices;
static int alive[FUNCTIONS]; /* plain: who reads it while it is written races */
static atomic_int finished;
static pthread_barrier_t start;
static __thread struct worker *me;
static __thread int in_handler;

static uint32_t draw(struct worker *w, uint32_t below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (uint32_t)(w->random >> 20) % below;
}

static int body(int number, int x);

#define F(n) static int f##n(int x) { return body(n, x) + n; }
#define F8(n) F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7)
F8(1) F8(2) F8(3) F8(4) F8(5) F8(6) F8(7) F8(8) F8(9)
#define N(n) f##n
#define N8(n) N(n##0), N(n##1), N(n##2), N(n##3), N(n##4), N(n##5), N(n##6), N(n##7)
static int (*const functions[])(int) = { N8(1), N8(2), N8(3), N8(4), N8(5), N8(6), N8(7), N8(8), N8(9) };
enum { USED = sizeof functions / sizeof *functions };

static int index_of(void (*f)(void))
{
    for (int i = 0; i < USED; i++)
        if ((void (*)(void))functions[i] == f)
            return i;
    die("what was displaced was never plugged");
    return 0;
}

int first(int x);
int first(int x) { return f10(x); }
static QUASI_SLOT(POINTER, first) pointer = QUASI_INIT(POINTER, f10);
static QUASI_SLOT(SIMPLE, first) simple = QUASI_INIT(SIMPLE, f10);
static QUASI_SLOT(COUNTING, first) counting = QUASI_INIT(COUNTING, f10);
QUASI_PATCHED(patched, first);

static int kind, poisons;

/* poison marks a function as one that must not run, or that may: by a plain write. */
static void poison(int f, int value)
{
    if (poisons)
        alive[f] = value;
}

static int call(int x)
{
    switch (kind) {
    case QUASI_POINTER:
        return quasi_call(pointer, x);
    case QUASI_SIMPLE:
        return quasi_call(simple, x);
    case QUASI_COUNTING:
        return quasi_call(counting, x);
    default:
        return quasi_call_patched(patched, x);
    }
}

static int begin(int (*f)(int), struct quasi_replacement *r)
{
    switch (kind) {
    case QUASI_POINTER:
        return quasi_replug_begin(pointer, f, r);
    case QUASI_SIMPLE:
        return quasi_replug_begin(simple, f, r);
    case QUASI_COUNTING:
        return quasi_replug_begin(counting, f, r);
    default:
        return quasi_replug_begin(patched, f, r);
    }
}

/* completed poisons what was displaced, and keeps it. */
static void completed(struct worker *w, struct quasi_replacement *r)
{
    int old = index_of(r->old);
    poison(old, 0);
    w->own[w->owned++] = old;
}

static void look_at_pending(struct worker *w, int wait)
{
    for (int i = 0; i < w->pendings;) {
        int result = wait ? quasi_replug_wait(&w->pending[i]) : quasi_replug_poll(&w->pending[i]);
        if (result < 0)
            die("a replacement failed");
        if (result) {
            w->inside += result == QUASI_INSIDE;
            w->pending_seen += result == QUASI_PENDING;
            i++;
            continue;
        }
        completed(w, &w->pending[i]);
        w->pending[i] = w->pending[--w->pendings];
    }
}

/* replace plugs one of the worker's functions. It waits as how says. */
static void replace(struct worker *w, int how)
{
    if (w->pendings == MOST_PENDING || !w->owned)
        look_at_pending(w, how);
    if (w->pendings == MOST_PENDING || !w->owned)
        return; /* all that it had is still in use, by itself */
    int i = (int)draw(w, (uint32_t)w->owned), f = w->own[i];
    w->own[i] = w->own[--w->owned];
    poison(f, 1);
    struct quasi_replacement *r = &w->pending[w->pendings++];
    if (begin(functions[f], r) < 0)
        die("a replacement failed");
    w->replacements++;
    look_at_pending(w, how);
}

/* What runs, whatever is plugged. */
static int body(int number, int x)
{
    int f = number - 10 - 2 * (number / 10 - 1); /* two digits up to 7 */
    if (!alive[f])
        die("a poisoned function was entered");
    struct worker *w = me;
    if (in_handler) {
        if (!alive[f])
            die("a poisoned function was running");
        return x;
    }
    w->bodies++;
    atomic_fetch_add_explicit(&w->progress, 1, memory_order_relaxed);
    if (w->depth < 4) {
        w->depth++;
        switch (draw(w, 64)) {
        case 0:
        case 1:
        case 2:
            w->calls++;
            call(x + 1);
            break;
        case 3:
            if (w->replacements < w->most_replacements)
                replace(w, 0);
            break;
        case 4:
            if (w->replacements < w->most_replacements)
                replace(w, 1);
            break;
        case 5:
            if (yields)
                sched_yield();
            break;
        case 6:
            if (slices && !draw(w, 512)) {
                w->depth = 0;
                pthread_exit(NULL);
            }
            break;
        }
        w->depth--;
    }
    if (!alive[f])
        die("a poisoned function was running");
    return x;
}

/* The handler replaces with functions of its own, and never waits. */
static void handle(int sig)
{
    (void)sig;
    struct worker *w = me;
    if (!w || finished)
        return;
    int was = in_handler;
    in_handler = 1;
    call(1);
    if (w->handler_waits) {
        int result = quasi_replug_poll(&w->handler_pending);
        if (result < 0)
            die("a replacement failed");
        if (result == 0) {
            int old = index_of(w->handler_pending.old);
            poison(old, 0);
            w->handler_own[w->handler_owned++] = old;
            w->handler_waits = 0;
        }
    } else {
        int f = w->handler_own[--w->handler_owned];
        poison(f, 1);
        if (begin(functions[f], &w->handler_pending) < 0)
            die("a replacement failed");
        w->handler_waits = 1;
    }
    call(1);
    in_handler = was;
    w->handled++;
}

static void *work(void *arg)
{
    struct worker *w = me = arg;
    for (int i = 0; (w->calls < w->most_calls || w->replacements < w->most_replacements) && (!slices || i < SLICE); i++) {
        w->calls++;
        call(i & 1023);
        if (w->replacements < w->most_replacements && (w->calls >= w->most_calls || !draw(w, 16)))
            replace(w, draw(w, 4) != 0);
    }
    me = NULL;
    return NULL;
}

static int works(const struct worker *w) { return w->calls < w->most_calls || w->replacements < w->most_replacements; }

/* With schedule threads a worker has one thread after the other. */
static void *supervise(void *arg)
{
    struct worker *w = arg;
    pthread_barrier_wait(&start);
    if (!slices)
        return work(w);
    while (works(w)) {
        pthread_t t;
        if (pthread_create(&t, NULL, work, w))
            die("there is no thread");
        pthread_join(t, NULL);
    }
    return NULL;
}

static void *send_signals(void *arg)
{
    (void)arg;
    for (unsigned i = 0; !finished; i++) {
        pthread_kill(workers[i % (unsigned)n_threads].thread, SIGUSR1);
        usleep(i % 7 * 10);
    }
    return NULL;
}

/* asleep reports whether all threads but the calling one sleep in the kernel. */
static int asleep(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int all = 1;
    for (struct dirent *d; tasks && (d = readdir(tasks));) {
        char path[300], text[300], state = 'R';
        if (d->d_name[0] == '.' || atoi(d->d_name) == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/stat", d->d_name);
        FILE *stat = fopen(path, "r");
        if (stat) {
            if (fgets(text, sizeof text, stat) && strrchr(text, ')'))
                state = strrchr(text, ')')[2];
            fclose(stat);
        } else {
            state = 'S'; /* it has ended */
        }
        all = all && state == 'S';
    }
    if (tasks)
        closedir(tasks);
    return all;
}

/*
 * watch ends the program if nothing goes on any more: all threads sleep at many looks in a row, or
 * much processor time passes, and no worker has called or replaced.
 */
static void *watch(void *arg)
{
    (void)arg;
    uint64_t seen = 0;
    int slept = 0;
    double since = 0;
    while (!finished) {
        struct timespec t;
        uint64_t progress = 0;
        for (int i = 0; i < n_threads; i++)
            progress += workers[i].progress;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        double used = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
        if (progress != seen) {
            seen = progress;
            slept = 0;
            since = used;
        } else if (used - since > 60) {
            die("a minute of processor time, and no progress");
        } else if (asleep() && ++slept > 100) {
            die("all threads sleep: a dead-lock");
        }
        usleep(20000);
    }
    return NULL;
}

static void pin(pthread_attr_t *attr, int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    pthread_attr_setaffinity_np(attr, sizeof set, &set);
}

int main(int argc, char **argv)
{
    static const char *const kinds[] = { "", "pointer", "simple", "counting", "patched" };
    if (argc != 7)
        return 2;
    for (int i = 1; i <= 4; i++)
        if (!strcmp(argv[1], kinds[i]))
            kind = i;
    poisons = kind != QUASI_POINTER;
    if (!strcmp(argv[1], "unwaited"))
        kind = QUASI_POINTER;
    const char *schedule = argv[2];
    n_threads = atoi(argv[3]);
    if (!kind || n_threads < 1 || n_threads > MOST_THREADS || n_threads * (OWN + OWN_HANDLER - 1) + 1 > USED)
        return 2;
    yields = !strcmp(schedule, "yield");
    slices = !strcmp(schedule, "threads");
    int signals = !strcmp(schedule, "signals");
    for (int i = 0; i < USED; i++)
        alive[i] = i == 0 || !poisons;
    struct quasi_replacement r;
    if (begin(f10, &r) < 0)
        die("a replacement failed");
    for (int i = 0, f = 1; i < n_threads; i++) {
        struct worker *w = &workers[i];
        w->number = i;
        w->random = strtoull(argv[6], NULL, 10) * 0x9e3779b97f4a7c15 + (uint64_t)i * 7919 + 1;
        w->most_calls = strtoull(argv[4], NULL, 10) / (uint64_t)n_threads;
        w->most_replacements = strtoull(argv[5], NULL, 10) / (uint64_t)n_threads;
        while (w->owned < OWN - 1)
            w->own[w->owned++] = f++;
        while (w->handler_owned < OWN_HANDLER - 1)
            w->handler_own[w->handler_owned++] = f++;
    }
    if (signals) {
        struct sigaction act = { .sa_handler = handle, .sa_flags = SA_RESTART };
        sigaction(SIGUSR1, &act, NULL);
    }
    pthread_barrier_init(&start, NULL, (unsigned)n_threads);
    for (int i = 0; i < n_threads; i++) {
        pthread_attr_t attr;
        pthread_attr_init(&attr);
        if (!strcmp(schedule, "one"))
            pin(&attr, 0);
        if (!strcmp(schedule, "two"))
            pin(&attr, i % 2);
        int policy = !strcmp(schedule, "fifo") ? SCHED_FIFO : !strcmp(schedule, "rr") ? SCHED_RR : SCHED_OTHER;
        if (policy != SCHED_OTHER) {
            struct sched_param priority = { .sched_priority = 1 };
            pin(&attr, 0);
            pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
            pthread_attr_setschedpolicy(&attr, policy);
            pthread_attr_setschedparam(&attr, &priority);
        }
        if (pthread_create(&workers[i].thread, &attr, supervise, &workers[i])) {
            printf("%s is not allowed here\n", schedule);
            return 3;
        }
        pthread_attr_destroy(&attr);
    }
    pthread_t sender, watcher;
    pthread_create(&watcher, NULL, watch, NULL);
    if (signals)
        pthread_create(&sender, NULL, send_signals, NULL);
    for (int i = 0; i < n_threads; i++)
        pthread_join(workers[i].thread, NULL);
    finished = 1;
    pthread_join(watcher, NULL);
    if (signals)
        pthread_join(sender, NULL);

    /* All functions are there, once. */
    int owners[USED] = { 0 };
    uint64_t calls = 0, bodies = 0, replacements = 0, inside = 0, pending = 0, handled = 0;
    for (int i = 0; i < n_threads; i++) {
        struct worker *w = &workers[i];
        look_at_pending(w, 1);
        if (w->pendings)
            die("a replacement is pending, and nobody is inside");
        if (w->handler_waits) {
            if (quasi_replug_wait(&w->handler_pending))
                die("a replacement is pending, and nobody is inside");
            w->handler_own[w->handler_owned++] = index_of(w->handler_pending.old);
        }
        for (int j = 0; j < w->owned; j++)
            owners[w->own[j]]++;
        for (int j = 0; j < w->handler_owned; j++)
            owners[w->handler_own[j]]++;
        calls += w->calls;
        bodies += w->bodies;
        replacements += w->replacements;
        inside += w->inside;
        pending += w->pending_seen;
        handled += w->handled;
    }
    struct quasi_replacement last;
    if (begin(functions[USED - 1], &last) != 0)
        die("somebody is inside");
    owners[index_of(last.old)]++;
    for (int i = 0; i < n_threads * (OWN - 1 + OWN_HANDLER - 1) + 1; i++)
        if (owners[i] != 1)
            die("a replacement was lost");
    if (calls != bodies)
        die("a call was lost");
    printf("%s %s: %d threads, %llu calls, %llu replacements (not waited for: %llu times inside oneself, %llu others), %llu signals\n", argv[1],
           schedule, n_threads, (unsigned long long)calls, (unsigned long long)replacements, (unsigned long long)inside,
           (unsigned long long)pending, (unsigned long long)handled);
    return 0;
}

/*
 * What the replugger costs. Prints lines
 *
 *     call/WHAT/THREADS ns           a call, in a chain of dependent ones: median of rounds
 *     replace/KIND/WHEN min median p99   a replacement, in ns
 *     policy 1                       if the threads had their processors for themselves
 *
 * Two threads on two processors are measured at a real-time priority, if that is
 * allowed: under the ordinary scheduler they run together for a part of the time only.
 */
#define _GNU_SOURCE
#include "quasi.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CALLS = 200000, ROUNDS = 15, REPLACEMENTS = 1500, ON_ONE_PROCESSOR = 500 };

#define APART __attribute__((noinline)) /* the layouts of the program move it */

int one(int x);
int two(int x);
APART int one(int x) { return x + 1; }
APART int two(int x) { return x + 2; }

static int (*volatile plain_pointer)(int) = one;
static atomic_int shared;
static QUASI_SLOT(POINTER, one) pointer = QUASI_INIT(POINTER, one);
static QUASI_SLOT(SIMPLE, one) simple = QUASI_INIT(SIMPLE, one);
static QUASI_SLOT(COUNTING, one) counting = QUASI_INIT(COUNTING, one);
QUASI_PATCHED(patched, one);

#define LOOP(name, call)                          \
    APART static int name(int x)                  \
    {                                             \
        for (int i = 0; i < CALLS; i++) {         \
            x = call;                             \
            __asm__ volatile("" : "+r"(x));       \
        }                                         \
        return x;                                 \
    }
LOOP(loop_inlined, x + 1)
LOOP(loop_direct, one(x))
LOOP(loop_indirect, plain_pointer(x))
LOOP(loop_atomic, x + atomic_fetch_add(&shared, 1))
LOOP(loop_pointer, quasi_call(pointer, x))
LOOP(loop_simple, quasi_call(simple, x))
LOOP(loop_counting, quasi_call(counting, x))
LOOP(loop_patched, quasi_call_patched(patched, x))
LOOP(loop_bare, patched_quasi_site(x))

static const struct {
    const char *name;
    int (*loop)(int);
} calls[] = {
    { "inlined", loop_inlined }, { "direct", loop_direct },     { "indirect", loop_indirect },
    { "atomic", loop_atomic },   { "pointer", loop_pointer },   { "simple", loop_simple },
    { "counting", loop_counting }, { "patched", loop_patched }, { "bare", loop_bare },
};
enum { KINDS = sizeof calls / sizeof *calls };

static int replug_pointer(int (*f)(int)) { return quasi_replug(pointer, f); }
static int replug_simple(int (*f)(int)) { return quasi_replug(simple, f); }
static int replug_counting(int (*f)(int)) { return quasi_replug(counting, f); }
static int replug_patched(int (*f)(int)) { return quasi_replug(patched, f); }

static const struct {
    const char *name;
    int (*replug)(int (*)(int));
    int (*loop)(int);
} kinds[] = {
    { "pointer", replug_pointer, loop_pointer },
    { "simple", replug_simple, loop_simple },
    { "counting", replug_counting, loop_counting },
    { "patched", replug_patched, loop_patched },
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

static int processors[2], n_processors, real_time;

static void run_on(int processor, int fifo)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
    struct sched_param p = { .sched_priority = fifo };
    pthread_setschedparam(pthread_self(), fifo ? SCHED_FIFO : SCHED_OTHER, &p);
}

/* Two threads begin each round together; what is not the thread's turn is short. */
static atomic_int arrived, round_now;
static void together(int threads)
{
    int round = round_now;
    if (++arrived == threads) {
        arrived = 0;
        round_now++;
    }
    while (round_now == round)
        if (!real_time)
            sched_yield();
}

static double times[2][2][KINDS][ROUNDS]; /* threads - 1, thread */

static void *measure_calls(void *arg)
{
    int thread = *(int *)arg % 2, threads = *(int *)arg / 2;
    run_on(processors[thread], real_time);
    for (int k = 0; k < KINDS; k++)
        calls[k].loop(1);
    for (int r = 0; r < ROUNDS; r++)
        for (int k = 0; k < KINDS; k++) {
            together(threads);
            double from = now();
            calls[k].loop(r);
            times[threads - 1][thread][k][r] = (now() - from) / CALLS;
        }
    return NULL;
}

static void print_calls(int threads)
{
    pthread_t t[2];
    int args[2];
    for (int i = 0; i < threads; i++) {
        args[i] = threads * 2 + i;
        pthread_create(&t[i], NULL, measure_calls, &args[i]);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(t[i], NULL);
    for (int k = 0; k < KINDS; k++) {
        qsort(times[threads - 1][0][k], ROUNDS, sizeof(double), compare);
        printf("call/%s/%d %.3f\n", calls[k].name, threads, times[threads - 1][0][k][ROUNDS / 2]);
    }
}

/* The other thread, while one replaces. */
enum when { ALONE, ASLEEP, CALLING, SAME };
static const char *const whens[] = { "alone", "asleep", "calling", "same" };
static atomic_int over, at_work;
static enum when when;
static int kind;

static void *other(void *arg)
{
    (void)arg;
    run_on(processors[when == CALLING], when == CALLING ? real_time : 0);
    kinds[kind].loop(1);
    at_work = 1;
    while (!over) {
        if (when == ASLEEP)
            usleep(1000);
        else
            kinds[kind].loop(1);
    }
    return NULL;
}

static void *measure_replacements(void *arg)
{
    static double ns[REPLACEMENTS];
    int n = when == SAME ? ON_ONE_PROCESSOR : REPLACEMENTS;
    (void)arg;
    run_on(processors[0], when == CALLING ? real_time : 0);
    for (int i = 0; i < n; i++) {
        if (when == SAME)
            usleep(1); /* the other thread is interrupted wherever it is */
        double from = now();
        int result = kinds[kind].replug(i % 2 ? one : two);
        ns[i] = now() - from;
        if (result) {
            fprintf(stderr, "replug of kind %s: %d\n", kinds[kind].name, result);
            exit(1);
        }
    }
    qsort(ns, (size_t)n, sizeof *ns, compare);
    printf("replace/%s/%s %.0f %.0f %.0f\n", kinds[kind].name, whens[when], ns[0], ns[n / 2], ns[n - 1 - n / 100]);
    return NULL;
}

static void print_replacements(void)
{
    pthread_t t, o;
    over = at_work = 0;
    if (when != ALONE) {
        pthread_create(&o, NULL, other, NULL);
        while (!at_work)
            sched_yield();
    }
    pthread_create(&t, NULL, measure_replacements, NULL);
    pthread_join(t, NULL);
    over = 1;
    if (when != ALONE)
        pthread_join(o, NULL);
}

int main(void)
{
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    for (int i = 0; i < CPU_SETSIZE && n_processors < 2; i++)
        if (CPU_ISSET(i, &set))
            processors[n_processors++] = i;
    struct sched_param p = { .sched_priority = 2 };
    if (!pthread_setschedparam(pthread_self(), SCHED_FIFO, &p)) {
        p.sched_priority = 0;
        pthread_setschedparam(pthread_self(), SCHED_OTHER, &p);
        real_time = 1;
    }
    printf("policy %d\n", real_time);
    print_calls(1);
    if (n_processors == 2)
        print_calls(2);
    for (kind = 0; kind < 4; kind++)
        for (when = ALONE; when <= SAME; when++)
            if (n_processors == 2 || when != CALLING)
                print_replacements();
    return 0;
}

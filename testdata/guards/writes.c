/*
 * What a guard costs: a loop writes a member of many instances, guarded and not,
 * while nothing is bound, while another instance is, and where it hits that one.
 * Prints lines "KEY NS": medians of rounds that are interleaved.
 */
#include "quasi.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INSTANCES = 10000, ROUNDS = 31, KEYS = 64 };

/* Not guarded. */
struct plain {
    long uid, rest[7];
};
struct plain_far {
    long uid, rest[31];
};
/* Guarded by the side table. */
struct table {
    long uid, rest[7];
};
/* Guarded by a member on the same line. */
struct near {
    long uid;
    QUASI_QUID;
    long rest[6];
};
/* Guarded by a member on another line. */
struct far {
    long uid, rest[30];
    QUASI_QUID;
};

static struct table *bound_table;
static struct near *bound_near;
static struct far *bound_far;

__attribute__((noinline)) long use_table(long x) { return bound_table && bound_table->uid >= 7 ? x : -x; }
__attribute__((noinline)) long use_near(long x) { return bound_near && bound_near->uid >= 7 ? x : -x; }
__attribute__((noinline)) long use_far(long x) { return bound_far && bound_far->uid >= 7 ? x : -x; }

#define WRITER(TYPE)                                                                                                   \
    __attribute__((noinline)) static void write_##TYPE(struct TYPE *a, const int *order, long n, long value)           \
    {                                                                                                                  \
        for (long i = 0; i < n; i++)                                                                                   \
            a[order[i]].uid = value;                                                                                   \
    }                                                                                                                  \
    __attribute__((noinline)) static void values_##TYPE(struct TYPE *a, long n)                                        \
    {                                                                                                                  \
        for (long i = 0; i < n; i++) {                                                                                 \
            a->uid = 7 + (i & 1023);                                                                                   \
            __asm__ volatile("");                                                                                      \
        }                                                                                                              \
    }
WRITER(plain)
WRITER(plain_far)
WRITER(table)
WRITER(near)
WRITER(far)

static int in_order[INSTANCES], at_random[INSTANCES], the_bound[INSTANCES];
static struct plain *plain;
static struct plain_far *plain_far;
static struct table *table;
static struct near *near;
static struct far *far;

static struct {
    char key[40];
    double ns[ROUNDS];
    int n;
} results[KEYS];

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}

static void note(const char *record, const char *state, const char *order, double ns)
{
    char key[40];
    int i = 0;
    snprintf(key, sizeof key, "%s/%s/%s", record, state, order);
    while (results[i].key[0] && strcmp(results[i].key, key))
        i++;
    strcpy(results[i].key, key);
    results[i].ns[results[i].n++] = ns;
}

#define MEASURE(TYPE, STATE, ORDER, ARRAY, VALUE)                                                                      \
    do {                                                                                                               \
        write_##TYPE(TYPE, ARRAY, INSTANCES, VALUE); /* into the cache */                                              \
        double from = now();                                                                                           \
        write_##TYPE(TYPE, ARRAY, INSTANCES, VALUE + 1);                                                               \
        note(#TYPE, STATE, ORDER, (now() - from) / INSTANCES);                                                         \
    } while (0)

#define BOTH(TYPE, STATE)                                                                                              \
    do {                                                                                                               \
        MEASURE(TYPE, STATE, "in order", in_order, 1);                                                                 \
        MEASURE(TYPE, STATE, "at random", at_random, 1);                                                               \
    } while (0)

static int plugged(const char *name)
{
    struct quasi_statistics s[8];
    size_t n = quasi_statistics(s, 8);
    for (size_t i = 0; i < n; i++)
        if (!strncmp(s[i].name, name, strlen(name)))
            return s[i].plugged;
    return 0;
}

/* A second thread with guarded writes, which waits while the first one is measured. */
static pthread_barrier_t here;

static void *second(void *arg)
{
    write_table(table, at_random, 1, 1);
    pthread_barrier_wait(&here);
    pthread_barrier_wait(&here);
    return arg;
}

#define HOLDS(TYPE, STATE)                                                                                             \
    do {                                                                                                               \
        values_##TYPE(TYPE + INSTANCES, INSTANCES);                                                                    \
        double start = now();                                                                                          \
        values_##TYPE(TYPE + INSTANCES, INSTANCES);                                                                    \
        note(#TYPE, "bound", STATE, (now() - start) / INSTANCES);                                                      \
    } while (0)

/* The other instance is the last of the array, so that nobody can tell which is written. */
#define STATES(TYPE)                                                                                                   \
    do {                                                                                                               \
        bound_##TYPE = 0;                                                                                              \
        BOTH(TYPE, "nothing bound");                                                                                   \
        TYPE[INSTANCES].uid = 7;                                                                                       \
        bound_##TYPE = &TYPE[INSTANCES];                                                                               \
        for (int i = 0; i < 100000 && !plugged("use_" #TYPE); i++)                                                     \
            sum += use_##TYPE(i);                                                                                      \
        bad += !plugged("use_" #TYPE);                                                                                 \
        BOTH(TYPE, "another bound");                                                                                   \
        MEASURE(TYPE, "bound", "unchanged", the_bound, 7);                                                             \
        HOLDS(TYPE, "holds");                                                                                          \
        pthread_t thread;                                                                                              \
        bad += pthread_create(&thread, NULL, second, NULL);                                                            \
        pthread_barrier_wait(&here);                                                                                   \
        HOLDS(TYPE, "holds, two threads");                                                                             \
        pthread_barrier_wait(&here);                                                                                   \
        pthread_join(thread, NULL);                                                                                    \
        bad += !plugged("use_" #TYPE);                                                                                 \
        double from = now();                                                                                           \
        for (int i = 0; i < 1000; i++) {                                                                               \
            write_##TYPE(TYPE, the_bound, 1, 6);                                                                       \
            write_##TYPE(TYPE, the_bound, 1, 7);                                                                       \
            sum += use_##TYPE(i);                                                                                      \
        }                                                                                                              \
        note(#TYPE, "bound", "violated", (now() - from) / 1000);                                                       \
    } while (0)

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    long sum = 0, bad = 0;
    unsigned state = argc > 1 ? atoi(argv[1]) : 1;
    plain = aligned_alloc(256, (INSTANCES + 1) * sizeof *plain);
    plain_far = aligned_alloc(256, (INSTANCES + 1) * sizeof *plain_far);
    table = aligned_alloc(256, (INSTANCES + 1) * sizeof *table);
    near = aligned_alloc(256, (INSTANCES + 1) * sizeof *near);
    far = aligned_alloc(256, (INSTANCES + 1) * sizeof *far);
    if (!plain || !plain_far || !table || !near || !far)
        return 2;
    memset(plain, 0, (INSTANCES + 1) * sizeof *plain);
    memset(plain_far, 0, (INSTANCES + 1) * sizeof *plain_far);
    memset(table, 0, (INSTANCES + 1) * sizeof *table);
    memset(near, 0, (INSTANCES + 1) * sizeof *near);
    memset(far, 0, (INSTANCES + 1) * sizeof *far);
    for (int i = 0; i < INSTANCES; i++) {
        in_order[i] = at_random[i] = i;
        the_bound[i] = INSTANCES;
    }
    for (int i = INSTANCES - 1; i > 0; i--) {
        state = state * 1664525 + 1013904223;
        int j = state % (i + 1), t = at_random[i];
        at_random[i] = at_random[j];
        at_random[j] = t;
    }
    pthread_barrier_init(&here, NULL, 2);
    for (int round = 0; round < ROUNDS; round++) {
        BOTH(plain, "unguarded");
        BOTH(plain_far, "unguarded");
        MEASURE(plain, "bound", "unchanged", the_bound, 7);
        HOLDS(plain, "holds");
        STATES(table);
        STATES(near);
        STATES(far);
        bound_table = 0;
        bound_near = 0;
        bound_far = 0;
    }
    for (int i = 0; results[i].key[0]; i++) {
        qsort(results[i].ns, results[i].n, sizeof results[i].ns[0], by_value);
        printf("%s\t%.3f\n", results[i].key, results[i].ns[results[i].n / 2]);
    }
    if (bad)
        fprintf(stderr, "%ld times a variant was not plugged\n", bad);
    return bad ? 1 : sum == 42;
}

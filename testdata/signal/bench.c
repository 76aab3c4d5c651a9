/*
 * Measures one call of sys_kill in every build, in one interleaved run, with
 * 62 processes and with the sender alone. Prints lines
 * "sig processes build cycles ns", medians over the rounds; cycles are those
 * of the time-stamp counter.
 *
 * With 62 processes the two that signal each other are the last of the list,
 * as two programs that were started just now; alone, a process signals itself.
 */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */

#include "impl.h"
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <x86intrin.h>

enum { ROUNDS = 401, CALLS = 4000, WARM_UP = 20, BUILDS = 5 };

static const struct build {
    const char *name;
    int (*sys_kill)(int, int);
} builds[BUILDS] = {
    { "null", null_sys_kill },         { "standard", standard_sys_kill }, { "generic", generic_sys_kill },
    { "constant", constant_sys_kill }, { "specialized", sys_kill },
};

/* A sample is the mean over CALLS calls. */
struct sample {
    double cycles, ns;
};

static struct sample samples[BUILDS][ROUNDS];

/* Hides where a value comes from. */
static inline int hide(int v)
{
    __asm__ volatile("" : "+r"(v));
    return v;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Calls CALLS times; the receiver takes its signal after each call. */
static struct sample measure(int (*kill)(int, int), struct task_struct *to, int sig)
{
    struct sample s;
    unsigned long long cycles;
    double ns;
    int i, failed = 0;

    ns = now();
    cycles = __rdtsc();
    for (i = 0; i < CALLS; i++) {
        to->signal = 0;
        failed |= kill(hide(to->pid), hide(sig));
    }
    cycles = __rdtsc() - cycles;
    ns = now() - ns;
    if (failed) {
        fprintf(stderr, "bench: kill failed\n");
        exit(1);
    }
    s.cycles = (double)cycles / CALLS;
    s.ns = ns / CALLS;
    return s;
}

static int by_cycles(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->cycles, y = ((const struct sample *)b)->cycles;

    return (x > y) - (x < y);
}

static int by_ns(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->ns, y = ((const struct sample *)b)->ns;

    return (x > y) - (x < y);
}

/* Signals `to` from current in all builds, in turn, and prints the medians. */
static void run(struct task_struct *to, int sig)
{
    int b, r;

    to->state = TASK_RUNNING;
    for (r = -WARM_UP; r < ROUNDS; r++) {
        for (b = 0; b < BUILDS; b++) {
            /* Each round starts with another build. */
            int at = (b + r + WARM_UP) % BUILDS;
            struct sample s = measure(builds[at].sys_kill, to, sig);

            if (r >= 0)
                samples[at][r] = s;
        }
    }
    for (b = 0; b < BUILDS; b++) {
        double cycles;

        qsort(samples[b], ROUNDS, sizeof samples[b][0], by_cycles);
        cycles = samples[b][ROUNDS / 2].cycles;
        qsort(samples[b], ROUNDS, sizeof samples[b][0], by_ns);
        printf("%d %d %s %.2f %.3f\n", sig, table.nr_tasks, builds[b].name, cycles, samples[b][ROUNDS / 2].ns);
    }
}

/* A handler that is neither the default nor "ignore". */
static void handler(int sig) { (void)sig; }

static struct task_struct *add(int pid)
{
    struct task_struct *p = fork_task(pid, pid, 1, 1000, 1000);

    p->sig->action[SIGUSR1 - 1].sa_handler = handler;
    return p;
}

int main(void)
{
    static const int signals[] = { SIGUSR1, 0 };
    struct task_struct *to;
    int i, pid;

    for (i = 0; i < 2; i++) {
        table_init();
        for (pid = 1; pid < 61; pid++)
            add(pid);
        current = add(61);
        to = add(62);
        run(to, signals[i]);

        table_init();
        to = current = add(61);
        run(to, signals[i]);
    }
    return 0;
}

/*
 * memguard.c: what a write costs where MemGuard has guarded its page, in ticks of the time
 * stamp counter. Each line is a key and min, average, median, p99 and max; the average is that
 * of the fastest 99 %, without what the machine did in between.
 *
 *     memguard bare|guarded
 *
 * bare is what the kernel alone takes: SIGSEGV, whose handler skips the instruction.
 */
#define _GNU_SOURCE
#include "quasi.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <x86intrin.h>

enum { SAMPLES = 12000, ROOM = 4096 };

static uint64_t sample[SAMPLES], overhead;
static volatile uint32_t *page;

static inline uint64_t begin(void)
{
    _mm_lfence();
    uint64_t t = __rdtsc();
    _mm_lfence();
    return t;
}

static inline uint64_t end(void)
{
    unsigned cpu;
    uint64_t t = __rdtscp(&cpu);
    _mm_lfence();
    return t;
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void print(const char *key)
{
    double sum = 0;
    qsort(sample, SAMPLES, sizeof *sample, by_value);
    for (int i = 0; i < SAMPLES * 99 / 100; i++)
        sum += (double)(sample[i] > overhead ? sample[i] - overhead : 0);
    if (key)
        printf("%s\t%.0f\t%.1f\t%.0f\t%.0f\t%.0f\n", key, (double)sample[0] - (double)overhead, sum / (SAMPLES * 99 / 100),
               (double)sample[SAMPLES / 2] - (double)overhead, (double)sample[SAMPLES * 99 / 100] - (double)overhead,
               (double)sample[SAMPLES - 1] - (double)overhead);
    fflush(stdout);
}

#define MEASURE(key, statement) \
    do { \
        for (int i = 0; i < SAMPLES; i++) { \
            uint64_t t = begin(); \
            statement; \
            sample[i] = end() - t; \
            if (i % (ROOM / 4) == 0) /* before there is no room for more, which is cheaper */ \
                quasi_memguard_drain(hits, ROOM); \
        } \
        print(key); \
    } while (0)

static struct quasi_memguard_hit hits[ROOM];

static void on_segv(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info;
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 2; /* mov %eax, (%rdx) */
}

static void bare(void)
{
    struct sigaction act = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | SA_NODEFER };
    sigaction(SIGSEGV, &act, NULL);
    mprotect((void *)page, 4096, PROT_READ);
    MEASURE("bare", __asm__ volatile("movl %%eax, (%%rdx)" : : "a"(i), "d"(page) : "memory"));
}

static atomic_int writing;

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* Another thread that writes to the page all the time, on another processor. */
static void *other(void *arg)
{
    pin(1);
    while (atomic_load_explicit(&writing, memory_order_relaxed))
        *(volatile uint32_t *)arg += 1;
    return NULL;
}

/* below calls itself n times and measures there. */
__attribute__((noinline)) static void below(int n, const char *key)
{
    if (n > 0)
        below(n - 1, key);
    else
        MEASURE(key, page[10] = (uint32_t)i);
    __asm__ volatile("");
}

static void guarded(const char *threads)
{
    char key[64];
    uint32_t *word = (uint32_t *)page;
#define KEY(name) (snprintf(key, sizeof key, "%s/%s", name, threads), key)
    MEASURE(KEY("neighbour"), page[100] = (uint32_t)i);
    MEASURE(KEY("neighbour, lock inc"), __atomic_fetch_add(&word[100], 1, __ATOMIC_SEQ_CST));
    MEASURE(KEY("hit"), page[10] = (uint32_t)i);
    below(10, KEY("hit, 10 callers"));
    MEASURE(KEY("hit, lock inc"), __atomic_fetch_add(&word[10], 1, __ATOMIC_SEQ_CST));
    MEASURE(KEY("hit, 64 bytes"), memset((void *)(page + 10), i, 64));
    MEASURE(KEY("sanctioned"), quasi_memguard_write(word + 10, &i, 4));
}

static int failed(int error)
{
    if (error)
        fprintf(stderr, "%s\n", quasi_memguard_error(error));
    return error;
}

int main(int argc, char **argv)
{
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (argc < 2 || page == MAP_FAILED)
        return 2;
    pin(0);
    MEASURE(NULL, (void)0);
    overhead = sample[SAMPLES / 2];
    MEASURE("plain", page[100] = (uint32_t)i);
    if (!strcmp(argv[1], "bare")) {
        bare();
        return 0;
    }
    if (failed(quasi_memguard_enable()) || failed(quasi_memguard_protect((void *)(page + 10), 64, "term")))
        return 1;
    guarded("1");
    if (sysconf(_SC_NPROCESSORS_ONLN) > 1) {
        pthread_t t;
        atomic_store(&writing, 1);
        if (pthread_create(&t, NULL, other, (void *)(page + 200)))
            return 1;
        guarded("2");
        atomic_store(&writing, 0);
        pthread_join(t, NULL);
    }
    if (quasi_memguard_lost()) {
        fprintf(stderr, "%llu hits were lost\n", (unsigned long long)quasi_memguard_lost());
        return 1;
    }
    return 0;
}

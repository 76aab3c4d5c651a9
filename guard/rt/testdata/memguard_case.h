/*
 * memguard_case.h: programs of cases, of which each run runs one: PROGRAM NAME. It prints ok, or what went
 * wrong; some are meant to die. Without a name it lists them.
 */
#define _GNU_SOURCE
#include "../memguard.h"

#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096 };

#define CHECK(what) \
    do { \
        if (!(what)) { \
            printf("line %d: %s\n", __LINE__, #what); \
            fflush(stdout); \
            _exit(1); \
        } \
    } while (0)

#define NOINLINE __attribute__((noinline))

static void must(int error)
{
    if (error) {
        printf("%s\n", quasi_memguard_error(error));
        fflush(stdout);
        _exit(1);
    }
}

static char *new_pages(size_t n)
{
    char *p = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static struct quasi_memguard_hit hits[5000];
static size_t drained(void) { return quasi_memguard_drain(hits, 5000); }

static volatile sig_atomic_t signals;

static atomic_int stage;

static void wait_for(int n)
{
    while (atomic_load(&stage) < n)
        usleep(100);
}

static sigjmp_buf back;
static void *volatile faulted;
static volatile int codes;
static void on_segv(int sig, siginfo_t *info, void *uc)
{
    (void)uc;
    faulted = info->si_addr;
    codes = info->si_code;
    siglongjmp(back, sig);
}

static void handle(int flags)
{
    struct sigaction act = { .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO | flags };
    CHECK(!sigaction(SIGSEGV, &act, NULL));
}

static volatile uint64_t *volatile counter;
static atomic_int stop;
static atomic_ulong added;

static void *count(void *arg)
{
    unsigned long n = 0;
    (void)arg;
    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
        n++;
    }
    atomic_fetch_add(&added, n);
    return NULL;
}

static unsigned long of_counter, of_chain = 1;

/* Of counters alone: each hit adds one. */
static void chain(const struct quasi_memguard_hit *h, void *data)
{
    uint64_t before, after;
    (void)data;
    if (h->size != 8)
        return;
    memcpy(&before, h->before, 8);
    memcpy(&after, h->after, 8);
    __atomic_fetch_add(&of_counter, 1, __ATOMIC_RELAXED);
    if (after != before + 1)
        __atomic_store_n(&of_chain, 0, __ATOMIC_RELAXED);
}

struct memguard_case {
    const char *name;
    void (*run)(void);
};

static int run_case(const struct memguard_case *cases, size_t n, int argc, char **argv)
{
    for (size_t i = 0; i < n; i++) {
        if (argc < 2)
            puts(cases[i].name);
        else if (!strcmp(argv[1], cases[i].name)) {
            cases[i].run();
            puts("ok");
            return 0;
        }
    }
    return argc < 2 ? 0 : 2;
}

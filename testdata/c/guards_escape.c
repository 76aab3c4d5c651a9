// Threads that leave guarded writes, variants and the run-time in the middle: by
// siglongjmp from a handler, and by cancellation at any instruction. What the functions
// return does not depend on what they read; --check-guards sees whether a variant is ever called
// when it must not be.
//
// quasi: -e rate --when 'level == 1' --when 'current->top > 10' --guards=table --check-guards
// quasi: -e rate --when 'current->top > 10' --when 'current->next->top > level' --guards=table --check-guards
// run: 3
// run: 12
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct limit {
    int bottom, top;
    struct limit *next;
} limits[4], *current = &limits[0];

int level = 1;
static int stop;
static long wrong, escapes;
static __thread sigjmp_buf escape;
static __thread volatile sig_atomic_t may_escape;

__attribute__((noinline)) int rate(int x)
{
    struct limit *c = current, *next = c->next;
    int l = level, r = l == 1 ? x + 1 : x + l - (l - 1);
    if (c->top > 10)
        return r + 5;
    r += next == c ? 2 : 3;
    return r + (next == c ? 3 : 2);
}

static void call(int n)
{
    for (int i = 0; i < n; i++)
        if (rate(i) != i + 6)
            __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
}

static void change(unsigned i)
{
    switch (i % 6) {
    case 0: level = i % 3; break;
    case 1: current = &limits[i / 7 % 4]; break;
    case 2: limits[i / 7 % 4].top = i % 30; break;
    case 3: limits[i / 7 % 4] = limits[(i / 7 + 1) % 4]; break;
    case 4: __atomic_store_n(&level, 1, __ATOMIC_RELAXED); break;
    case 5:
        limits[i / 7 % 4].bottom = i;
        limits[i / 7 % 4].top = 11 + i % 5;
        break;
    }
}

static void shot(int sig)
{
    static unsigned n;
    if (n++ % 3 == 0)
        change(n + sig);
    if (may_escape) {
        may_escape = 0;
        siglongjmp(escape, 1);
    }
}

/* Has a thread escape now and then, and go on. */
static void *fugitive(void *arg)
{
    volatile unsigned i = *(unsigned *)arg;
    if (sigsetjmp(escape, 1))
        __atomic_fetch_add(&escapes, 1, __ATOMIC_RELAXED);
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        may_escape = 1;
        for (int k = 0; k < 50; k++) {
            change(i++);
            call(2);
        }
        may_escape = 0;
        usleep(200); /* once a section is left behind nothing can be armed, and each call tries in vain */
    }
    return 0;
}

static void *victim(void *arg)
{
    unsigned i = *(unsigned *)arg;
    change(i);
    call(2);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, 0);
    for (;;) {
        change(i++);
        call(2);
        if (i % 20 == 0)
            usleep(200);
    }
    return arg;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 1;
    unsigned seeds[3] = { 1, 1000, 77 };
    pthread_t threads[3];
    limits[0].top = 20;
    for (int i = 0; i < 4; i++)
        limits[i].next = &limits[3 - i];
    signal(SIGUSR1, shot);
    pthread_create(&threads[0], 0, fugitive, &seeds[0]);
    pthread_create(&threads[1], 0, fugitive, &seeds[1]);
    for (int i = 0; i < rounds; i++) {
        seeds[2] = i;
        pthread_create(&threads[2], 0, victim, &seeds[2]);
        for (int k = 0; k < 5; k++) {
            call(20);
            usleep(300);
            pthread_kill(threads[k % 2], SIGUSR1);
        }
        pthread_cancel(threads[2]);
        pthread_join(threads[2], 0);
        change(i);
        call(20);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], 0);
    printf("%ld\n", wrong);
    return 0;
}

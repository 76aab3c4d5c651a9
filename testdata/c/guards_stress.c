// Threads that call, threads that write, threads that come and go, a timer whose
// handler writes and calls, and children, all at once. What the functions return
// does not depend on what they read; --check-guards sees whether a variant is ever
// called when it must not be.
//
// quasi: -e rate --when 'level == 1' --when 'current->top > 10' --guards=table --check-guards
// quasi: -e rate --when 'current->top > 10' --when 'current->next->top > level' --guards=table --check-guards
// run: 20
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

struct limit {
    int bottom, top;
    struct limit *next;
} limits[4], *current = &limits[0];

int level = 1;
static int stop;
static long wrong;

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
    switch (i % 7) {
    case 0: level = i % 3; break;
    case 1: current = &limits[i / 7 % 4]; break;
    case 2: limits[i / 7 % 4].top = i % 30; break;
    case 3: limits[i / 7 % 4].next = &limits[i % 4]; break;
    case 4: limits[i / 7 % 4] = limits[(i / 7 + 1) % 4]; break;
    case 5: __atomic_store_n(&level, 1, __ATOMIC_RELAXED); break;
    case 6:
        limits[i / 7 % 4].bottom = i;
        limits[i / 7 % 4].top = 11 + i % 5;
        break;
    }
}

static void *caller(void *arg)
{
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
        call(100);
    return arg;
}

static void *writer(void *arg)
{
    unsigned i = *(unsigned *)arg;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        change(i++);
        if (i % 16 == 0)
            call(3);
    }
    return arg;
}

static void *guest(void *arg)
{
    change(*(unsigned *)arg);
    call(10);
    change(*(unsigned *)arg + 1);
    return arg;
}

static void alarmed(int sig)
{
    static unsigned i;
    change(i += 5);
    call(2);
    change(i += sig);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 1, failed = 0;
    unsigned seeds[3] = { 1, 1000, 77 };
    pthread_t threads[4];
    struct itimerval every = { { 0, 2000 }, { 0, 2000 } };
    limits[0].top = 20;
    for (int i = 0; i < 4; i++)
        limits[i].next = &limits[3 - i];
    signal(SIGALRM, alarmed);
    setitimer(ITIMER_REAL, &every, 0);
    pthread_create(&threads[0], 0, caller, 0);
    pthread_create(&threads[1], 0, writer, &seeds[0]);
    pthread_create(&threads[2], 0, writer, &seeds[1]);
    for (int i = 0; i < rounds; i++) {
        seeds[2] = i;
        pthread_create(&threads[3], 0, guest, &seeds[2]);
        pthread_join(threads[3], 0);
        call(1000);
        if (i % 8 == 0) {
            pid_t child = fork();
            if (child == 0) {
                for (unsigned j = 0; j < 2000; j++) {
                    change(j);
                    call(1);
                }
                _exit(wrong != 0);
            }
            int status = 1;
            while (waitpid(child, &status, 0) < 0)
                ;
            failed += status != 0;
        }
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], 0);
    signal(SIGALRM, SIG_IGN);
    printf("%ld %d\n", wrong, failed);
    return 0;
}

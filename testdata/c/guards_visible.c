// A variant is unplugged before the value that breaks its quasi-invariant can be seen: a
// thread that waits for the value, or for a flag that is set next, calls at once.
//
// quasi: -e rate --when 'level == 1' --guards=table --check-guards
// quasi: -e rate --when 'limits.top < 50' --when 'level < 3' --guards=table --check-guards
// run: 12000
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct limits {
    int bottom, top;
} limits = { 1, 10 };

int level = 1;
static int turn; /* even: the writer's */
static long rounds;

__attribute__((noinline)) int rate(int x)
{
    int r = level == 1 ? x + 1 : x * level;
    return limits.top < 50 ? r : r + limits.top;
}

/* What rate returns for values that are known. */
static int plain(int x, int level, int top)
{
    int r = level == 1 ? x + 1 : x * level;
    return top < 50 ? r : r + top;
}

/* The other may need this processor. */
static void wait_a_while(void)
{
    static _Thread_local unsigned n;
    if (++n % 256 == 0)
        sched_yield();
}

static void *caller(void *arg)
{
    long wrong = 0;
    int level_is = 1, top_is = 10;
    for (long i = 0; i < rounds; i++) {
        int x = i % 100;
        wrong += rate(x) != plain(x, level_is, top_is); /* plugs it if it can be */
        wrong += rate(x) != plain(x, level_is, top_is);
        __atomic_store_n(&turn, 2 * i, __ATOMIC_RELEASE);
        switch (i % 3) {
        case 0: /* waits for the value itself */
            level_is = level_is == 1 ? 3 : 1;
            while (__atomic_load_n(&level, __ATOMIC_ACQUIRE) != level_is)
                wait_a_while();
            break;
        case 1: /* for a flag */
            level_is = level_is == 1 ? 2 : 1;
            while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 2 * i + 1)
                wait_a_while();
            break;
        case 2: /* several bytes at once */
            top_is = top_is == 10 ? 60 : 10;
            while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 2 * i + 1)
                wait_a_while();
            break;
        }
        wrong += rate(x) != plain(x, level_is, top_is);
    }
    *(long *)arg = wrong;
    return 0;
}

static void *writer(void *arg)
{
    for (long i = 0; i < rounds; i++) {
        struct limits other = { 2, limits.top == 10 ? 60 : 10 };
        while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != 2 * i)
            wait_a_while();
        switch (i % 3) {
        case 0: __atomic_store_n(&level, level == 1 ? 3 : 1, __ATOMIC_RELEASE); break;
        case 1:
            level = level == 1 ? 2 : 1;
            __atomic_store_n(&turn, 2 * i + 1, __ATOMIC_RELEASE);
            break;
        case 2:
            memcpy(&limits, &other, sizeof other);
            __atomic_store_n(&turn, 2 * i + 1, __ATOMIC_RELEASE);
            break;
        }
    }
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t threads[2];
    long wrong = -1;
    rounds = argc > 1 ? atol(argv[1]) : 0;
    turn = -1;
    pthread_create(&threads[0], 0, caller, &wrong);
    pthread_create(&threads[1], 0, writer, 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], 0);
    printf("%ld %d %d\n", wrong, level, limits.top);
    return 0;
}

// A thread calls variants while another writes what they rely on, both under a
// mutex: every call sees what the other has written last.
//
// quasi: -e rate --when 'level == 1' --guards=table --check-guards
// quasi: -e rate --when 'limits != 0' --when 'limits->top == 10' --when 'level == 1' --guards=table --check-guards
// run: 4000
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

struct limits {
    int bottom, top;
} narrow = { 1, 10 }, wide = { 1, 100 }, *limits = &narrow;

int level = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long n, calls, changes; /* under the lock */

static void wait_a_while(void)
{
    pthread_mutex_unlock(&lock);
    sched_yield();
    pthread_mutex_lock(&lock);
}

int rate(int x)
{
    int r = level == 1 ? x + 1 : x * level;
    return r > limits->top ? limits->top : r;
}

static int plain(int x, int level, int top)
{
    int r = level == 1 ? x + 1 : x * level;
    return r > top ? top : r;
}

/* Callers and writer keep pace: some calls a change, some changes a call. */
static void *writer(void *arg)
{
    for (long i = 0; i < n; i++) {
        pthread_mutex_lock(&lock);
        if (i % 7 == 0)
            level = level == 1 ? 2 : 1;
        if (i % 11 == 0)
            limits = limits == &narrow ? &wide : &narrow;
        if (i % 5 == 0)
            narrow.top = narrow.top == 10 ? 20 : 10;
        changes++;
        while (calls < 2 * n && calls < 8 * changes)
            wait_a_while();
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void *caller(void *arg)
{
    long wrong = 0;
    for (long i = 0; i < n; i++) {
        pthread_mutex_lock(&lock);
        calls++;
        wrong += rate(i % 50) != plain(i % 50, level, limits->top);
        while (changes < n && calls > 8 * changes + 8)
            wait_a_while();
        pthread_mutex_unlock(&lock);
    }
    *(long *)arg = wrong;
    return 0;
}

int main(int argc, char **argv)
{
    pthread_t threads[4];
    long wrong[2] = { -1, -1 };
    n = argc > 1 ? atol(argv[1]) : 0;
    pthread_create(&threads[0], 0, writer, 0);
    pthread_create(&threads[1], 0, caller, &wrong[0]);
    pthread_create(&threads[2], 0, caller, &wrong[1]);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], 0);
    printf("%ld %ld\n", wrong[0], wrong[1]);
    return 0;
}

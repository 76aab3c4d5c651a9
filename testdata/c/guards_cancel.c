// A thread is cancelled in a guarded call, read: the variant that the call holds is plugged
// again afterwards, as the program itself can tell.
//
// quasi: -e rate --when 'level == 1' --guards=table --check-guards
// run: 3
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int level = 1;
static int pipes[2], ready;

int rate(int x) { return level == 1 ? x + 1 : x * level; }

static void *reader(void *arg)
{
    __atomic_store_n(&ready, 1, __ATOMIC_RELEASE);
    if (read(pipes[0], &level, sizeof level) >= 0)
        abort(); /* nobody writes */
    return arg;
}

int main(int argc, char **argv)
{
    int sum = 0, rounds = argc > 1 ? atoi(argv[1]) : 1;
    if (pipe(pipes))
        return 2;
    for (int round = 0; round < rounds; round++) {
        pthread_t t;
        for (int i = 0; i < 10; i++)
            sum += rate(i);
        ready = 0;
        pthread_create(&t, 0, reader, 0);
        while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
            usleep(100);
        usleep(5000);
        pthread_cancel(t);
        pthread_join(t, 0);
        for (int i = 0; i < 10; i++)
            sum += rate(i);
        level = 2;
        sum += rate(3);
        level = 1;
    }
    printf("%d\n", sum);
    return 0;
}

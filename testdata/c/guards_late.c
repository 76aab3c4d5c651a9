// A thread's last destructor writes when the run-time has seen the thread end: nothing is
// armed from then on, and nothing else goes wrong: threads come and go, and children.
//
// quasi: -e rate --when 'level == 1' --guards=table --check-guards
// run: 10
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int level = 1;
static pthread_key_t key;

__attribute__((noinline)) int rate(int x) { return level == 1 ? x + 1 : x * level; }

static void late(void *rounds)
{
    long n = (long)rounds;
    level = 2 + n % 2;
    level = 1;
    if (n > 1)
        pthread_setspecific(key, (void *)(n - 1));
}

static void *guest(void *arg)
{
    for (int i = 0; i < 10; i++) {
        level = i % 3;
        *(int *)arg += rate(i);
    }
    level = 1;
    *(int *)arg += rate(5);
    return arg;
}

static void *last(void *arg)
{
    pthread_setspecific(key, (void *)(long)PTHREAD_DESTRUCTOR_ITERATIONS);
    return guest(arg);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0, sum = 0;
    pthread_key_create(&key, late);
    for (int i = 0; i < n; i++) {
        pthread_t thread;
        pthread_create(&thread, 0, i == 2 ? last : guest, &sum);
        pthread_join(thread, 0);
        level = 2;
        level = 1;
        sum += rate(i);
        if (i % 3 == 2) {
            pid_t child = fork();
            if (child == 0) {
                guest(&sum);
                _exit(sum & 127);
            }
            int status;
            waitpid(child, &status, 0);
            printf("%d ", WEXITSTATUS(status));
        }
    }
    printf("%d\n", sum);
    return 0;
}

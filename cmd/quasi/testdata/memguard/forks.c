// Threads fork at once and keep their signal masks; a handler that makes terms, as each call of f with
// another instance does, comes at any moment of a fork.
//
// quasi: -e f --when cur->uid==7 -- -pthread
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, FORKS = 40, TASKS = 4096 };

struct task {
    int uid;
};
struct task *cur;
static struct task *tasks[TASKS];
static volatile int at, sum;

__attribute__((noinline)) int f(int x) { return cur->uid == 7 ? x : -x; }

static void next(int sig)
{
    (void)sig;
    if (at == TASKS)
        return;
    cur = tasks[at++];
    sum += f(1);
}

static void *forks(void *arg)
{
    int sig = SIGRTMIN + *(int *)arg, status, good = 1;
    sigset_t mask, now;
    sigemptyset(&mask);
    sigaddset(&mask, SIGALRM);
    sigaddset(&mask, sig);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    for (int i = 0; i < FORKS; i++) {
        pid_t child = fork();
        if (!child) {
            pthread_sigmask(SIG_SETMASK, NULL, &now);
            _exit(sigismember(&now, sig) != 1 || sigismember(&now, sig == SIGRTMIN ? sig + 1 : SIGRTMIN));
        }
        pthread_sigmask(SIG_SETMASK, NULL, &now);
        good &= sigismember(&now, sig) == 1 && !sigismember(&now, sig == SIGRTMIN ? sig + 1 : SIGRTMIN);
        good &= waitpid(child, &status, 0) == child && status == 0;
    }
    *(int *)arg = good;
    return NULL;
}

int main(void)
{
    pthread_t t[THREADS];
    int number[THREADS], status;
    for (int i = 0; i < TASKS; i++) {
        tasks[i] = malloc(sizeof *tasks[i]);
        tasks[i]->uid = 7;
    }
    next(0);
    for (int i = 0; i < THREADS; i++) {
        number[i] = i;
        pthread_create(&t[i], NULL, forks, &number[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    printf("%d %d %d %d\n", number[0], number[1], number[2], number[3]);
    signal(SIGALRM, next);
    struct itimerval every = { { 0, 300 }, { 0, 300 } }, never = { { 0, 0 }, { 0, 0 } };
    setitimer(ITIMER_REAL, &every, NULL);
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        if (!child)
            _exit(f(3) != 3);
        while (waitpid(child, &status, 0) != child)
            ;
        if (status)
            return 1;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    printf("%d\n", sum == at && at > 1);
    return 0;
}

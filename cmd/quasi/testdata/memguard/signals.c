// Handlers of MemGuard's own signals are the program's, and may leave by siglongjmp.
//
// quasi: -e f --when cur->uid==7
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct task {
    int uid;
};
struct task *cur;
static sigjmp_buf at;
static volatile int seen[65];

__attribute__((noinline)) int f(int x) { return cur->uid == 7 ? x : -x; }

static void leave(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    seen[sig]++;
    cur->uid = 7; /* a write to a term, from a handler */
    siglongjmp(at, sig);
}

static void note(int sig)
{
    seen[sig]++;
    cur->uid = 7;
}

int main(void)
{
    cur = malloc(sizeof *cur);
    cur->uid = 7;
    int sum = f(1), fd[2], from = 0;
    if (pipe(fd))
        return 1;
    struct sigaction a = { .sa_sigaction = leave, .sa_flags = SA_SIGINFO }, old;
    sigaction(SIGSEGV, &a, NULL);
    sigaction(SIGSEGV, NULL, &old);
    printf("kept %d\n", old.sa_sigaction == leave);
    for (volatile int i = 0; i < 3; i++)
        if (!(from = sigsetjmp(at, 1)))
            *(volatile int *)8 = i;
        else
            printf("from %d\n", from);
    char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!sigsetjmp(at, 1))
        page[1] = 1;
    else
        printf("read only\n");
    signal(SIGTRAP, note);
    __asm__ volatile("int3");
    raise(SIGTRAP);
    signal(SIGSYS, note);
    raise(SIGSYS);
    signal(SIGILL, note);
    raise(SIGILL);
    printf("%d %d %d %d\n", seen[SIGSEGV], seen[SIGTRAP], seen[SIGSYS], seen[SIGILL]);
    if (write(fd[1], "\5\0\0\0", 4) != 4 || read(fd[0], &cur->uid, 4) != 4) /* is still intercepted */
        return 2;
    printf("%d\n", sum + f(2));
    sigset_t all, now;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &now);
    sigprocmask(SIG_SETMASK, NULL, &now);
    cur->uid = 7;
    printf("%d\n", f(3));
    fflush(stdout);
    signal(SIGSEGV, SIG_DFL);
    *(volatile int *)8 = 0;
    return 3;
}

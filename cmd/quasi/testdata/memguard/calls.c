// Signals, masks, forks, threads and other programs, while every system call is watched.
//
// quasi: -e f --when cur->uid==7 -- -pthread
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <signal.h>
#include <setjmp.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <sys/mman.h>
#include <errno.h>
struct t { int uid; };
struct t *cur;
int f(int x) { if (cur->uid == 7) return x; return -x; }
static volatile int got;
static void h(int s) { got++; write(1, "sig\n", 4); (void)s; }
static sigjmp_buf jb;
static void h2(int s) { (void)s; siglongjmp(jb, 1); }
static void *th(void *p) { for (int i = 0; i < 100; i++) { char b[8]; int fd[2]; pipe(fd); write(fd[1], "x", 1); read(fd[0], b, 1); close(fd[0]); close(fd[1]); } printf("thread %d\n", *(int *)p); return p; }
extern char **environ;
int main(void) {
    cur = malloc(sizeof *cur); cur->uid = 7;
    printf("%d\n", f(3));
    struct sigaction a = { .sa_handler = h }; sigfillset(&a.sa_mask);
    sigaction(SIGUSR1, &a, 0);
    raise(SIGUSR1);
    sigset_t all, old, pend; sigfillset(&all); sigprocmask(SIG_SETMASK, &all, &old);
    raise(SIGUSR1); sigpending(&pend); printf("pending %d got %d\n", sigismember(&pend, SIGUSR1), got);
    sigprocmask(SIG_SETMASK, &old, 0); printf("got %d\n", got);
    signal(SIGUSR2, h2);
    for (volatile int i = 0; i < 3; i++) if (!sigsetjmp(jb, 1)) raise(SIGUSR2); else printf("jumped\n");
    signal(SIGALRM, h); alarm(1); char b[4]; int fd[2]; pipe(fd);
    siginterrupt(SIGALRM, 1);
    errno = 0; int r = read(fd[0], b, 4); printf("read %d %s\n", r, strerror(errno));
    alarm(1); sigemptyset(&old); sigsuspend(&old); printf("suspended %d\n", got);
    fflush(stdout);
    pid_t p = fork(); if (!p) { printf("child\n"); cur->uid = 9; fflush(stdout); _exit(3); }
    int st; waitpid(p, &st, 0); printf("status %d %d\n", WEXITSTATUS(st), cur->uid);
    fflush(stdout);
    p = vfork(); if (!p) { execl("/bin/echo", "echo", "vforked", (char*)0); _exit(1); }
    waitpid(p, &st, 0); printf("status %d\n", WEXITSTATUS(st));
    fflush(stdout);
    char *av[] = { "sh", "-c", "echo spawned; exit 5", 0 };
    posix_spawnp(&p, "sh", 0, 0, av, environ); waitpid(p, &st, 0); printf("status %d\n", WEXITSTATUS(st));
    fflush(stdout);
    printf("system %d\n", WEXITSTATUS(system("echo in system; exit 6")));
    pthread_t t[4]; int n[4] = {0,1,2,3};
    for (int i = 0; i < 4; i++) { pthread_create(&t[i], 0, th, &n[i]); pthread_join(t[i], 0); }
    for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, th, &n[0]);
    for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
    FILE *q = popen("echo popened", "r"); char line[64]; fgets(line, 64, q); printf("%s", line); pclose(q);
    stack_t ss = { .ss_sp = malloc(65536), .ss_size = 65536 }, os; sigaltstack(&ss, 0); sigaltstack(0, &os); printf("alt %d\n", os.ss_sp == ss.ss_sp);
    void *m = mmap(0, 8192, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0); m = mremap(m, 8192, 16384, MREMAP_MAYMOVE); munmap(m, 16384);
    sigaction(SIGUSR1, 0, &a); printf("handler %d\n", a.sa_handler == h);
    free(cur);
    return 4;
}

// A system call waits; meanwhile another thread writes beside what the kernel is to write.
//
// quasi: -e get --when current->uid==7 -- -pthread
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct task {
    int uid;
};
struct page {
    struct task task;
    struct pollfd fds[2];
    pid_t tid[2];
};
struct page *page;
struct task *current;
__attribute__((noinline)) int get(int x)
{
    if (current->uid == 7)
        return x;
    return -x;
}
static void *waits(void *arg)
{
    (void)arg;
    return (void *)(long)poll(page->fds, 2, -1);
}
int main(void)
{
    int quiet[2], fd[2], failures = 0;
    page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    current = &page->task;
    current->uid = 7;
    failures += get(1) != 1 || pipe(quiet) || pipe(fd);
    for (int i = 0; i < 3; i++) {
        pthread_t t;
        void *n;
        char byte;
        page->fds[0] = (struct pollfd){ quiet[0], POLLIN, 0 };
        page->fds[1] = (struct pollfd){ fd[0], POLLIN, 0 };
        pthread_create(&t, NULL, waits, NULL);
        usleep(50000);
        page->fds[0].events = POLLIN | POLLPRI; /* of no concern to who waits */
        page->fds[1].events = POLLIN | POLLRDHUP;
        failures += write(fd[1], "x", 1) != 1;
        pthread_join(t, &n);
        failures += n != (void *)1 || read(fd[0], &byte, 1) != 1;
        failures += page->fds[0].events != (POLLIN | POLLPRI) || page->fds[0].revents;
        failures += page->fds[1].events != (POLLIN | POLLRDHUP) || page->fds[1].revents != POLLIN;
    }
    /* what a new process is called, in its parent and in itself */
    page->tid[0] = page->tid[1] = -1;
    int status;
    pid_t p = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, 0, &page->tid[0], &page->tid[1], 0);
    if (!p)
        _exit(page->tid[1] == getpid() ? 0 : 1);
    failures += waitpid(p, &status, 0) != p || status || page->tid[0] != p || page->tid[1] != -1;
    /* the same as mprotect: what is there is the program's own again, until it is read */
    failures += syscall(SYS_pkey_mprotect, page, 4096, PROT_READ | PROT_WRITE, -1) != 0;
    current->uid = 8;
    failures += get(1) != -1;
    printf("%d failures\n", failures);
    return failures;
}

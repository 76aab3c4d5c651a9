// What the kernel writes arrives, whatever other threads do to the pages meanwhile: make their first term, or fork.
//
// quasi: -e get --when current->uid==7 -- -pthread
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct task {
    int uid;
};
struct page {
    struct task task, gone;
    char text[16];
};
struct task *current;
__attribute__((noinline)) int get(int x)
{
    if (current->uid == 7)
        return x;
    return -x;
}
static struct page *new_page(void)
{
    struct page *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        abort();
    p->task.uid = 7;
    return p;
}
static int to[2];
static atomic_int stop;
static void *reads(void *arg)
{
    struct page *p = arg;
    return (void *)(long)(read(to[0], p->text, sizeof p->text) != 6 || strcmp(p->text, "hello"));
}
static void *reads_on(void *arg)
{
    char *text = arg;
    int fd[2];
    long failures = pipe(fd) != 0;
    for (int i = 1; !atomic_load(&stop); i++) {
        int got;
        failures += write(fd[1], &i, sizeof i) != sizeof i;
        failures += read(fd[0], text, sizeof i) != sizeof i;
        memcpy(&got, text, sizeof got);
        failures += got != i;
    }
    return (void *)failures;
}
int main(void)
{
    long failures = pipe(to);
    pthread_t t[2];
    void *failed;
    /* the kernel waits with the page's own address while it becomes protected */
    for (int i = 0; i < 3; i++) {
        struct page *p = new_page();
        pthread_create(&t[0], NULL, reads, p);
        usleep(50000);
        current = &p->task;
        failures += get(1) != 1;
        failures += write(to[1], "hello", 6) != 6;
        pthread_join(t[0], &failed);
        failures += (long)failed;
    }
    /* one page has a term, another one has had one */
    struct page *page = new_page();
    struct task *brief = malloc(sizeof *brief + 64);
    brief->uid = 7;
    current = brief;
    failures += get(1) != 1;
    current = &page->task;
    failures += get(1) != 1;
    char *beside = malloc(64);
    free(brief);
    pthread_create(&t[0], NULL, reads_on, page->text);
    pthread_create(&t[1], NULL, reads_on, beside);
    for (int i = 0; i < 300; i++) {
        int status;
        pid_t p = fork();
        if (!p)
            _exit(get(1) != 1);
        failures += waitpid(p, &status, 0) != p || status;
    }
    atomic_store(&stop, 1);
    for (int i = 0; i < 2; i++) {
        pthread_join(t[i], &failed);
        failures += (long)failed;
    }
    free(beside);
    printf("%ld failures\n", failures);
    return failures != 0;
}

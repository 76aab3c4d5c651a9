// Locks that the kernel writes itself lie beside a term: who waits for one gets it, also if the
// page gets its first slot while he waits; the lock of a thread that has ended is told to be so.
//
// quasi: -e get --when current->uid==7 -- -pthread
// reports: quasi: memguard: 4 times a location was read that is not protected: the kernel had to write a lock on its page
// reports: quasi: memguard: 15 writes to terms, 15 of them by rows of the ledger, 0 missed
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct task {
    int uid;
    pthread_mutex_t lock;
};
struct task *current;
static int failures;

#define CHECK(c) ((c) ? 0 : (printf("line %d: %s\n", __LINE__, #c), failures++))

__attribute__((noinline)) int get(int x) { return current->uid == 7 ? x : -x; }

static struct task *new_task(int robust)
{
    pthread_mutexattr_t a;
    struct task *t = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&a);
    if (robust)
        pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    else
        pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&t->lock, &a);
    t->uid = 7;
    return t;
}

/* until waits for a bit of the lock: that it is taken, or that somebody waits for it. */
static void until(struct task *t, unsigned bits)
{
    while (!(__atomic_load_n((unsigned *)&t->lock, __ATOMIC_RELAXED) & bits))
        usleep(1000);
}

static void *ends(void *t)
{
    pthread_mutex_lock(&((struct task *)t)->lock);
    until(t, 1u << 31);
    usleep(20000);
    return NULL;
}

static void *waits(void *t)
{
    int r = pthread_mutex_lock(&((struct task *)t)->lock);
    if (r == EOWNERDEAD)
        pthread_mutex_consistent(&((struct task *)t)->lock);
    pthread_mutex_unlock(&((struct task *)t)->lock);
    return (void *)(long)r;
}

static long wait_for(struct task *t, int protect)
{
    pthread_t id;
    void *r;
    pthread_create(&id, NULL, waits, t);
    until(t, 1u << 31);
    if (protect) {
        current = t;
        failures += get(1) != 1;
    }
    pthread_mutex_unlock(&t->lock); /* which may fail, if it is not this thread's */
    pthread_join(id, &r);
    return (long)r;
}

int main(void)
{
    for (int first = 0; first < 2; first++) { /* protected before somebody waits, or then */
        for (int robust = 0; robust < 2; robust++) {
            struct task *t = new_task(robust);
            current = t;
            if (first)
                CHECK(get(1) == 1);
            pthread_mutex_lock(&t->lock);
            CHECK(wait_for(t, !first) == 0);
            t->uid = 8;
            CHECK(get(1) == -1);
            t->uid = 7;
            CHECK(get(1) == 1);
            pthread_mutex_lock(&t->lock);
            CHECK(wait_for(t, 0) == 0);
        }
        struct task *t = new_task(1);
        pthread_t id;
        current = t;
        if (first)
            CHECK(get(1) == 1);
        pthread_create(&id, NULL, ends, t);
        until(t, (1u << 30) - 1);
        CHECK(wait_for(t, !first) == EOWNERDEAD);
        pthread_join(id, NULL);
        CHECK(pthread_mutex_lock(&t->lock) == 0 && pthread_mutex_unlock(&t->lock) == 0);
    }
    printf("%d failures\n", failures);
    return 0;
}

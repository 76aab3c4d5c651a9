// Instances whose life ends: on stacks that other variables get, on stacks of threads
// that are gone, in memory that is unmapped. Then the member for guards is not written.
//
// quasi: -e get --when 'current->uid == 7' --guards=quid --check-guards
// quasi: -e get --when 'current != 0' --when 'current->uid == 7' --guards=table --check-guards
// run: 1
// run: 9
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

struct task {
    int pid, uid;
    void *quasi_quid; /* as QUASI_QUID declares it */
};

struct task other, *current = &other;
static unsigned sum;

int get(int x) { return current->uid == 7 ? x : x * current->uid; }

static void call(int x)
{
    sum = sum * 31 + get(x);
    sum = sum * 31 + get(x + 1);
}

__attribute__((noinline)) static void on_stack(int n)
{
    struct task t[8];
    for (int i = 0; i < 8; i++) {
        t[i] = (struct task){ n, 7, 0 };
        current = &t[i];
        call(n + i);
    }
}

/* The last of the instances is bound while these lie in its place. */
__attribute__((noinline)) static void reuse_stack(int n)
{
    volatile unsigned long words[24];
    for (int i = 0; i < 24; i++)
        words[i] = n + i;
    current = &other;
    call(n);
    for (int i = 0; i < 24; i++)
        sum = sum * 31 + words[i];
}

static void *thread(void *arg)
{
    struct task t = { 1, 7, 0 };
    current = &t;
    call(*(int *)arg);
    return 0;
}

/* A stack as large as this is unmapped at once. */
static void on_stack_of_thread(int n)
{
    pthread_attr_t attr;
    pthread_t t;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 64 << 20);
    if (pthread_create(&t, &attr, thread, &n))
        abort();
    pthread_join(t, 0);
    fread(&other.pid, 1, 0, stdin);
    current = &other;
    call(n);
}

static void mapped(int n)
{
    struct task *t = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (t == MAP_FAILED)
        abort();
    t += 4096 / sizeof *t - 1;
    t->uid = 7;
    current = t;
    call(n);
    munmap((void *)((unsigned long)t & ~4095ul), (unsigned)n * 8 + 8);
    fread(&other.pid, 1, 0, stdin);
    current = &other;
    call(n);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 0; i < n; i++) {
        on_stack(i);
        reuse_stack(i);
        on_stack_of_thread(i);
        mapped(i);
        other.uid = i % 3 ? 7 : i;
    }
    printf("%u\n", sum);
    return 0;
}

// Weak and aliased symbols, thread-locals, atomics, inline assembly: what the linker,
// another thread or the assembler may change is not known while specializing.
//
// quasi: -e symbols --static n=3
// quasi: -e threads --static n=3
// quasi: -e atomics --static n=3
// quasi: -e assembly --static n=3
// quasi: -e main
// run: 5
// run: -2
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((weak)) int weak_value = 4;
__attribute__((weak)) int weak_function(int x) { return x * 3 + weak_value; }
extern int missing __attribute__((weak));
extern int missing_function(int) __attribute__((weak));

static int table[4] = { 1, 2, 3, 4 };
extern int other_name[4] __attribute__((alias("table")));
int real_function(int n, int x) { return n ? x + real_function(n - 1, x) : 0; }
int alias_function(int n, int x) __attribute__((alias("real_function")));

int symbols(int n, int x)
{
    int r = x;
    table[1] = n;
    other_name[2] = table[1] + other_name[1];
    r += table[2] * 100 + other_name[1];
    if (&missing)
        r += missing;
    if (missing_function)
        r += missing_function(n);
    if (&other_name[0] == &table[0])
        r += 1000;
    return r + weak_function(n) + alias_function(n, x);
}

static _Thread_local int mine = 1;
static _Thread_local int *where;

static void *work(void *p)
{
    int *from = p;
    mine += *from;
    where = &mine;
    *from = *where * 10 + (where == from);
    return NULL;
}

int threads(int n, int x)
{
    pthread_t t;
    int shared = n;
    mine = n + 1;
    where = &mine;
    if (pthread_create(&t, NULL, work, &shared))
        return -1;
    pthread_join(t, NULL);
    return shared * 100 + mine * 10 + (*where == n + 1) + x;
}

static atomic_int counter;
static int plain;

int atomics(int n, int x)
{
    atomic_int local = n;
    int expected = n;
    plain = n;
    atomic_store(&counter, n);
    int old = atomic_fetch_add(&counter, plain + x);
    plain = old + 1;
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_compare_exchange_strong(&local, &expected, plain))
        old += 5;
    return old * 1000 + atomic_load(&counter) * 10 + atomic_load_explicit(&local, memory_order_relaxed) + plain + expected
        + __atomic_exchange_n(&plain, x, __ATOMIC_ACQ_REL) + plain;
}

int assembly(int n, int x)
{
    int a = n, b[2] = { n, n + 1 }, c;
    int *p = b;
    asm("addl %1, %0" : "+r"(a) : "r"(n));
    asm volatile("movl $7, %0" : "=m"(b[0]));
    asm volatile("movl $9, 4(%0)" : : "r"(p) : "memory");
    asm("leal 1(%1), %0" : "=r"(c) : "r"(x));
    asm volatile("" : "+r"(p));
    return a * 100 + b[0] * 10 + b[1] + c + *p;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d\n", symbols(3, x));
    printf("%d\n", threads(3, x));
    printf("%d\n", atomics(3, x));
    printf("%d\n", assembly(3, x));
    return 0;
}

// An instance on the stack where an earlier one was, which is still bound: the memory has
// been other variables' meanwhile, and holds the new value before it is written.
//
// quasi: -e get --when 'current != 0' --when 'current->uid == 7' --guards=table --check-guards
// quasi: -e get --when 'current->uid >= 7' --when 'current->uid < 12' --guards=table --check-guards
// run: 3
// run: 7
#include <stdio.h>
#include <stdlib.h>

struct task {
    int pid, uid;
} other, *current = &other;

static unsigned sum;

__attribute__((noinline)) int get(int x) { return current->uid == 7 ? x : x * current->uid; }

static void call(int x)
{
    sum = sum * 31 + get(x);
    sum = sum * 31 + get(x + 1);
}

__attribute__((noinline)) static void on_stack(int uid)
{
    struct task t;
    t.pid = 0;
    t.uid = uid;
    current = &t;
    call(uid);
}

__attribute__((noinline)) static int fill(int v)
{
    volatile int a[100];
    for (int i = 0; i < 100; i++)
        a[i] = v;
    return a[v];
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 0; i < 6; i++) {
        on_stack(7);
        sum += fill(9 + n);
        on_stack(9 + n);
        on_stack(7);
        sum += fill(2);
        on_stack(3);
        on_stack(2);
    }
    printf("%u\n", sum);
    return 0;
}

// Structs that are passed and returned by value: a call writes its parameters on the stack,
// where those of an earlier call may still be bound.
//
// quasi: -e get --when 'current != 0' --when 'current->uid == 7' --guards=table --check-guards
// quasi: -e get --when 'current->uid == 7' --guards=quid --check-guards
// run: 2
// run: 7
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct task {
    int pid, uid;
    long rest[6];
    void *quasi_quid; /* as QUASI_QUID declares it */
};

struct task other, *current = &other;
static unsigned sum;

__attribute__((noinline)) int get(int x) { return current->uid == 7 ? x : x * current->uid; }

static void call(int x)
{
    sum = sum * 31 + get(x);
    sum = sum * 31 + get(x + 1);
}

__attribute__((noinline)) static void by_value(struct task t, int x)
{
    current = &t;
    call(x);
    t.uid++;
    call(x);
    t.uid = 7;
    call(x);
}

__attribute__((noinline)) static void two_values(int x, struct task t, struct task u)
{
    current = x & 1 ? &t : &u;
    call(x);
    current = x & 1 ? &u : &t;
    call(x);
}

__attribute__((noinline)) static void varied(int n, ...)
{
    va_list l;
    va_start(l, n);
    for (int i = 0; i < n; i++) {
        struct task t = va_arg(l, struct task);
        current = &t;
        call(i);
    }
    va_end(l);
}

__attribute__((noinline)) static struct task made(int uid)
{
    struct task t = { 1, uid, { 0 }, 0 };
    return t;
}

__attribute__((noinline)) static void returned(int uid)
{
    struct task t = made(uid);
    current = &t;
    call(uid);
    t = made(uid + 1);
    call(uid);
    t = made(7);
    call(uid);
}

static void (*pointer)(struct task, int) = by_value;

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    struct task t = made(7), u = made(9);
    for (int i = 0; i < 6; i++) {
        by_value(t, i);
        by_value(u, i);
        t.uid = i % 2 ? 7 : n;
        by_value(t, i);
        by_value(made(7), i);
        by_value(made(8), i);
        pointer(t, i);
        pointer(u, i);
        pointer(made(7), 1);
        two_values(i, t, u);
        two_values(i, u, t);
        varied(3, t, u, t);
        varied(2, u, u);
        varied(1, made(7));
        returned(7);
        returned(i);
        for (int k = 0; k < 3; k++) {
            struct task v = k ? u : t;
            current = &v;
            call(k);
        }
        current = &other;
    }
    printf("%u\n", sum);
    return 0;
}

// Writes to neighbours in an array of structs with a member for guards: each has its own.
//
// quasi: -e get --when 'current->uid == 7' --guards=quid --check-guards
// run: 1
// run: 6
#include <stdio.h>
#include <stdlib.h>

struct task {
    int pid, uid;
    void *quasi_quid; /* as QUASI_QUID declares it */
};

struct task tasks[4], *current;
static unsigned sum;

int get(int x) { return current->uid == 7 ? x : x * current->uid; }

static void call(int x)
{
    sum = sum * 31 + get(x);
    sum = sum * 31 + get(x + 1);
}

__attribute__((noinline)) static void two(struct task *t, int uid)
{
    t[0].uid = uid;
    t[1].uid = uid + 1;
}

__attribute__((noinline)) static void two_of(struct task *t, int i, int uid)
{
    t[i].uid = uid;
    t[i + 1].uid = uid + 1;
}

__attribute__((noinline)) static void both(struct task *t, int uid)
{
    t[2].pid++;
    t[2].uid = uid;
}

/* Strides over the instances from a member of the first one on. */
__attribute__((noinline)) static void stride(struct task *t, int i, int uid)
{
    int *at = &t->uid;
    at[i * (int)(sizeof *t / sizeof *at)] = uid;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    struct task *t = malloc(4 * sizeof *t);
    for (int i = 0; i < 4; i++)
        t[i] = (struct task){ i, 7, 0 };
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < 4; k++) {
            current = &t[k];
            call(i);
            two(t, 1);
            call(i);
            t[k].uid = 7;
            call(i);
            two_of(t, i % 3, 2);
            call(i);
            t[k].uid = 7;
            call(i);
            both(t, 3);
            call(i);
            t[k].uid = 7;
            call(i);
            stride(t, k, 9);
            call(i);
            t[k].uid = 7;
            call(i);
        }
    }
    printf("%u\n", sum);
    return 0;
}

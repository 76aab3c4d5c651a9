// A struct with a member for guards: instances are bound, copied with their member,
// cleared, and lie in constant memory, or in memory that is constant for a while.
//
// quasi: -e get --when 'current != 0' --when 'current->uid == 7' --guards=quid --check-guards
// quasi: -e get --when 'current != 0' --when 'current->uid == 7' --when 'first.uid < 100' --guards=quid --check-guards
// run: 2
// run: 5
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct task {
    int pid, uid;
    void *quasi_quid; /* as QUASI_QUID declares it */
    struct task *next;
};

struct task first, second;
static const struct task constant = { 1, 7, 0, 0 };
const struct task *current;
static unsigned sum;

int get(int x)
{
    if (!current)
        return -x;
    return current->uid == 7 ? x : x * current->uid;
}

static void call(int x)
{
    sum = sum * 31 + get(x);
    sum = sum * 31 + get(x + 1);
}

static void set(struct task *t, int uid) { t->uid = uid; }

static void both(struct task *t, int uid)
{
    t->pid++;
    t->uid = uid;
}

static void locked(void)
{
    struct task *t = mmap(0, sizeof *t, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    t->uid = 7;
    mprotect(t, sizeof *t, PROT_READ);
    current = t;
    call(1);
    call(2);
    mprotect(t, sizeof *t, PROT_READ | PROT_WRITE);
    set(t, 8); /* the member could not be set */
    call(3);
    current = 0;
    munmap(t, sizeof *t);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    struct task *list = 0;
    for (int i = 0; i < n; i++) {
        struct task *t = malloc(sizeof *t);
        t->pid = i;
        t->uid = i % 3 ? 7 : i;
        t->quasi_quid = 0;
        t->next = list;
        list = t;
    }
    for (int round = 0; round < 4; round++) {
        for (struct task *t = list; t; t = t->next) {
            current = t;
            call(t->pid);
            set(t, 7);
            call(t->pid);
            set(t, 8);
            call(t->pid);
            both(t, 7);
            call(t->pid);
            *t = (struct task){ t->pid, 7, 0, t->next }; /* takes the member away */
            call(t->pid);
            set(t, 8);
            call(t->pid);
            set(t, 7);
            call(t->pid);
            if (t->next) { /* what is copied may hold another's member, and has none of its own */
                *t->next = (struct task){ t->next->pid, 7, 0, t->next->next };
                call(t->pid);
                struct task saved = *t;
                *t = second;
                call(t->pid);
                *t = saved;
                call(t->pid);
                set(t, 9);
                call(t->pid);
            }
        }
        current = &first;
        set(&first, 7);
        call(round);
        second = first;
        call(round);
        current = &second;
        call(round);
        set(&second, 3);
        call(round);
        memset(&second, 0, sizeof second);
        call(round);
        set(&second, 7);
        call(round);
        current = &constant;
        call(round);
        set(&second, 8);
        current = &second;
        call(round);
        current = 0;
    }
    locked();
    printf("%u\n", sum);
    return 0;
}

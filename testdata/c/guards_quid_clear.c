// A struct's member for guards becomes NULL again by writes to the instance after nothing
// is bound there any more.
//
// quasi: -e get --when 'current->uid == 7' --guards=quid --check-guards
// run: 100
#include <stdio.h>
#include <stdlib.h>

struct task {
    int pid, uid;
    void *quasi_quid; /* as QUASI_QUID declares it */
};

struct task first, second, *current = &first;

int get(int x) { return current->uid == 7 ? x : x * current->uid; }

static void set(struct task *t, int uid) { t->uid = uid; }

static void both(struct task *t, int uid)
{
    t->pid++;
    t->uid = uid;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0, sum = 0;
    set(&first, 7);
    sum += get(1) + get(2);
    current = &second;
    set(&second, 7);
    sum += get(3) + get(4);
    set(&second, 8);
    for (int i = 0; i < n; i++) {
        set(&first, i);
        both(&second, i + 9);
    }
    sum += get(5);
    printf("%d %d %d\n", sum, !first.quasi_quid, !second.quasi_quid);
    return 0;
}

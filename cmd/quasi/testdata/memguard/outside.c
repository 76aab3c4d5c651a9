// Code in no module writes: where no call of the modules leads there it is assumed not to,
// and a function that is said to return new memory returns what is in use.
//
// quasi: -e get --when level==1 --when current!=0 --when current->uid==7
// object: outside/object.c
// missed: 31:12 wrote struct task.uid (7 -> 8); the ledger has: the memory is new: its address has gone nowhere yet [missed, fresh]
// missed: - 'at_start' wrote level (1 -> 3), called by no code of the program's modules [missed]
#include <stdio.h>
#include <stdlib.h>

struct task {
    int uid;
    int more[3];
};

int level = 1;
struct task *current;

void *pool(unsigned long size) __attribute__((malloc));

__attribute__((noinline)) int get(int x)
{
    if (level != 1 || !current)
        return -1;
    return current->uid == 7 ? x : -x;
}

static struct task *new_task(int uid)
{
    struct task *t = pool(sizeof *t);
    t->uid = uid;
    return t;
}

int main(void)
{
    current = new_task(7);
    int sum = get(1);
    level = 1;
    sum += get(3);
    printf("%d\n", sum);
    new_task(8); // where the first one is
    printf("%d\n", get(5));
    return 0;
}

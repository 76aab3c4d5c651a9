// A variable that each thread has its own of: a quasi-invariant about it cannot be
// guarded, and is tested at every call. The other one is guarded.
//
// quasi: -e get --when 'mine == 1' --when 'ours == 2' --guards=table --check-guards
// run: 3
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

__thread int mine;
int ours = 2;

int get(int x)
{
    if (mine == 1)
        x *= 3;
    return ours == 2 ? x + 1 : x - 1;
}

static void *other(void *arg)
{
    int *r = arg;
    int x = get(*r); /* its own is 0 */
    mine = 1;
    *r = x * 1000 + get(*r);
    return arg;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 0; i < 4; i++) {
        int r = n + i;
        pthread_t t;
        mine = 1;
        ours = 2;
        printf("%d %d ", get(n), get(n + i));
        pthread_create(&t, 0, other, &r);
        pthread_join(t, 0);
        ours = i;
        printf("%d %d\n", r, get(i));
    }
    return 0;
}

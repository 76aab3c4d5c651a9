// Comparing pointers to globals, locals and array elements; a static pointer
// that residual code needs as well.
//
// quasi: -e place --static p=&first
// quasi: -e place --static p=&second
// quasi: -e place --static p=null
// run: 0
// run: 1
// run: 2
// run: 3
#include <stdio.h>
#include <stdlib.h>

int first = 1, second = 2;
int many[4] = { 5, 6, 7, 8 };
int *kept;

int place(int *p, int x)
{
    int here = 9;
    int *q = x > 1 ? &many[x] : &first;
    if (!p)
        return -1;
    if (p == &here)
        return -2;
    int r = (p == &first) * 4 + (p == q) * 2 + (q > many);
    kept = p;
    *p += x;
    here = *q + first;
    return r * 100 + here;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 0;
    int *const all[] = { &first, &second, &many[2], 0 };
    for (int i = 0; i < 4; i++)
        printf("%d ", place(all[i], x));
    printf("%d %d %d %ld\n", first, second, many[2], kept ? (long)(kept == &many[2]) : -1L);
    return 0;
}

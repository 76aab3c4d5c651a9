// A function given as a static argument: the callee of fold becomes known.
//
// quasi: -e fold --static f=larger
// quasi: -e fold --static f=sum --static n=3
// run: 3 1 4
// run: 9 2 6
#include <stdio.h>
#include <stdlib.h>

int larger(int a, int b) { return a > b ? a : b; }
int sum(int a, int b) { return a + b; }

int fold(const int *a, int n, int (*f)(int, int), int start)
{
    for (int i = 0; i < n; i++)
        start = f(start, a[i]);
    return start;
}

int main(int argc, char **argv)
{
    int a[8], n = 0;
    for (int i = 1; i < argc && n < 8; i++)
        a[n++] = atoi(argv[i]);
    printf("%d %d\n", fold(a, n, larger, -1), fold(a, n, sum, 0));
    return 0;
}

// A static loop that dynamic data leaves early: each iteration is its own
// point, and every exit joins at the same code.
//
// quasi: -e find --static n=8
// run: 1 2 3 4 5 6 7 8 : 5
// run: 1 2 3 4 5 6 7 8 : 1
// run: 1 2 3 4 5 6 7 8 : 9
// run: 1 2 3 : 3
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int find(const int *a, int n, int key)
{
    int at = -1, probes = 0;
    for (int i = 0; i < n; i++) {
        probes += 2;
        if (a[i] == key) {
            at = i;
            break;
        }
        if (a[i] > 100)
            continue;
        probes++;
    }
    return at * 100 + probes;
}

int main(int argc, char **argv)
{
    int a[16], n = 0, i = 1;
    for (; i < argc && strcmp(argv[i], ":") != 0; i++)
        a[n++] = atoi(argv[i]);
    if (i + 1 >= argc)
        return 2;
    printf("%d\n", find(a, n, atoi(argv[i + 1])));
    return n;
}

// A variable-length array with a static and with a dynamic length.
//
// quasi: -e reverse_sum --static n=6
// quasi: -e reverse_sum --static k=2
// run: 6 2
// run: 3 2
// run: 1 1
#include <stdio.h>
#include <stdlib.h>

int reverse_sum(int n, int k, int x)
{
    int a[n + 1];
    for (int i = 0; i <= n; i++)
        a[i] = i * k + x;
    int r = 0;
    for (int i = n; i >= 0; i--)
        r = r * k + a[i];
    return r;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    for (int x = 0; x < 3; x++)
        printf("%d\n", reverse_sum(atoi(argv[1]), atoi(argv[2]), x));
    return 0;
}

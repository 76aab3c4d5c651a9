// A local whose address is handed to code outside and to a callee that keeps
// it: what was known of it ends there.
//
// quasi: -e measure --static n=3
// run: 30 12
// run: 5 7
#include <stdio.h>
#include <stdlib.h>

static int *watched;

static void keep(int *p) { watched = p; }
static void poke(int by)
{
    if (watched)
        *watched += by;
}

static int compare(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

int measure(int n, int x, const char *text)
{
    int local = 5, sorted[4] = { 9, 3, x, 1 }, parsed = 0;
    keep(&local);
    for (int i = 0; i < n; i++)
        poke(i + x);
    sscanf(text, "%d", &parsed);
    qsort(sorted, 4, sizeof *sorted, compare);
    watched = 0;
    return local * 1000 + parsed * 10 + sorted[0] + sorted[3];
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d %d\n", measure(3, atoi(argv[1]), argv[2]), measure(2, atoi(argv[1]), argv[1]));
    return 0;
}

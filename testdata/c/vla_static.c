// Arrays of variable length whose length is static are objects: they come and go with
// their blocks, also in loops, in what is unfolded, and where their address is kept.
//
// quasi: -e triangle --static n=4
// quasi: -e sieve --static n=30
// quasi: -e kept --static n=3
// quasi: -e stacked --static n=3
// quasi: -e triangle
// quasi: -e main
// run: 5
// run: -3
#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((noinline)) static int total(const int *a, int n)
{
    int s = 0;
    for (int i = 0; i < n; i++)
        s = s * 3 + a[i];
    return s;
}

/* A block with an array of another length each time. */
int triangle(int n, int x)
{
    int r = 0;
    for (int k = 1; k <= n; k++) {
        int row[k], above[k + 1];
        for (int i = 0; i < k; i++)
            row[i] = i ? row[i - 1] + x : (above[k] = k);
        for (int i = 0; i < k; i++)
            above[i] = 0;
        for (int i = 0; i < k; i++)
            r = r * 5 + (i ? row[0] : row[i]);
    }
    return r;
}

static int primes(int n)
{
    char composite[n];
    int count = 0;
    memset(composite, 0, sizeof composite);
    for (int i = 2; i < n; i++) {
        if (composite[i])
            continue;
        count++;
        for (int j = 2 * i; j < n; j += i)
            composite[j] = 1;
    }
    return count;
}

int sieve(int n, int x) { return primes(n) * x + primes(n / 2); }

/* The address is kept by code that is left, under dynamic control. */
int kept(int n, int x)
{
    int r = 0;
    for (int k = 0; k < (x & 3) + 1; k++) {
        int a[n];
        for (int i = 0; i < n; i++)
            a[i] = i * i + k;
        r = r * 7 + total(a, n) + a[(unsigned)x % n];
    }
    return r;
}

/* alloca lives until the function returns. */
int stacked(int n, int x)
{
    struct cell { struct cell *next; int v; } *head = NULL;
    for (int i = 0; i < n; i++) {
        struct cell *c = alloca(sizeof *c);
        c->v = x + i;
        c->next = head;
        head = c;
    }
    for (int i = 0; i < (x & 3); i++) {
        struct cell *c = alloca(sizeof *c);
        c->v = i;
        c->next = head;
        head = c;
    }
    int r = 0;
    for (struct cell *c = head; c; c = c->next)
        r = r * 11 + c->v;
    return r;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d %d\n", triangle(4, x), sieve(30, x));
    printf("%d %d\n", kept(3, x), stacked(3, x));
    return 0;
}

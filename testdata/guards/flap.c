/*
 * A quasi-invariant that is broken after every call, and one day no longer. Prints how
 * often the variant was armed, and how many calls it then took to be plugged. Given
 * numbers, it sets the policy.
 */
#include "quasi.h"
#include <stdio.h>
#include <stdlib.h>

int mode = 1;

__attribute__((noinline)) int work(int x) { return mode == 1 ? x + 1 : x; }

__attribute__((noinline)) static void change(int to) { mode = to; }

int main(int argc, char **argv)
{
    struct quasi_statistics s = { 0 };
    long sum = 0, more = 0, calls = argc > 1 ? atol(argv[1]) : 0;
    if (argc > 3)
        printf("policy %d\n", quasi_backoff(atol(argv[2]), atol(argv[3])));
    for (long i = 0; i < calls; i++) {
        sum += work(i);
        change(2);
        change(1);
    }
    quasi_statistics(&s, 1);
    printf("armed %llu\n", (unsigned long long)s.armed);
    do {
        sum += work(more++);
        quasi_statistics(&s, 1);
    } while (!s.plugged && more < 100000);
    printf("then %ld\n", more);
    return sum == 42;
}

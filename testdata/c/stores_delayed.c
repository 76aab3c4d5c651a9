// Stores to globals are late, but nothing can tell: unknown code, pointers that
// are not known, asm, volatile accesses, longjmp and the end of the program all
// see what has been stored.
//
// quasi: -e work
// quasi: -e work --static n=3
// run: 3
// run: 0
// run: 7
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int counter, table[40];
char text[100];
int *volatile unknown = &counter;
volatile int barrier;
static int hidden;
static jmp_buf env;
struct { short a; char b[3]; int *p; } record;

static int compare(const void *a, const void *b)
{
    counter++;
    return *(const int *)a - *(const int *)b;
}

static void show(void)
{
    printf("at exit: %d %d %d %s\n", counter, hidden, table[5], text);
}

__attribute__((noinline)) static void leave(void) { longjmp(env, counter); }

static int jump(void)
{
    int r = setjmp(env);
    if (r)
        return r;
    counter = 77;
    leave();
    return 0;
}

int work(int n)
{
    int local[8], sum = 0;
    for (int i = 0; i < 40; i++)
        table[i] = 40 - i;
    counter = 1;
    *unknown += 5;                      // sees counter, writes it
    sum += counter;
    for (int i = 0; i < 8; i++)
        local[i] = 7 * i % 5;
    qsort(local, 8, sizeof *local, compare); // calls back
    sum = 10 * sum + local[3] + counter;
    counter = 9;
    asm volatile("addl $1, %0" : "+m"(counter) : : "memory");
    sum += counter;
    counter = 20;
    barrier = 1;
    hidden = counter + n;
    if (n > 2)
        counter = 30;
    table[n & 31] = counter;
    sum += table[3] + table[2];
    memset(text, 'x', 70);
    text[70] = 0;
    text[n & 15] = 'y';
    sum += (int)strlen(text);
    memset(text, 'z', 3);
    strcpy(text + 3, "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789");
    record.a = 5;
    record.p = &table[7];
    memcpy(record.b, "pq", 3);
    *record.p = 1234;
    sum += table[7] + *record.p;
    int *q = n > 4 ? &counter : &hidden;
    counter = 3;
    hidden = 4;
    *q = 50;
    counter += hidden;
    sum = 3 * sum + jump();
    for (int i = 0; i < n; i++) {       // a dynamic loop over static stores
        hidden = i;
        counter = 2 * hidden;
    }
    printf("%s %d %d\n", text, record.a, record.b[1]);
    return sum + counter;
}

int main(int argc, char **argv)
{
    atexit(show);
    int sum = work(argc > 1 ? atoi(argv[1]) : 0);
    printf("%d %d %d\n", sum, counter, hidden);
    counter = 99;
    strcpy(text, "end");
    return 0;
}

// A function that may not be inlined calls one that looks at its return
// address: all calls of the first give the second one return address.
//
// quasi: -e twice
// run: 1
// run: 1 2
#include <stdio.h>

__attribute__((noinline)) static void *where(int i)
{
    return i < 3 ? __builtin_return_address(0) : 0;
}

static int calls;

__attribute__((noinline)) static char *through(int i)
{
    return (char *)where(i) + 0 * calls++;
}

int twice(int argc)
{
    void *a = through(0), *b = through(1), *c = through(argc);
    return a == b && b == c && through(7) == 0;
}

int main(int argc, char **argv)
{
    (void)argv;
    int same = twice(argc);
    printf("%d %d\n", same, calls);
    return 0;
}

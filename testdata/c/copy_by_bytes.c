// A struct with a pointer is copied byte by byte, by a function of the program
// itself. What the copied pointer writes must be seen: g is not 5 any more.
// quasi: -e store
// quasi: -e store --static k=7
// quasi: -e main
// run:
// run: 1 2 3
#include <stdio.h>

struct place {
    int *p;
    int x;
};

static int g, h;

static void copy(void *to, const void *from, unsigned long n)
{
    char *a = to;
    const char *b = from;

    while (n--)
        *a++ = *b++;
}

__attribute__((noinline)) int store(struct place *in, struct place *out, int k)
{
    g = 5;
    copy(out, in, sizeof *in);
    *out->p = k;
    return g * 10 + h;
}

int main(int argc, char **argv)
{
    struct place a = { argc > 3 ? &h : &g, 1 }, b = { &h, 2 };

    (void)argv;
    printf("%d\n", store(&a, &b, argc + 6));
    printf("%d %d\n", g, h);
    return 0;
}

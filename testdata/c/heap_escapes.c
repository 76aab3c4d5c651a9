// Allocations whose address residual code gets are made at run time, and tested
// there: returned, stored in globals, handed to unknown code, reallocated, freed
// elsewhere, larger than fits a stack slot, in loops under dynamic control. With an
// allocator that fails now and then, the program does what the generic one does.
//
// quasi: -e build --static n=4
// quasi: -e keep
// quasi: -e choose --static n=3
// quasi: -e collect
// quasi: -e resize --static n=3
// run: 5 0
// run: 3 2
// run: 4 3
// run: 0 7
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failing, count;

/* malloc itself is the C library's; this is what a program may do around it. */
__attribute__((noinline)) static void *attempt(size_t n)
{
    if (failing && ++count % failing == 0)
        return NULL;
    return malloc(n);
}

struct link { struct link *next; int x; };
static struct link *global;

struct link *build(int n, int x)
{
    struct link *head = NULL;
    for (int i = 0; i < n; i++) {
        struct link *l = malloc(sizeof *l);
        if (!l)
            return head;
        l->x = x + i;
        l->next = head;
        head = l;
    }
    return head;
}

static int total(struct link *l)
{
    int s = 0;
    while (l) {
        struct link *next = l->next;
        s = s * 3 + l->x;
        free(l);
        l = next;
    }
    return s;
}

int keep(int x)
{
    struct link *a = malloc(sizeof *a), *b = calloc(2, sizeof *b);
    if (!a || !b)
        return -1;
    a->x = 7;
    a->next = b;
    b->x = b[1].x + 2;
    if (x & 1)
        global = a;
    int r = a->next->x + a->x;
    if (!(x & 1)) {
        free(a);
        free(b);
    }
    return r;
}

int choose(int n, int x)
{
    int *v = malloc(n * sizeof *v);
    if (!v)
        return -1;
    for (int i = 0; i < n; i++)
        v[i] = i * i + 1;
    int r = v[(unsigned)x % n];
    free(v);
    return r;
}

int collect(int x)
{
    struct link *head = NULL;
    int r = 0;
    for (int i = 0; i < x; i++) {
        struct link *l = attempt(sizeof *l);
        if (!l)
            continue;
        l->x = i * 2;
        l->next = head;
        head = l;
        char *text = malloc(10000);
        if (text) {
            memset(text, 'a' + i, 10000);
            r += text[x * 100];
            free(text);
        }
    }
    return r + total(head);
}

int resize(int n, int x)
{
    char *s = strdup("abc");
    if (!s)
        return -1;
    for (int i = 0; i < n; i++) {
        char *t = realloc(s, 10 * (i + 1));
        if (!t)
            break;
        s = t;
        s[3 + i] = 'd' + i;
        s[4 + i] = 0;
    }
    if (x > 2)
        puts(s);
    int r = strlen(s);
    free(s);
    return r;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    failing = argc > 2 ? atoi(argv[2]) : 0;
    printf("%d ", total(build(4, x)));
    printf("%d %d\n", keep(x), total(global));
    printf("%d %d %d\n", choose(3, x), collect(x), resize(3, x));
    return 0;
}

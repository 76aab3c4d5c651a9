// Calls through prototypes that say less than the functions do: a variadic
// pointer type, void * for int *, another pointer result, a result that is not
// used. The caller's static arguments reach what is called.
//
// quasi: -e encode --static op=0
// quasi: -e encode --static op=1
// lacks: call .* @(put|skip|both|first)\(
// run: 0 7 9
// run: 1 7 9
// run: 2 7 9
#include <stdio.h>
#include <stdlib.h>

struct stream {
    int op;
    int room;
    int *next;
};

typedef int (*procedure)(struct stream *, ...);
typedef void *(*finder)(void *, int);

static int put(struct stream *s, int *p)
{
    if (s->room < 4)
        return 0;
    s->room -= 4;
    if (s->op == 0)
        *s->next++ = *p;
    else
        *p = *s->next++;
    return 1;
}

static int skip(struct stream *s, char *p)
{
    (void)p;
    s->room -= 4;
    return s->room >= 0;
}

static int both(struct stream *s, long *p)
{
    return put(s, (int *)p) && put(s, (int *)p + 1);
}

static int *first(int *v, int n) { return v + n; }

static const procedure table[] = { (procedure)put, (procedure)both, (procedure)skip };

int encode(int op, int *buf, int *v)
{
    struct stream s = { op, 20, buf };
    finder find = (finder)first;
    int k, n = 0;

    for (k = 0; k < 4; k++)
        n += table[k % 3](&s, v + k);
    ((void (*)(struct stream *, int *))put)(&s, (int *)find(v, 1));
    return 100 * n + s.room;
}

int main(int argc, char **argv)
{
    int buf[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, v[8] = { 0 }, r, k;

    if (argc < 4)
        return 2;
    v[0] = atoi(argv[2]), v[1] = atoi(argv[3]);
    r = encode(atoi(argv[1]), buf, v);
    printf("%d:", r);
    for (k = 0; k < 8; k++)
        printf(" %d %d", buf[k], v[k]);
    printf("\n");
    return 0;
}

// Memory of malloc goes into residual functions and comes out of them: a tree of
// static shape that is searched and rebuilt under dynamic control.
//
// quasi: -e run --static depth=3
// quasi: -e main
// run: 5
// run: 2
// run: 0
#include <stdio.h>
#include <stdlib.h>

struct node {
    int key;
    struct node *left, *right;
};

static struct node *make(int depth, int key)
{
    struct node *n = malloc(sizeof *n);
    if (!n)
        exit(1);
    n->key = key;
    n->left = depth ? make(depth - 1, 2 * key) : 0;
    n->right = depth ? make(depth - 1, 2 * key + 1) : 0;
    return n;
}

/* The path that x takes is cut off, and what it passed is made again. */
static struct node *cut(struct node *n, int x, int *sum)
{
    if (!n)
        return 0;
    *sum += n->key;
    struct node *m = malloc(sizeof *m);
    if (!m)
        exit(1);
    *m = *n;
    if (x & 1) {
        m->left = cut(n->left, x >> 1, sum);
        if (x & 2)
            m->key += 100;
    } else {
        m->right = cut(n->right, x >> 1, sum);
    }
    free(n);
    return m;
}

static int total(struct node *n, int x)
{
    if (!n)
        return 0;
    int l = x > 3 ? total(n->left, x - 1) : 1;
    int r = x & 1 ? total(n->right, x + 1) : 2;
    x = n->key * x + l - 3 * r;
    free(n);
    return x;
}

int run(int depth, int x)
{
    int sum = 0;
    struct node *n = make(depth, 1);
    n = cut(n, x, &sum);
    return total(n, x) + sum;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d\n", run(3, x));
    printf("%d\n", run(2, x + 1));
    return 0;
}

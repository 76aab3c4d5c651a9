// Memory that is allocated while specializing: a list and a tree that are built
// from static data and freed vanish; so does what is leaked without being seen.
// Payloads may be dynamic.
//
// quasi: -e evaluate
// quasi: -e sum --static n=5
// quasi: -e grow --static n=20
// quasi: -e copies
// lacks: call|alloca|inttoptr
// run: 5
// run: -3
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node { int op; int value; struct node *left, *right; };

static const char *at;

static struct node *make(int op, struct node *l, struct node *r)
{
    struct node *n = malloc(sizeof *n);
    if (!n)
        abort();
    n->op = op;
    n->value = 0;
    n->left = l;
    n->right = r;
    return n;
}

static struct node *parse(const char **s, int x);

static struct node *atom(const char **s, int x)
{
    if (**s == '(') {
        ++*s;
        struct node *n = parse(s, x);
        ++*s;
        return n;
    }
    struct node *n = make(**s == 'x' ? 'x' : 'n', NULL, NULL);
    n->value = **s == 'x' ? x : **s - '0';
    ++*s;
    return n;
}

static struct node *parse(const char **s, int x)
{
    struct node *n = atom(s, x);
    while (**s == '+' || **s == '*') {
        int op = *(*s)++;
        n = make(op, n, atom(s, x));
    }
    return n;
}

static int eval(const struct node *n)
{
    switch (n->op) {
    case '+':
        return eval(n->left) + eval(n->right);
    case '*':
        return eval(n->left) * eval(n->right);
    }
    return n->value;
}

static void release(struct node *n)
{
    if (!n)
        return;
    release(n->left);
    release(n->right);
    free(n);
}

int evaluate(int x)
{
    const char *s = "(x+1)*(x*(2+x))+x";
    struct node *n = parse(&s, x);
    int r = eval(n);
    release(n);
    return r;
}

struct link { struct link *next; int x; };

int sum(int n, int x)
{
    struct link *head = NULL;
    int s = 0;
    for (int i = 0; i < n; i++) {
        struct link *l = calloc(1, sizeof *l);
        if (!l)
            return -1;
        l->x += x * i;
        l->next = head;
        head = l;
    }
    for (struct link *l = head; l; l = l->next)
        s = s * 3 + l->x;
    return s;
}

int grow(int n, int x)
{
    int *v = NULL, used = 0, room = 0, s = 0;
    for (int i = 0; i < n; i++) {
        if (used == room) {
            room = room ? 2 * room : 2;
            int *w = realloc(v, room * sizeof *v);
            if (!w) {
                free(v);
                return -1;
            }
            v = w;
        }
        v[used++] = i % 3 ? i * i : x;
    }
    for (int i = 0; i < used; i++)
        s = s * 5 + v[i];
    free(v);
    return s;
}

int copies(int x)
{
    char *a = strdup("static text"), *b = strndup(a, 6);
    if (!a || !b)
        return -1;
    int r = x;
    for (char *p = b; *p; p++)
        r = r * 3 + *p;
    free(a);
    free(b);
    return r;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d %d %d %d\n", evaluate(x), sum(5, x), grow(20, x), copies(x));
    return 0;
}

// Calls through a constant table and through pointers in structs: a static
// index makes them direct.
//
// quasi: -e apply --static op=2
// quasi: -e apply --static op=0
// quasi: -e through --when 'o->run == triple'
// run: 0 7 3
// run: 1 7 3
// run: 2 7 3
// run: 3 7 3
#include <stdio.h>
#include <stdlib.h>

static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static int mul(int a, int b) { return a * b; }
static int last(int a, int b) { (void)a; return b; }

static int (*const table[])(int, int) = { add, sub, mul, last };

struct object {
    int (*run)(int);
    struct object *next;
};

int twice(int x) { return 2 * x; }
int triple(int x) { return 3 * x; }

int apply(int op, int a, int b)
{
    return table[op](a, b) + table[op ^ 1](b, a);
}

int through(struct object *o, int x)
{
    int r = o->run(x);
    if (o->next)
        r += o->next->run(r);
    return r;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    int op = atoi(argv[1]), a = atoi(argv[2]), b = atoi(argv[3]);
    struct object tail = { twice, 0 }, head = { op % 2 ? triple : twice, &tail };
    printf("%d\n", apply(op, a, b));
    printf("%d %d\n", through(&head, a), through(&tail, b));
    return 0;
}

// A constant linked list walks away at specialization time, a list on the heap
// does not; nodes are allocated and freed.
//
// quasi: -e sum --static head=&chain
// quasi: -e build --static n=4
// run: 3
// run: 4
// run: 0
#include <stdio.h>
#include <stdlib.h>

struct node {
    int weight;
    const struct node *next;
};

static const struct node tail = { 30, 0 }, body = { 20, &tail };
const struct node chain = { 10, &body };

int sum(const struct node *head, int x)
{
    int s = 0;
    for (; head; head = head->next)
        s = s * x + head->weight;
    return s;
}

struct node *build(int n, int x)
{
    struct node *head = 0;
    for (int i = 0; i < n; i++) {
        struct node *fresh = malloc(sizeof *fresh);
        if (!fresh)
            exit(9);
        fresh->weight = i * x;
        fresh->next = head;
        head = fresh;
    }
    return head;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 4;
    struct node *own = build(n, 3);
    printf("%d %d\n", sum(&chain, n), sum(own, 2));
    while (own) {
        struct node *next = (struct node *)own->next;
        free(own);
        own = next;
    }
    return 0;
}

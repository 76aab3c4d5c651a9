// A callee that gets nothing static that it would use, but fills a structure of
// its caller with constants: the caller knows them only if the call is followed.
//
// quasi: -e encode
// quasi: -e encode --when '((unsigned long)buf & 3) == 0'
// lacks: call
// run: 7 9
#include <stdio.h>
#include <stdlib.h>

struct stream {
    int op, room;
    const struct operations *ops;
    char *next;
};

struct operations {
    int (*put)(struct stream *, int);
};

static int put(struct stream *s, int x)
{
    if (s->room < 4)
        return 0;
    s->room -= 4;
    for (int k = 0; k < 4; k++)
        *s->next++ = (char)(x >> 8 * k);
    return 1;
}

static const struct operations operations = { put };

/* Longer than what is followed because it is small. */
static void open(struct stream *s, char *buf, int room, int op)
{
    s->op = op;
    s->room = room;
    s->ops = &operations;
    s->next = buf;
    *buf = '.';
    buf[room - 1] = '.';
    buf[room - 2] = '.';
}

int encode(char *buf, int x, int y)
{
    struct stream s;

    open(&s, buf, 12, 1);
    if (s.op == 0)
        return 0;
    return s.ops->put(&s, x) + s.ops->put(&s, y) + s.ops->put(&s, x) + s.ops->put(&s, y);
}

int main(int argc, char **argv)
{
    char buf[12];

    if (argc < 3)
        return 2;
    printf("%d:", encode(buf, atoi(argv[1]), atoi(argv[2])));
    for (int k = 0; k < 12; k++)
        printf(" %d", buf[k]);
    printf("\n");
    return 0;
}

// The only constant that reaches a callee is zero, which it stores where the
// caller decides by it.
//
// quasi: -e run
// lacks: call|switch
// run: 7 9
#include <stdio.h>
#include <stdlib.h>

enum op { ADD, MULTIPLY, FREE };

struct stream {
    enum op op;
    unsigned room;
    char *base, *next;
    unsigned *words[4];
};

static void open(struct stream *s, char *buf, unsigned room, enum op op)
{
    s->op = op;
    s->base = s->next = buf;
    s->room = room - (unsigned)(s->next - s->base);
    for (int k = 0; k < 4; k++)
        s->words[k] = (unsigned *)(void *)(buf + 4 * k);
}

static unsigned step(struct stream *s, unsigned x)
{
    switch (s->op) {
    case ADD:
        return x + *s->words[x % 4];
    case MULTIPLY:
        return x * *s->words[x % 4];
    case FREE:
        return 0;
    }
    return 1;
}

unsigned run(char *buf, unsigned n, unsigned x)
{
    struct stream s;

    open(&s, buf, n, ADD);
    return s.room + step(&s, step(&s, x));
}

int main(int argc, char **argv)
{
    _Alignas(4) char buf[16] = "some characters";

    if (argc < 3)
        return 2;
    printf("%u\n", run(buf, (unsigned)atoi(argv[1]), (unsigned)atoi(argv[2])));
    return 0;
}

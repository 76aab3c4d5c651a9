// An enumeration in a struct decides through a quasi-invariant that names the
// enumerator.
//
// quasi: -e area --when 's->kind == CIRCLE'
// quasi: -e area --when 's->kind == RECT' --when 's->b == 4'
// run: 0 3 4
// run: 1 3 4
// run: 2 3 4
// run: 1 3 5
// run: 7 1 1
#include <stdio.h>
#include <stdlib.h>

enum kind { CIRCLE, RECT, TRIANGLE };

struct shape {
    enum kind kind;
    long a, b;
};

long area(const struct shape *s)
{
    switch (s->kind) {
    case CIRCLE:
        return 3 * s->a * s->a;
    case RECT:
        return s->a * s->b;
    case TRIANGLE:
        return s->a * s->b / 2;
    }
    return -1;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    struct shape s = { atoi(argv[1]), atoi(argv[2]), atoi(argv[3]) };
    printf("%ld\n", area(&s));
    return 0;
}

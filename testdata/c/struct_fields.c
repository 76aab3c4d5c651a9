// A partially static struct: the mode is known through a quasi-invariant, the
// counters are dynamic and outlive the call.
//
// quasi: -e step --when 'm->mode == 2' --when 'm->limit == 10'
// quasi: -e step --when 'm->mode == 1'
// run: 2 10 5 6 7
// run: 2 9 5 6 7
// run: 1 10 100 200
// run: 0 10 1 2 3
#include <stdio.h>
#include <stdlib.h>

struct machine {
    int mode, limit;
    struct {
        long total;
        short seen;
    } count;
    char overflow;
};

int step(struct machine *m, int x)
{
    m->count.seen++;
    switch (m->mode) {
    case 1:
        m->count.total += x;
        break;
    case 2:
        m->count.total += x > m->limit ? m->limit : x;
        break;
    default:
        m->count.total--;
    }
    if (m->count.total > m->limit * 2)
        m->overflow = 1;
    return (int)m->count.total;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    struct machine m = { atoi(argv[1]), atoi(argv[2]), { 0, 0 }, 0 };
    for (int i = 3; i < argc; i++)
        printf("%d\n", step(&m, atoi(argv[i])));
    printf("%ld %d %d\n", m.count.total, m.count.seen, m.overflow);
    return m.overflow;
}

// Bit-fields, signed ones too, beside each other in one unit: some static
// through quasi-invariants, some dynamic and written.
//
// quasi: -e update --when 'r->mode == 5' --when 'r->level == -3'
// quasi: -e update --static by=2
// run: 5 -3 1
// run: 5 3 2
// run: 1 -4 30
#include <stdio.h>
#include <stdlib.h>

struct reg {
    unsigned mode : 3;
    signed level : 4;
    unsigned count : 5;
    unsigned : 0;
    unsigned long long wide : 40;
    unsigned flag : 1;
};

int update(struct reg *r, int by)
{
    r->count += by;
    if (r->mode == 5)
        r->wide += (unsigned long long)by << 36;
    else
        r->flag = !r->flag;
    if (r->level < 0)
        r->level += by;
    return r->count * 100 + r->level;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    struct reg r = { atoi(argv[1]), atoi(argv[2]), 29, 1, 0 };
    for (int i = 0; i < 3; i++)
        printf("%d\n", update(&r, atoi(argv[3])));
    printf("%u %d %u %llx %u\n", r.mode, r.level, r.count, (unsigned long long)r.wide, r.flag);
    return 0;
}

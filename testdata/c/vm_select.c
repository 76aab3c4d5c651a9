// A register machine whose branches are a choice between two offsets: the choice
// of two static values has to become a branch of the residual code.
//
// quasi: -e filter --static prog=&accept
// run: 20 3
// run: 4 77
// run: 99 1
// lacks: switch|@accept|load .*struct.op
#include <stdio.h>
#include <stdlib.h>

enum { LD, AND, JEQ, JGT, RETK };

struct op {
    unsigned short code;
    unsigned char jt, jf;
    unsigned k;
};

const struct op accept[] = {
    { LD, 0, 0, 0 }, { JGT, 0, 4, 10 }, { LD, 0, 0, 1 }, { AND, 0, 0, 1 }, { JEQ, 0, 2, 1 }, { RETK, 0, 0, 11 },
    { JEQ, 1, 0, 4 }, { RETK, 0, 0, 22 }, { LD, 0, 0, 1 }, { JGT, 0, 1, 50 }, { RETK, 0, 0, 33 }, { RETK, 0, 0, 44 },
};

unsigned filter(const struct op *prog, const unsigned *in)
{
    unsigned a = 0;
    const struct op *pc = prog - 1;
    for (;;) {
        ++pc;
        switch (pc->code) {
        case LD: a = in[pc->k]; break;
        case AND: a &= pc->k; break;
        case JEQ: pc += a == pc->k ? pc->jt : pc->jf; break;
        case JGT: pc += a > pc->k ? pc->jt : pc->jf; break;
        case RETK: return pc->k;
        }
    }
}

int main(int argc, char **argv)
{
    unsigned in[2] = { argc > 1 ? atoi(argv[1]) : 0, argc > 2 ? atoi(argv[2]) : 0 };
    printf("%u\n", filter(accept, in));
    return 0;
}

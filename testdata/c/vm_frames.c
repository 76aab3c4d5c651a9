// A machine whose calls are frames on a linked list, with registers in each frame.
//
// quasi: -e run --static code=&program
// run: 7
// run: 1
// run: 12
// lacks: switch|load .*struct.insn
#include <stdio.h>
#include <stdlib.h>

enum { LI, MOV, ADD, SUB, BNZ, CALL, RET };

struct insn {
    unsigned char op, a, b;
    short imm;
};

struct frame {
    const struct insn *ret;
    struct frame *caller;
    long r[4];
};

// r1 = 0; do { r1 = r1 + double(r0); r0 = r0 - 1 } while (r0)
const struct insn program[] = {
    { LI, 1, 0, 0 }, { LI, 3, 0, 1 },
    { CALL, 2, 0, 7 }, { ADD, 1, 2 }, { SUB, 0, 3 }, { BNZ, 0, 0, 2 }, { RET, 1 },
    { MOV, 1, 0 }, { CALL, 2, 1, 10 }, { RET, 2 },
    { ADD, 0, 0 }, { RET, 0 },
};

long run(const struct insn *code, long n)
{
    struct frame pool[8], *f = pool;
    const struct insn *pc = code;
    f->ret = 0;
    f->caller = 0;
    f->r[0] = n;
    for (;;) {
        const struct insn *in = pc++;
        switch (in->op) {
        case LI: f->r[in->a] = in->imm; break;
        case MOV: f->r[in->a] = f->r[in->b]; break;
        case ADD: f->r[in->a] += f->r[in->b]; break;
        case SUB: f->r[in->a] -= f->r[in->b]; break;
        case BNZ: if (f->r[in->a]) pc = code + in->imm; break;
        case CALL: {
            struct frame *g = f + 1;
            g->caller = f;
            g->ret = pc;
            g->r[0] = f->r[in->b];
            f = g;
            pc = code + in->imm;
            break;
        }
        case RET: {
            long v = f->r[in->a];
            if (!f->caller)
                return v;
            pc = f->ret;
            f = f->caller;
            f->r[pc[-1].a] = v;
            break;
        }
        }
    }
}

int main(int argc, char **argv)
{
    printf("%ld\n", run(program, argc > 1 ? atol(argv[1]) : 1));
    return 0;
}

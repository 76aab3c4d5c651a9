// A stack machine with a static program, its loop controlled by dynamic data:
// the program counter stays static, the stack pointer too, the cells do not.
//
// quasi: -e run --static code=&countdown
// run: 5
// run: 0
// run: 23
// lacks: switch
#include <stdio.h>
#include <stdlib.h>

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, JNZ, JMP, RET };

struct insn {
    unsigned char op;
    int arg;
};

// factorial-like: r = 1; while (n) { r = r * n + 1; n = n - 1; } return r
const struct insn countdown[] = {
    { PUSH, 1 }, { STORE, 1 },
    { LOAD, 0 }, { JNZ, 6 }, { LOAD, 1 }, { RET, 0 },
    { LOAD, 1 }, { LOAD, 0 }, { MUL, 0 }, { PUSH, 1 }, { ADD, 0 }, { STORE, 1 },
    { LOAD, 0 }, { PUSH, 1 }, { SUB, 0 }, { STORE, 0 }, { JMP, 2 },
};

unsigned run(const struct insn *code, unsigned n)
{
    unsigned stack[16], var[4] = { n };
    int sp = 0, pc = 0;
    for (;;) {
        struct insn in = code[pc++];
        switch (in.op) {
        case PUSH: stack[sp++] = in.arg; break;
        case LOAD: stack[sp++] = var[in.arg]; break;
        case STORE: var[in.arg] = stack[--sp]; break;
        case ADD: sp--; stack[sp - 1] += stack[sp]; break;
        case SUB: sp--; stack[sp - 1] -= stack[sp]; break;
        case MUL: sp--; stack[sp - 1] *= stack[sp]; break;
        case JNZ: if (stack[--sp]) pc = in.arg; break;
        case JMP: pc = in.arg; break;
        case RET: return stack[sp - 1];
        }
    }
}

int main(int argc, char **argv)
{
    static const struct insn square[] = { { LOAD, 0 }, { LOAD, 0 }, { MUL, 0 }, { RET, 0 } };
    unsigned n = argc > 1 ? atoi(argv[1]) : 0;
    printf("%u %u\n", run(countdown, n), run(square, n));
    return 0;
}

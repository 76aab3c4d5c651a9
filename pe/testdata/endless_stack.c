// An interpreter whose program grows its own stack: how deep depends on the input,
// so the stack pointer cannot stay static for ever, and the report says where it ends.
// pe: @interpret
// run:
#include <stdio.h>

enum { PUSH, DUP, SUB1, JNZ, ADD, SWAP_LOOP, END };

static const struct { unsigned char op; signed char arg; } program[] = {
    { PUSH, 5 },
    /* push copies until the input is counted down */
    { DUP, 0 }, { SUB1, 0 }, { JNZ, 1 },
    { ADD, 0 }, { SWAP_LOOP, 4 }, { END, 0 },
};

int interpret(int x)
{
    int stack[256], sp = 0, pc = 0;
    for (;;) {
        int arg = program[pc].arg;
        switch (program[pc++].op) {
        case PUSH: stack[sp++] = arg; break;
        case DUP: stack[sp] = stack[sp - 1] + x; sp++; break;
        case SUB1: x--; break;
        case JNZ: if (x > 0) pc = arg; break;
        case ADD: if (sp > 1) { sp--; stack[sp - 1] += stack[sp]; } break;
        case SWAP_LOOP: if (sp > 1) pc = arg; break;
        default: return stack[0];
        }
    }
}

int main(void)
{
    for (int x = 0; x < 200; x += 33)
        printf("%d\n", interpret(x));
    return 0;
}

// CHECK: reason: budget spent: specialized points: one program point was specialized {{[0-9]+}} times (--budget points=N)
// CHECK: reason: generalized: %{{.*}}: it differs between the paths that meet here

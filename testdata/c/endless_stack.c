// An interpreter whose program grows its own stack: how deep depends on the input,
// so the stack pointer cannot stay static for ever. The result is correct, made soon, and
// the report says where it ends.
//
// quasi: -e interpret
// reports: budget spent: specialized points: one program point was specialized \d+ times \(--budget points=N\)
// reports: generalized: %sp\S*: it differs between the paths that meet here
// run: 3
// run: 100
#include <stdio.h>
#include <stdlib.h>

enum { PUSH, DUP, SUB1, JNZ, ADD, SWAP_LOOP, END };

static const struct { unsigned char op; signed char arg; } program[] = {
    { PUSH, 5 },
    /* push copies until the input is counted down */
    { DUP, 0 }, { SUB1, 0 }, { JNZ, 1 },
    { ADD, 0 }, { SWAP_LOOP, 4 }, { END, 0 },
};

static int interpret(int x)
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

int run(int x) { return interpret(x); }

int main(int argc, char **argv)
{
    printf("%d\n", run(argc > 1 ? atoi(argv[1]) % 200 : 1));
    return 0;
}

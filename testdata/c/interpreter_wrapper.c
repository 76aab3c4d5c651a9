// The plainest specification: a C function that calls the interpreter with a
// constant program. The program has calls and nested loops.
//
// quasi: -e collatz
// run: 1
// run: 7
// run: 27
// lacks: switch
#include <stdio.h>
#include <stdlib.h>

typedef struct { char op, a, b, c; } insn;

// registers r[0..7]; op: '=' move, '+' add constant, '*' multiply by constant,
// '/' halve, '?' jump if odd, '1' jump if one, 'j' jump, 'h' halt
static int execute(const insn *program, int input)
{
    int r[8] = { input };
    for (const insn *p = program;; p++) {
        switch (p->op) {
        case '=': r[(int)p->a] = r[(int)p->b]; break;
        case '+': r[(int)p->a] += p->b; break;
        case '*': r[(int)p->a] *= p->b; break;
        case '/': r[(int)p->a] /= 2; break;
        case '?': if (r[(int)p->a] % 2) p = program + p->b - 1; break;
        case '1': if (r[(int)p->a] == 1) p = program + p->b - 1; break;
        case 'j': p = program + p->b - 1; break;
        case 'h': return r[(int)p->a];
        default: return -1;
        }
    }
}

int collatz(int n)
{
    static const insn program[] = {
        { '1', 0, 8, 0 }, { '+', 1, 1, 0 }, { '?', 0, 5, 0 }, { '/', 0, 0, 0 }, { 'j', 0, 0, 0 },
        { '*', 0, 3, 0 }, { '+', 0, 1, 0 }, { 'j', 0, 0, 0 }, { 'h', 1, 0, 0 },
    };
    return execute(program, n);
}

int main(int argc, char **argv)
{
    printf("%d\n", collatz(argc > 1 ? atoi(argv[1]) : 1));
    return 0;
}

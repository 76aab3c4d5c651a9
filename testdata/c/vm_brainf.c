// An interpreter of a language of eight characters: the program is a string, the
// tape dynamic. Loops of the program are loops of the residual code.
//
// quasi: -e run --static src=&program
// run: 3
// run: 0
// run: 9
// lacks: switch|@program
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// squares of the cell's value: 0, 1, 4 ...
const char program[] = "[->+>+<<]>[->[->+>+<<]>>[-<<+>>]<<<]>>.";

int run(const char *src, unsigned char *cell)
{
    int printed = 0;
    for (const char *pc = src; *pc; pc++) {
        switch (*pc) {
        case '>': cell++; break;
        case '<': cell--; break;
        case '+': ++*cell; break;
        case '-': --*cell; break;
        case '.': printed = printed * 256 + *cell; break;
        case '[':
            if (!*cell)
                for (int depth = 1; depth;) {
                    pc++;
                    depth += *pc == '[' ? 1 : *pc == ']' ? -1 : 0;
                }
            break;
        case ']':
            if (*cell)
                for (int depth = 1; depth;) {
                    pc--;
                    depth += *pc == ']' ? 1 : *pc == '[' ? -1 : 0;
                }
            break;
        }
    }
    return printed;
}

int main(int argc, char **argv)
{
    unsigned char tape[64] = { argc > 1 ? atoi(argv[1]) : 2 };
    printf("%d", run(program, tape));
    for (int i = 0; i < 8; i++)
        printf(" %d", tape[i]);
    printf("\n");
    return 0;
}

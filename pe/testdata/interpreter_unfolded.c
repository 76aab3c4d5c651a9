// An interpreter of a static program leaves straight code: no dispatch and no access of the program.
// pe: @run code=&program
// run:
#include <stdio.h>
enum { PUSH, ARG, ADD, MUL, JNZ, DEC, END };
static const unsigned char program[] = { ARG, PUSH, 3, MUL, PUSH, 2, DEC, JNZ, 6, ADD, END };
__attribute__((noinline)) int run(const unsigned char *code, int arg)
{
    int stack[8], sp = 0, pc = 0;
    for (;;)
        switch (code[pc++]) {
        case PUSH: stack[sp++] = code[pc++]; break;
        case ARG: stack[sp++] = arg; break;
        case ADD: sp--; stack[sp - 1] += stack[sp]; break;
        case MUL: sp--; stack[sp - 1] *= stack[sp]; break;
        case DEC: stack[sp - 1]--; break;
        case JNZ: pc = stack[sp - 1] ? code[pc] : pc + 1; break;
        case END: return stack[sp - 1];
        }
}
int main(void)
{
    static const unsigned char other[] = { ARG, ARG, MUL, END };
    for (int i = -1; i < 3; i++)
        printf("%d %d\n", run(program, i), run(other, i));
}
// CHECK-LABEL: define internal i32 @run.v1(
// CHECK-NOT: {{switch|br |load i8}}
// CHECK: mul
// CHECK-NOT: {{switch|br |load i8}}
// CHECK: ret i32
// CHECK: }

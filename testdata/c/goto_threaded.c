// Direct-threaded code: the program is translated to addresses of labels, kept in
// a local array with operands in between, and the VM keeps return labels on a
// stack of its own.
//
// quasi: -e run --static code=&program
// quasi: -e local --static op=2
// quasi: -e local
// lacks: indirectbr|call
// run: 5
// run: 0
// run: 11
#include <stdio.h>
#include <stdlib.h>

enum { PUSH, ADD, JNZ, DEC, CALL, RET, HALT };
const signed char program[] = { PUSH, 3, CALL, 9, DEC, JNZ, -5, HALT, 0, ADD, RET };

long run(const signed char *code, long x)
{
    static const void *const labels[] = { &&push, &&add, &&jnz, &&dec, &&call, &&ret, &&halt };
    const void *text[32];
    const void **back[8];
    long n = 0, acc = 0, sp = 0;
    for (int i = 0; i < 11; i++)
        text[i] = code[i] >= 0 && code[i] <= HALT ? labels[code[i]] : 0;
    const void **pc = text;
#define NEXT goto **pc++
    NEXT;
push:
    n = code[pc++ - text];
    NEXT;
add:
    acc += x;
    NEXT;
dec:
    n--;
    NEXT;
jnz:
    pc += n ? code[pc - text] + 1 : 1;
    NEXT;
call:
    back[sp++] = pc + 1;
    pc = text + code[pc - text];
    NEXT;
ret:
    pc = back[--sp];
    NEXT;
halt:
    return acc;
}

/* The table is an array on the stack; a label is compared with null. */
int local(int op, int x)
{
    void *table[] = { &&twice, &&square, &&zero };
    void *to = table[op];
    if (!to)
        return -1;
    goto *to;
twice:
    return 2 * x;
square:
    return x * x;
zero:
    return 0;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%ld\n", run(program, x));
    for (int op = 0; op < 3; op++)
        printf("%d ", local(op, x));
    printf("\n");
    return 0;
}

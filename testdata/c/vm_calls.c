// A machine with calls: operand stack, call stack and frames in arrays of a
// structure that every instruction gets by address. Program counter, stack pointer
// and return addresses stay static, also where the program's loops are dynamic.
//
// quasi: -e run --static code=&triangle
// run: 5
// run: 0
// run: 100
// lacks: switch|indirectbr|@step|load .*struct.insn
#include <stdio.h>
#include <stdlib.h>

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, LESS, JZ, JMP, CALL, RET, HALT };

struct insn {
    unsigned char op;
    int arg;
};

// sum = 0; while (n) { sum += square(n); n -= 1; } with square a function
const struct insn triangle[] = {
    { PUSH, 0 }, { STORE, 1 },
    { LOAD, 0 }, { JZ, 14 },
    { LOAD, 0 }, { CALL, 16 }, { LOAD, 1 }, { ADD, 0 }, { STORE, 1 },
    { LOAD, 0 }, { PUSH, 1 }, { SUB, 0 }, { STORE, 0 }, { JMP, 2 },
    { LOAD, 1 }, { HALT, 0 },
    // square: leaves x * x, by way of another call
    { STORE, 2 }, { LOAD, 2 }, { CALL, 20 }, { RET, 0 },
    { LOAD, 2 }, { MUL, 0 }, { RET, 0 },
};

struct vm {
    const struct insn *code;
    int pc, sp, fp, running;
    unsigned stack[32];
    int calls[16];
    unsigned var[4];
};

static unsigned pop(struct vm *vm)
{
    return vm->stack[--vm->sp];
}

static void push(struct vm *vm, unsigned x)
{
    vm->stack[vm->sp++] = x;
}

static void step(struct vm *vm)
{
    const struct insn *in = &vm->code[vm->pc++];
    unsigned x;
    switch (in->op) {
    case PUSH: push(vm, in->arg); break;
    case LOAD: push(vm, vm->var[in->arg]); break;
    case STORE: vm->var[in->arg] = pop(vm); break;
    case ADD: x = pop(vm); push(vm, pop(vm) + x); break;
    case SUB: x = pop(vm); push(vm, pop(vm) - x); break;
    case MUL: x = pop(vm); push(vm, pop(vm) * x); break;
    case LESS: x = pop(vm); push(vm, pop(vm) < x); break;
    case JZ: vm->pc = pop(vm) ? vm->pc : in->arg; break;
    case JMP: vm->pc = in->arg; break;
    case CALL: vm->calls[vm->fp++] = vm->pc; vm->pc = in->arg; break;
    case RET: vm->pc = vm->calls[--vm->fp]; break;
    case HALT: vm->running = 0; break;
    }
}

unsigned run(const struct insn *code, unsigned n)
{
    struct vm vm = { code, 0, 0, 0, 1 };
    vm.var[0] = n;
    while (vm.running)
        step(&vm);
    return pop(&vm);
}

int main(int argc, char **argv)
{
    printf("%u\n", run(triangle, argc > 1 ? atoi(argv[1]) : 0));
    return 0;
}

// The program of an interpreter: it is constant data that a parameter points to.
// flags: -e run
// says: fix-parameter: fix parameter code to the address of constant data: --static code='&VARIABLE'
// value: code=&twice
struct insn {
    int op, arg;
};

const struct insn twice[] = { { 1, 2 }, { 2, 5 }, { 0, 0 } };

int run(const struct insn *code, int x)
{
    for (int pc = 0;; pc++) {
        switch (code[pc].op) { // asked
        case 0:
            return x;
        case 1:
            x *= code[pc].arg;
            break;
        case 2:
            x += code[pc].arg;
            break;
        }
    }
}

// Records that are static in part: instructions in bit-fields whose operands are
// dynamic, unions behind static tags, copied one by one and as an array, and stored
// to at a dynamic index, which leaves the tags of all elements known.
//
// quasi: -e bits --static n=4
// quasi: -e values --static n=6
// quasi: -e indexed --static tag=0
// lacks: switch|llvm.memcpy
// run: 5
// run: -70000
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct insn {
    unsigned op : 4, reg : 4;
    int imm : 24;
};

int bits(int n, int x)
{
    struct insn prog[4];
    int r = 0;
    for (int i = 0; i < n; i++) {
        prog[i].op = i & 3;
        prog[i].reg = i + 1;
        prog[i].imm = x + i;
    }
    for (int i = 0; i < n; i++)
        switch (prog[i].op) {
        case 0:
            r += prog[i].imm;
            break;
        case 1:
            r *= prog[i].reg;
            break;
        case 2:
            r -= prog[i].reg;
            break;
        default:
            r ^= prog[i].imm;
        }
    return r;
}

struct value {
    int tag;
    union {
        int i;
        double d;
        char s[8];
        struct { short lo, hi; } h;
    } u;
};

static int eval(struct value v)
{
    switch (v.tag) {
    case 0:
        return v.u.i;
    case 1:
        return (int)v.u.d;
    case 2:
        return v.u.s[1];
    }
    return v.u.h.hi;
}

int values(int n, int x)
{
    struct value a[6], b[6];
    for (int i = 0; i < n; i++) {
        a[i].tag = i % 4;
        switch (i % 4) {
        case 0:
            a[i].u.i = x;
            break;
        case 1:
            a[i].u.d = 2.5;
            break;
        case 2:
            memcpy(a[i].u.s, "abc", 4);
            a[i].u.s[2] = x;
            break;
        default:
            a[i].u.i = x * 3;
            a[i].u.h.lo = 1;
        }
    }
    memcpy(b, a, sizeof a);
    struct value t = b[0];
    b[0] = b[n - 1];
    b[n - 1] = t;
    int r = 0;
    for (int i = 0; i < n; i++)
        r = r * 3 + eval(b[i]);
    return r;
}

int indexed(int tag, int x)
{
    struct value a[4];
    for (int i = 0; i < 4; i++) {
        a[i].tag = tag;
        a[i].u.i = x + i;
    }
    a[x & 3].u.i = 7;
    int r = 0;
    for (int i = 0; i < 4; i++)
        r = r * 3 + eval(a[i]);
    return r;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d %d %d\n", bits(4, x), values(6, x), indexed(0, x));
    return 0;
}

// Mutual recursion under dynamic control: a recursive-descent calculator whose
// modulus is static.
//
// quasi: -e evaluate --static modulus=97
// run: 1+2*3
// run: (1+2)*3-4
// run: ((((7))))
// run: 2*(3+(4-5)*6)*7
// run: 12*(
// run: 100*100 10
#include <stdio.h>
#include <stdlib.h>

struct parser {
    const char *p;
    int errors;
};

static int sum(struct parser *s, int modulus, int depth);

static int atom(struct parser *s, int modulus, int depth)
{
    int v = 0;
    if (*s->p == '(') {
        s->p++;
        v = sum(s, modulus, depth + 1);
        if (*s->p == ')')
            s->p++;
        else
            s->errors++;
        return v;
    }
    if (*s->p < '0' || *s->p > '9')
        s->errors++;
    while (*s->p >= '0' && *s->p <= '9')
        v = (v * 10 + *s->p++ - '0') % modulus;
    return v;
}

static int product(struct parser *s, int modulus, int depth)
{
    int v = atom(s, modulus, depth);
    while (*s->p == '*') {
        s->p++;
        v = v * atom(s, modulus, depth) % modulus;
    }
    return v;
}

static int sum(struct parser *s, int modulus, int depth)
{
    int v = product(s, modulus, depth);
    while (*s->p == '+' || *s->p == '-') {
        int minus = *s->p++ == '-';
        int w = product(s, modulus, depth);
        v = (minus ? v - w + modulus : v + w) % modulus;
    }
    return v;
}

int evaluate(const char *text, int modulus, int *errors)
{
    struct parser s = { text, 0 };
    int v = sum(&s, modulus, 0);
    *errors = s.errors + (*s.p != 0);
    return v;
}

int main(int argc, char **argv)
{
    int errors;
    if (argc < 2)
        return 2;
    int v = evaluate(argv[1], argc > 2 ? atoi(argv[2]) : 97, &errors);
    printf("%d %d\n", v, errors);
    return errors;
}

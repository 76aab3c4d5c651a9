// Residual functions that pass static memory in and out: a parser's state is a
// structure of the caller, of which some fields are static before and after each
// call, others differ between the returns, and addresses get out on some paths.
//
// quasi: -e parse --static g=&sum
// quasi: -e walk --static mode=2
// quasi: -e twist --static k=3
// run: 1+2+3
// run: (1+2)+(3+(4+5)) 7
// run: ((((1)))) ((
// run: 12+ x 5
// run:
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rule {
    int op; // 0 digit, 1 char, 2 sequence, 3 choice, 4 call, 5 end
    int arg;
    const struct rule *next, *alt;
};

struct parser {
    const char *at;
    int rule, depth, calls;
    int result;
    int *out;
};

extern const struct rule sum, atom;
static const struct rule end = { 5 };
static const struct rule close = { 1, ')', &end };
static const struct rule inner = { 4, 0, &close, &sum };
static const struct rule open = { 1, '(', &inner };
static const struct rule digit = { 0, 0, &end };
const struct rule atom = { 3, 0, &digit, &open };
static const struct rule more = { 4, 0, &end, &sum };
static const struct rule plus = { 1, '+', &more };
static const struct rule rest = { 3, 0, &plus, &end };
const struct rule sum = { 4, 0, &rest, &atom };

static int *escaped;

static int eat(struct parser *p, const struct rule *r)
{
    p->rule = r->op;
    switch (r->op) {
    case 0:
        if (*p->at < '0' || *p->at > '9')
            return 0;
        p->result += *p->at++ - '0';
        return eat(p, r->next);
    case 1:
        if (*p->at != r->arg)
            return 0;
        p->at++;
        return eat(p, r->next);
    case 3: {
        struct parser old = *p;
        if (eat(p, r->next))
            return 1;
        *p = old;
        p->calls = 7;
        return eat(p, r->alt);
    }
    case 4:
        p->depth++;
        if (!eat(p, r->alt)) {
            if (p->result > 1000)
                escaped = &p->depth;
            return 0;
        }
        p->depth--;
        return eat(p, r->next);
    }
    p->out = &p->result;
    return 1;
}

int parse(const struct rule *g, const char *s)
{
    struct parser p = { s };
    int ok = eat(&p, g);
    printf("%d %d %d %d %d %d\n", ok, p.rule, p.depth, p.calls, p.result, p.out ? *p.out : -1);
    if (escaped)
        *escaped = 1;
    return (int)(p.at - s) * 10 + p.depth;
}

// The result is a pointer into the caller's array, or one to its other.
static int *pick(int *a, int *b, const char *s, int mode)
{
    a[mode]++;
    if (!*s)
        return mode == 2 ? &a[1] : b;
    if (*s == '(') {
        int *c = pick(a, b, s + 1, mode);
        c[0] += 3;
        return c + (mode & 1);
    }
    b[0] += mode;
    return pick(b, a, s + 1, mode ^ 1);
}

int walk(const char *s, int mode)
{
    int a[4] = { 1, 2, 3, 4 }, b[4] = { 5, 6, 7, 8 };
    int *r = pick(a, b, s, mode);
    r[0] *= 10;
    int h = 0;
    for (int i = 0; i < 4; i++)
        h = h * 31 + a[i] * 7 + b[i];
    return h + (r >= a && r < a + 4);
}

// Two cells swap names on the way down; one of them gets known to unknown code.
static int swap(int *x, int *y, const char *s, int k)
{
    *x = k;
    if (!*s) {
        *y = k + 1;
        return 2;
    }
    int z;
    z = *y + 1;
    if (*s == '+') {
        int r = swap(y, &z, s + 1, k);
        return r + z;
    }
    if (*s == ')')
        sscanf("41", "%d", x);
    return swap(&z, x, s + 1, k) + *x + z;
}

int twist(const char *s, int k)
{
    int a = 1, b = 2;
    int r = swap(&a, &b, s, k);
    return r * 100 + a * 10 + b;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        printf("%d\n", parse(&sum, argv[i]));
        printf("%d %d\n", walk(argv[i], 2), twist(argv[i], 3));
    }
    return 0;
}

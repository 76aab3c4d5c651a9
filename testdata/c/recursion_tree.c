// An interpreter of syntax trees: the tree is static, a function of the tree
// calls itself under dynamic control. Its residual program is one function that
// calls itself and has nothing of the tree.
//
// quasi: -e run --static e=&body
// run: 1
// run: 10
// run: 20
// lacks: @eval\(|switch|load .*struct.expr
// has: call .*@eval
#include <stdio.h>
#include <stdlib.h>

enum kind { NUM, ARG, ADD, SUB, LESS, IF, CALL };

struct expr {
    enum kind kind;
    int num;
    const struct expr *a, *b, *c;
};

struct env {
    long arg;
    const struct expr *self;
    int depth;
};

static const struct expr one = { NUM, 1 }, two = { NUM, 2 }, arg = { ARG };
static const struct expr less = { LESS, 0, &arg, &two };
static const struct expr n1 = { SUB, 0, &arg, &one }, n2 = { SUB, 0, &arg, &two };
static const struct expr call1 = { CALL, 0, &n1 }, call2 = { CALL, 0, &n2 };
static const struct expr sum = { ADD, 0, &call1, &call2 };
const struct expr body = { IF, 0, &less, &arg, &sum };

static long eval_call(const struct expr *self, long arg);

static long eval(const struct expr *e, struct env *env)
{
    switch (e->kind) {
    case NUM: return e->num;
    case ARG: return env->arg;
    case ADD: return eval(e->a, env) + eval(e->b, env);
    case SUB: return eval(e->a, env) - eval(e->b, env);
    case LESS: return eval(e->a, env) < eval(e->b, env);
    case IF: return eval(e->a, env) ? eval(e->b, env) : eval(e->c, env);
    case CALL: return eval_call(env->self, eval(e->a, env));
    }
    return 0;
}

static long eval_call(const struct expr *self, long arg)
{
    struct env env = { arg, self, 0 };
    return eval(self, &env);
}

long run(const struct expr *e, long n)
{
    return eval_call(e, n);
}

int main(int argc, char **argv)
{
    printf("%ld\n", run(&body, argc > 1 ? atol(argv[1]) : 0));
    return 0;
}

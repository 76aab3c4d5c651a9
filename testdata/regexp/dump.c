/* Compiles the patterns with mujs and prints them as constants: static.h. */
#include "patterns.h"

#include <stddef.h>
#include <stdio.h>

static void print_target(const char *name, const Reprog *p, const Reinst *to)
{
    if (to)
        printf(", (Reinst *)&insts_%s[%td]", name, to - p->start);
    else
        printf(", 0");
}

static int print_pattern(const char *name, const char *text)
{
    const char *error = NULL;
    const Reprog *p = regcomp(text, 0, &error);
    const Reinst *in;
    int i;

    if (!p) {
        fprintf(stderr, "dump: %s: %s\n", text, error);
        return 1;
    }
    printf("\n/* %s */\n", text);
    printf("static const Reprog prog_%s;\nstatic const Reinst insts_%s[%td] = {\n", name, name, p->end - p->start);
    for (in = p->start; in < p->end; in++) {
        printf("    { %d, %d, %d", in->opcode, in->n, in->c);
        if (in->cc)
            printf(", (Reclass *)&prog_%s.cclass[%td]", name, in->cc - p->cclass);
        else
            printf(", 0");
        print_target(name, p, in->x);
        print_target(name, p, in->y);
        printf(" },\n");
    }
    printf("};\nstatic const Reprog prog_%s = {\n    (Reinst *)insts_%s, (Reinst *)insts_%s + %td, %d, %d, {\n", name, name,
           name, p->end - p->start, p->flags, p->nsub);
    for (i = 0; i < 16; i++) {
        const Reclass *c = &p->cclass[i];
        const Rune *r;

        if (!c->end)
            break;
        printf("        { (Rune *)prog_%s.cclass[%d].spans + %td, {", name, i, c->end - c->spans);
        for (r = c->spans; r < c->end; r++)
            printf(" %d,", *r);
        printf(" } },\n");
    }
    printf("    }\n};\n");
    return 0;
}

int main(void)
{
    int failed = 0;

#define PRINT(name, text) failed |= print_pattern(#name, text);
    PATTERNS(PRINT)
    return failed;
}

/* Numbers of every length, strings from empty to full. */
#include "subject.h"
#include "values.h"

static void text(struct random *r, char *p, unsigned n)
{
    while (n-- > 0)
        *p++ = (char)(' ' + random_below(r, 95));
    *p = 0;
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    struct values *v = in;

    (void)name;
    v->number = (int)(random_next(r) >> random_below(r, 64));
    if (i % 2)
        v->number = -v->number;
    v->size = (unsigned)(random_next(r) >> random_below(r, 64));
    v->address = random_next(r) >> random_below(r, 64);
    if (i % 16 == 0)
        v->number = 0, v->size = 0, v->address = 0;
    text(r, v->name, random_below(r, sizeof v->name));
    text(r, v->value, random_below(r, sizeof v->value));
    return sizeof *v;
}

long bench_input(const char *name, int input, void *in)
{
    struct values *v = in;

    (void)name;
    (void)input;
    *v = (struct values){ -1234, 4096, 0x7ffe1234, "timeout", "86400 seconds" };
    return sizeof *v;
}

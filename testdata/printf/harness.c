/* The cases: snprintf of musl with a constant format. */
#include <stdio.h>

#include "values.h"

long numbers(const void *in, long n, void *out)
{
    const struct values *v = in;

    (void)n;
    return snprintf(out, ROOM, "%d %u %x\n", v->number, v->size, (unsigned)v->address);
}

long strings(const void *in, long n, void *out)
{
    const struct values *v = in;

    (void)n;
    return snprintf(out, ROOM, "%s=%s;", v->name, v->value);
}

long columns(const void *in, long n, void *out)
{
    const struct values *v = in;

    (void)n;
    return snprintf(out, ROOM, "[%5d] %-10s 0x%08lx", v->number, v->name, v->address);
}

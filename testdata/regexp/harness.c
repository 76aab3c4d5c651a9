/* The cases: regexec of mujs with a constant pattern. */
#include "patterns.h"

#include "static.h"

#include <stddef.h>

/*
 * Searches the string at in and writes begin and end of each group to out, -1
 * for a group that took no part. Returns the bytes written; -1 if nothing
 * matches.
 */
static inline long search(const Reprog *prog, const char *in, int *out)
{
    Resub sub;
    int i;

    if (regexec((Reprog *)prog, in, &sub, 0) != 0)
        return -1;
    for (i = 0; i < sub.nsub; i++) {
        *out++ = sub.sub[i].sp ? (int)(sub.sub[i].sp - in) : -1;
        *out++ = sub.sub[i].ep ? (int)(sub.sub[i].ep - in) : -1;
    }
    return (long)sub.nsub * 2 * (long)sizeof *out;
}

#define CASE(name, text)                                                                                               \
    long name(const void *in, long n, void *out)                                                                       \
    {                                                                                                                  \
        (void)n;                                                                                                       \
        return search(&prog_##name, in, out);                                                                          \
    }
PATTERNS(CASE)

/*
 * Runs every build of every case over generated inputs and compares result and
 * output with the generic build. Usage: check [SEED]. Prints "cases N" and
 * "differences N"; exits 1 on any difference.
 */
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_REPORTS = 10, GENERIC = 1, CANARY = 0xa5 };

static _Alignas(64) unsigned char in[MAX_IN], kept[MAX_IN], out[2][MAX_OUT];

static unsigned long cases, differences;

static void report(const struct subject_case *c, int build, unsigned i, long got, long want)
{
    if (++differences <= MAX_REPORTS)
        fprintf(stderr, "check: %s, input %u: %s returns %ld, generic %ld%s\n", c->name, i, c->builds[build].name, got,
                want, got == want ? ", with another output" : "");
}

static void compare(const struct subject_case *c, struct random *r, unsigned i)
{
    long n, want, got;
    int b;

    n = check_input(c->name, r, i, in);
    memcpy(kept, in, MAX_IN);
    memset(out[0], CANARY, MAX_OUT);
    want = c->builds[GENERIC].fn(in, n, out[0]);
    cases++;
    for (b = GENERIC + 1; b < MAX_BUILDS && c->builds[b].fn; b++) {
        memcpy(in, kept, MAX_IN);
        memset(out[1], CANARY, MAX_OUT);
        got = c->builds[b].fn(in, n, out[1]);
        if (got != want || memcmp(out[0], out[1], MAX_OUT) != 0)
            report(c, b, i, got, want);
    }
}

int main(int argc, char **argv)
{
    struct random r = { argc > 1 ? strtoull(argv[1], NULL, 10) : 1 };
    unsigned i;
    int k;

    subject_setup();
    for (k = 0; k < subject_nr; k++)
        for (i = 0; i < subject_cases[k].checks; i++)
            compare(&subject_cases[k], &r, i);
    printf("cases %lu\ndifferences %lu\n", cases, differences);
    return differences != 0;
}

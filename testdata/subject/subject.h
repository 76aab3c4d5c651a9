/*
 * What the cases of a subject, their inputs, and the programs that compare and
 * measure them agree on. README.md says how a subject is added.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <stdint.h>

/*
 * A case: does its job on the input of n at in, writes to out, which has
 * MAX_OUT bytes, and returns how many bytes it has written, or, if that is
 * negative, any other result. What n counts is the subject's matter.
 */
typedef long case_fn(const void *in, long n, void *out);

enum { MAX_IN = 1 << 14, MAX_OUT = 1 << 14, MAX_BUILDS = 20 };

/* Generated numbers: the same for the same seed, on every machine. */
struct random {
    uint64_t state;
};

uint64_t random_next(struct random *r);

/* A number below n. */
unsigned random_below(struct random *r, unsigned n);

/*
 * By inputs.c of the subject: write an input of a case, by its name, into in,
 * which is aligned and has MAX_IN bytes, and return its n. check_input makes
 * the i-th of those that builds are compared on; bench_input the one that is
 * measured, by its number in subject.yaml.
 */
long check_input(const char *name, struct random *r, unsigned i, void *in);
long bench_input(const char *name, int input, void *in);

/* Written by quasi bench and quasi compare: the cases in all builds, and what prepares those. */
struct subject_case {
    const char *name;
    int inputs;
    unsigned checks;
    struct {
        const char *name;
        case_fn *fn;
    } builds[MAX_BUILDS]; /* the first is the null call, the second generic; null at the end */
};

extern const struct subject_case subject_cases[];
extern const int subject_nr;
void subject_setup(void);

#endif

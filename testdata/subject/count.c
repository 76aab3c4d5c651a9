/*
 * Calls the second build of every case once on each of its inputs, for quasi
 * compare, which counts what is executed.
 */
#include "random.h"

#include <string.h>

void quasi_count_call(long context, long site);

static _Alignas(64) unsigned char in[MAX_IN], out[MAX_OUT];

int main(void)
{
    int k, input;

    subject_setup();
    for (k = 0; k < subject_nr; k++) {
        for (input = 0; input < subject_cases[k].inputs; input++) {
            long n;

            memset(in, 0, MAX_IN);
            n = bench_input(subject_cases[k].name, input, in);
            quasi_count_call(0, -1); /* what is called is outside of what is specialized */
            subject_cases[k].builds[1].fn(in, n, out);
        }
    }
    return 0;
}

/*
 * Calls the second build of every case twice on each of its inputs, for quasi
 * compare, which counts what is executed: by the second call, since what is
 * measured is calls that follow each other.
 */
#include "random.h"

#include <string.h>

void quasi_count_call(long context, long site);
void quasi_count_pause(int on);

static _Alignas(64) unsigned char in[MAX_IN], out[MAX_OUT];

int main(void)
{
    int k, input;

    subject_setup();
    for (k = 0; k < subject_nr; k++) {
        for (input = 0; input < subject_cases[k].inputs; input++) {
            long n;
            int again;

            memset(in, 0, MAX_IN);
            n = bench_input(subject_cases[k].name, input, in);
            for (again = 0; again < 2; again++) {
                quasi_count_pause(!again);
                quasi_count_call(0, -1); /* what is called is outside of what is specialized */
                subject_cases[k].builds[1].fn(in, n, out);
            }
        }
    }
    return 0;
}

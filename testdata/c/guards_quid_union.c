// A struct with a member for guards that shares a union with other things: the member is
// theirs while the program uses those, and nobody else may write it.
//
// quasi: -e get --when 'at != 0' --when 'at->id == 7' --guards=quid --check-guards
// quasi: -e get --when 'at != 0' --when 'at->id == 7' --guards=table --check-guards
// run: 1
// run: 4
#include <stdio.h>
#include <stdlib.h>

struct small {
    int id;
    void *quasi_quid; /* as QUASI_QUID declares it */
};

union both {
    struct small small;
    long words[3];
};

union both all[4];
struct small *at;
static unsigned sum;

int get(int x) { return at && at->id == 7 ? x : -x; }

static void call(int x)
{
    sum = sum * 31 + get(x);
    sum = sum * 31 + get(x + 1);
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 0;
    for (int i = 0; i < 40; i++) {
        union both *b = &all[i % 4];
        for (int k = 0; k < 3; k++)
            b->words[k] = 7 + (i % 5 == 0);
        at = &b->small;
        call(i * n);
        for (int k = 0; k < 3; k++)
            sum = sum * 31 + b->words[k];
        at->id = n;
        call(i);
        at->id = 7;
        call(i);
    }
    printf("%u\n", sum);
    return 0;
}

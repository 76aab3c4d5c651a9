// A threaded interpreter by computed goto (indirectbr). With a static program
// every goto is a jump; with a dynamic one a switch stands for the label table.
//
// quasi: -e run --static code=&adder
// quasi: -e run --static acc=1
// quasi: -e sum
// lacks: indirectbr|blockaddress|call
// run: 5
// run: 0
// run: -3
#include <stdio.h>
#include <stdlib.h>

const unsigned char adder[] = { 0, 1, 2, 0, 3 };

int run(const unsigned char *code, int x, int acc)
{
    static const void *const labels[] = { &&add, &&dup, &&neg, &&halt };
#define NEXT goto *labels[*code++]
    NEXT;
add:
    acc += x;
    NEXT;
dup:
    acc *= 2;
    NEXT;
neg:
    acc = -acc;
    NEXT;
halt:
    return acc;
}

int sum(int x)
{
    return run(adder, x, 1) + run(adder, 3, x);
}

int main(int argc, char **argv)
{
    static const unsigned char twice[] = { 1, 1, 3 };
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d %d %d\n", run(adder, x, 1), run(twice, x, x), sum(x));
    return 0;
}

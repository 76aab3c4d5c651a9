// A write beyond the end of an array hits the member after it: types say that it does not.
//
// quasi: -e get --when pair.word==7
// missed: 21:23 wrote pair.word (7 -> 9), 2 times [missed]
#include <stdio.h>

struct pair {
    int bytes[2];
    int word;
};

struct pair pair = { .word = 7 };

__attribute__((noinline)) int get(int x) { return pair.word == 7 ? x : -x; }

__attribute__((noinline)) static int fill(int n, int v)
{
    int sum = 0;
    for (int i = 0; i <= n; i++) {
        sum += pair.bytes[i];
        pair.bytes[i] = v;
    }
    return sum;
}

int main(int argc, char **argv)
{
    (void)argv;
    int sum = get(1) + fill(argc + 1, 9) + get(2) + fill(1, 0);
    pair.word = 7;
    printf("%d\n", sum + get(3) + fill(argc + 1, 9));
    return 0;
}

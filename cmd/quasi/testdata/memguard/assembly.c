// Assembly that names a variable itself tells no compiler of its write.
//
// quasi: -e get --when mode==2
// missed: 17:28 wrote mode (2 -> 5) [missed]
// missed: 23:9 wrote mode (2 -> 7), 3 times [missed]
#include <stdio.h>

int mode = 2;

__attribute__((noinline)) int get(int x)
{
    if (mode == 2)
        return x * 3;
    return -x;
}

static void change(void) { __asm__ volatile("movl $5, mode(%rip)"); }

static void often(int n)
{
    for (int i = 0; i < n; i++) {
        mode = 2; // a row
        __asm__ volatile("movl $7, mode(%%rip)\n\tnop" ::);
    }
}

int main(void)
{
    int sum = get(1);
    change();
    sum += get(2);
    mode = 2;
    sum += get(3);
    often(3);
    printf("%d\n", sum + get(4));
    return 0;
}

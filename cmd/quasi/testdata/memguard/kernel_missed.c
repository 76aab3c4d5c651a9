// A system call in assembly that no compiler can know writes a variable.
//
// quasi: -e get --when mode==2
// missed: 20:5 had the kernel write mode (2 -> 5) [missed]
#include <stdio.h>
#include <unistd.h>

int mode = 2;
int from;

__attribute__((noinline)) int get(int x) { return mode == 2 ? x * 3 : -x; }

int main(void)
{
    int fd[2], sum = get(1);
    if (pipe(fd) || write(fd[1], "\5\0\0\0", 4) != 4)
        return 1;
    from = fd[0];
    /* read(from, &mode, 4) */
    __asm__ volatile("mov from(%%rip), %%edi\n\tlea mode(%%rip), %%rsi\n\tmov $4, %%edx\n\txor %%eax, %%eax\n\tsyscall"
                     :
                     :
                     : "rax", "rcx", "rdx", "rdi", "rsi", "r11");
    printf("%d\n", sum + get(2));
    return 0;
}

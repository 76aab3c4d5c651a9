// A system call that is not known to write fails where it would write what is protected, and
// a message says why.
//
// quasi: -e get --when task.uid==7
// says: quasi: memguard: system call 209 fails with EFAULT: its argument 3 points to a page that is protected
#define _GNU_SOURCE
#include <linux/aio_abi.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

struct task {
    int uid;
    struct iocb request, *requests[1];
};
struct task task = { .uid = 7 };

__attribute__((noinline)) int get(int x) { return task.uid == 7 ? x : -x; }

int main(void)
{
    int fd[2];
    aio_context_t context = 0;
    int sum = get(1);
    if (pipe(fd) || syscall(SYS_io_setup, 1, &context))
        return 1;
    task.request = (struct iocb){ .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = fd[1], .aio_buf = (unsigned long)"hello", .aio_nbytes = 5 };
    task.requests[0] = &task.request;
    syscall(SYS_io_submit, context, 1, task.requests); /* writes to the request */
    task.uid = 7;
    printf("%d\n", sum + get(2));
    return 0;
}

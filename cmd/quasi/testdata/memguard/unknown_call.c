// A system call that is not known to write fails where it would write what is protected, and
// a message says why.
//
// quasi: -e get --when task.uid==7
// says: quasi: memguard: system call 299 fails with EFAULT: its argument 2 points to a page that is protected
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/socket.h>

struct task {
    int uid;
    struct mmsghdr messages[2];
};
struct task task = { .uid = 7 };

__attribute__((noinline)) int get(int x) { return task.uid == 7 ? x : -x; }

int main(void)
{
    int fd[2];
    char text[8];
    struct iovec v = { text, sizeof text };
    int sum = get(1);
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fd) || send(fd[0], "hello", 5, 0) != 5)
        return 1;
    task.messages[0].msg_hdr.msg_iov = &v;
    task.messages[0].msg_hdr.msg_iovlen = 1;
    recvmmsg(fd[1], task.messages, 1, MSG_DONTWAIT, NULL);
    task.uid = 7;
    printf("%d\n", sum + get(2));
    return 0;
}

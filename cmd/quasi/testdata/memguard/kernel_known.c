// The kernel writes terms, and what lies beside them, for calls that the ledger has rows of.
//
// quasi: -e get --when current->uid==7 --when current->big==7
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <sys/uio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <sys/mman.h>

struct task {
    int uid;
    int pad;
    long long big;
};
struct page {
    char before[64];
    struct task task;
    char after[256];
    struct msghdr msg;
    struct iovec iov[2];
    struct stat st;
    struct timespec ts;
    struct pollfd fds[2];
    fd_set set;
    int pair[2];
    socklen_t len;
    struct sockaddr_un name;
    int status;
};
struct page *page;
struct task *current;
__attribute__((noinline)) int get(int x)
{
    if (current->uid == 7 && current->big == 7)
        return x;
    return -x;
}
#define CHECK(c) ((c) ? 0 : (printf("line %d: %s: %s\n", __LINE__, #c, strerror(errno)), failures++))
static int failures;
int main(void)
{
    page = calloc(1, sizeof *page);
    current = &page->task;
    current->uid = current->big = 7;
    CHECK(get(1) == 1);
    int fd[2];
    CHECK(!pipe(fd));
    CHECK(!fcntl(fd[0], F_SETFD, FD_CLOEXEC) && fcntl(fd[0], F_GETFD) == FD_CLOEXEC); /* its argument is no address */
    CHECK(write(fd[1], "\5\0\0\0", 4) == 4);
    CHECK(read(fd[0], &current->uid, 4) == 4);
    CHECK(current->uid == 5);
    CHECK(get(1) == -1);
    CHECK(write(fd[1], "neighbour", 9) == 9);
    CHECK(read(fd[0], page->before, 64) == 9 && !strcmp(page->before, "neighbour"));
    CHECK(write(fd[1], "abcdefgh\6\0\0\0wxyz", 16) == 16);
    page->iov[0] = (struct iovec){ page->after, 8 };
    page->iov[1] = (struct iovec){ &current->uid, 8 };
    CHECK(readv(fd[0], page->iov, 2) == 16 && current->uid == 6 && !memcmp(page->after, "abcdefgh", 8));
    CHECK(!fstat(fd[0], &page->st) && S_ISFIFO(page->st.st_mode));
    CHECK(!syscall(SYS_clock_gettime, CLOCK_REALTIME, &page->ts) && page->ts.tv_sec > 1000000000);
    CHECK(!clock_gettime(CLOCK_REALTIME, &page->ts) && page->ts.tv_sec > 1000000000);
    page->fds[0] = (struct pollfd){ fd[1], POLLOUT, 0 };
    page->fds[1] = (struct pollfd){ fd[0], POLLIN, 0 };
    CHECK(poll(page->fds, 2, 0) == 1 && page->fds[0].revents == POLLOUT && !page->fds[1].revents);
    FD_SET(fd[1], &page->set);
    CHECK(select(fd[1] + 1, NULL, &page->set, NULL, NULL) == 1 && FD_ISSET(fd[1], &page->set));
    CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, page->pair));
    struct iovec v = { "\11\0\0\0\0\0\0\0ctrl", 12 };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
    CHECK(sendmsg(page->pair[0], &m, 0) == 12);
    page->iov[0] = (struct iovec){ &current->big, 8 };
    page->iov[1] = (struct iovec){ page->after, 100 };
    page->msg = (struct msghdr){ .msg_iov = page->iov, .msg_iovlen = 2, .msg_name = &page->name, .msg_namelen = sizeof page->name };
    CHECK(recvmsg(page->pair[1], &page->msg, 0) == 12 && current->big == 9 && !memcmp(page->after, "ctrl", 4));
    CHECK(page->msg.msg_iov == page->iov && page->iov[0].iov_base == &current->big && page->msg.msg_namelen == 0);
    page->len = 4;
    CHECK(!getsockopt(page->pair[0], SOL_SOCKET, SO_TYPE, &current->uid, &page->len) && current->uid == SOCK_DGRAM && page->len == 4);
    page->len = sizeof page->name;
    CHECK(!getsockname(page->pair[0], (struct sockaddr *)&page->name, &page->len) && page->name.sun_family == AF_UNIX && page->len == 2);
    CHECK(write(fd[1], "xyz", 3) == 3);
    CHECK(!ioctl(fd[0], FIONREAD, &current->uid) && current->uid == 3);
    CHECK(read(fd[0], page->after, 3) == 3);
    errno = 0;
    CHECK(read(-1, &current->uid, 4) == -1 && errno == EBADF && current->uid == 3);
    pid_t p = fork();
    if (!p) {
        current->uid = 1;
        page->before[0] = 'X';
        _exit(current->uid == 1 && page->before[0] == 'X' ? 17 : 1);
    }
    CHECK(wait(&page->status) == p && WEXITSTATUS(page->status) == 17);
    CHECK(current->uid == 3 && page->before[0] == 'n');
    char name[] = "/tmp/quasi-kernel-XXXXXX";
    int f = mkstemp(name);
    unlink(name);
    CHECK(write(f, "line one\nline two\n", 18) == 18 && !lseek(f, 0, SEEK_SET));
    FILE *file = fdopen(f, "r");
    setvbuf(file, page->after, _IOFBF, 200); /* the C library reads into the page */
    char line[32];
    CHECK(fgets(line, sizeof line, file) && !strcmp(line, "line one\n"));
    CHECK(fgets(line, sizeof line, file) && !strcmp(line, "line two\n"));
    CHECK(pread(f, &current->uid, 4, 5) == 4 && current->uid == 0x0a656e6f);
    /* memory that is unmapped is no term any more, and what comes there is other memory */
    char *area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    current = (struct task *)(area + 64);
    *current = (struct task){ 7, 0, 7 };
    CHECK(get(2) == 2);
    CHECK(!munmap(area, 8192));
    CHECK(mmap(area, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == area);
    memset(area, 1, 8192);
    current->uid = current->big = 7;
    CHECK(get(2) == 2);
    CHECK(!madvise(area, 4096, MADV_DONTNEED) && current->uid == 0 && area[4000] == 0 && area[5000] == 1);
    current->uid = current->big = 7;
    CHECK(get(2) == 2);
    area = mremap(area, 8192, 65536, MREMAP_MAYMOVE);
    CHECK(area != MAP_FAILED || errno == EFAULT);
    printf("%d failures\n", failures);
    return failures != 0;
}

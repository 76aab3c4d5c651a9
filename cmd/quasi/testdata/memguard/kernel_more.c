// Calls that few programs make write beside a term: of many messages, of events, by commands, in
// long vectors, across the ends of pages and of memory.
//
// quasi: -e get --when current->uid==7
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

struct task {
    int uid;
    char after[4092 - 2 * 64 * 4];
    struct mmsghdr messages[4];
    struct iovec iov[200];
};
struct task *current;
static char *memory;

__attribute__((noinline)) int get(int x) { return current->uid == 7 ? x : -x; }

#define CHECK(c) ((c) ? 0 : (printf("line %d: %s: %s\n", __LINE__, #c, strerror(errno)), failures++))
static int failures;

static void messages(void)
{
    int fd[2];
    struct timespec second = { 1, 0 };
    struct sockaddr_un *name = (void *)(current->after + 512);
    CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fd));
    memset(current->after, 0, sizeof current->after);
    memset(current->messages, 0, sizeof current->messages);
    for (int i = 0; i < 4; i++) {
        current->iov[i] = (struct iovec){ current->after + 16 * i, 16 };
        current->messages[i].msg_hdr = (struct msghdr){ .msg_iov = &current->iov[i], .msg_iovlen = 1 };
    }
    strcpy(current->after, "one");
    strcpy(current->after + 16, "two, longer");
    current->iov[0].iov_len = 4;
    current->iov[1].iov_len = 12;
    CHECK(sendmmsg(fd[0], current->messages, 2, 0) == 2 && current->messages[0].msg_len == 4 && current->messages[1].msg_len == 12);
    memset(current->after, 0, 64);
    for (int i = 0; i < 4; i++) {
        current->iov[i].iov_len = 16;
        current->messages[i].msg_hdr.msg_name = &name[i];
        current->messages[i].msg_hdr.msg_namelen = sizeof *name;
        current->messages[i].msg_len = 99;
    }
    CHECK(recvmmsg(fd[1], current->messages, 4, MSG_DONTWAIT, &second) == 2);
    CHECK(!strcmp(current->after, "one") && !strcmp(current->after + 16, "two, longer") && current->messages[0].msg_len == 4 && current->messages[1].msg_len == 12);
    CHECK(current->messages[2].msg_len == 99 && current->messages[0].msg_hdr.msg_iov == &current->iov[0] && current->messages[0].msg_hdr.msg_name == &name[0]);
    CHECK(current->messages[1].msg_hdr.msg_namelen == 0 && current->messages[2].msg_hdr.msg_namelen == sizeof *name);
    CHECK(recvmmsg(fd[1], current->messages, 4, MSG_DONTWAIT, &second) == -1 && errno == EAGAIN);
    close(fd[0]);
    close(fd[1]);
}

static void vectors(void)
{
    int fd[2];
    char text[200];
    CHECK(!pipe(fd));
    for (int i = 0; i < 200; i++) { /* backwards */
        text[i] = (char)(i + 1);
        current->iov[i] = (struct iovec){ current->after + 199 - i, 1 };
    }
    CHECK(write(fd[1], text, 200) == 200 && readv(fd[0], current->iov, 200) == 200);
    for (int i = 0; i < 200; i++)
        CHECK((unsigned char)current->after[199 - i] == i + 1);
    current->iov[0].iov_base = &current->uid;
    current->iov[0].iov_len = 4;
    CHECK(write(fd[1], "\7\0\0\0", 4) == 4 && readv(fd[0], current->iov, 200) == 4 && current->uid == 7);
    CHECK(write(fd[1], "spliced", 7) == 7);
    current->iov[0] = (struct iovec){ current->after, 64 };
    CHECK(vmsplice(fd[0], current->iov, 1, 0) == 7 && !memcmp(current->after, "spliced", 7));
    CHECK(vmsplice(fd[1], (struct iovec[]){ { current->after, 7 } }, 1, 0) == 7 && read(fd[0], text, 200) == 7 && !memcmp(text, "spliced", 7));
    close(fd[0]);
    close(fd[1]);
}

static void events(void)
{
    aio_context_t *context = (void *)current->after;
    struct io_event *event = (void *)(current->after + 64);
    struct iocb request = { .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_buf = (unsigned long)"x", .aio_nbytes = 1, .aio_data = 17 }, *requests = &request;
    int fd[2];
    *context = 0;
    CHECK(!pipe(fd));
    request.aio_fildes = fd[1];
    CHECK(!syscall(SYS_io_setup, 4, context) && syscall(SYS_io_submit, *context, 1, &requests) == 1);
    CHECK(syscall(SYS_io_getevents, *context, 1, 4, event, NULL) == 1 && event->data == 17 && event->res == 1);
    syscall(SYS_io_destroy, *context);
    close(fd[0]);
    close(fd[1]);
}

static void commands(void)
{
    int *n = (int *)current->after, s = semget(IPC_PRIVATE, 3, 0600);
    unsigned short *values = (void *)(current->after + 256);
    struct semid_ds *ds = (void *)(current->after + 512);
    *n = -1;
    CHECK(!prctl(PR_SET_PDEATHSIG, SIGWINCH) && !prctl(PR_GET_PDEATHSIG, n) && *n == SIGWINCH);
    CHECK(!prctl(PR_SET_NAME, "named") && !prctl(PR_GET_NAME, n) && !strcmp((char *)n, "named"));
    CHECK(!prctl(PR_GET_CHILD_SUBREAPER, n) && *n == 0);
    n[1] = -1;
    CHECK(!syscall(SYS_sched_getattr, 0, n, 48, 0) && n[0] == 48 && n[1] == SCHED_OTHER);
    if (s >= 0) {
        CHECK(!semctl(s, 1, SETVAL, 5) && !semctl(s, 0, GETALL, values) && values[1] == 5 && values[2] == 0);
        CHECK(!semctl(s, 0, IPC_STAT, ds) && ds->sem_nsems == 3 && !semctl(s, 0, IPC_RMID));
    }
    struct flock *lock = (void *)n;
    *lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char name[] = "/tmp/quasi-lockXXXXXX";
    int file = mkstemp(name);
    CHECK(file >= 0 && !fcntl(file, F_GETLK, lock) && lock->l_type == F_UNLCK);
    unlink(name);
    close(file);
    unsigned char *resident = (unsigned char *)current->after;
    *resident = 0;
    CHECK(!mincore(current, 4096, resident) && *resident & 1);
}

/* what the kernel is told may be written ends before that */
static void ends(void)
{
    int fd[2], pair[2], *n = (int *)(memory + 4094); /* across two pages, one of which is protected */
    CHECK(!pipe(fd) && write(fd[1], "abcd", 4) == 4);
    memset(n, 0xff, sizeof *n);
    CHECK(!ioctl(fd[0], FIONREAD, n));
    int got;
    memcpy(&got, n, sizeof got);
    CHECK(got == 4);
    CHECK(read(fd[0], current->after, -1ul) == -1 && errno == EFAULT);
    CHECK(read(fd[0], current->after, 1ul << 36) == 4 && !memcmp(current->after, "abcd", 4));
    CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) && send(pair[0], "efgh", 4, 0) == 4);
    CHECK(recv(pair[1], current->after, -1ul, 0) == 4 && !memcmp(current->after, "efgh", 4));
    /* no more is read than there is memory: the rest stays in the pipe */
    CHECK(write(fd[1], memory + 8192, 3 * 4096) == 3 * 4096);
    CHECK(read(fd[0], memory + 4096, 5 * 4096) == 3 * 4096);
    CHECK(write(fd[1], memory + 8192, 2 * 4096) == 2 * 4096 && write(fd[1], "rest", 4) == 4);
    current = (struct task *)(memory + 4 * 4096);
    current->uid = 7;
    get(1);
    CHECK(read(fd[0], current, 3 * 4096) == 4096);
    char rest[8192];
    CHECK(read(fd[0], rest, sizeof rest) == 4100 && !memcmp(rest + 4096, "rest", 4));
    errno = 0;
    CHECK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, 16, NULL, 8) == -1 && errno == EFAULT); /* bad addresses are no faults */
    CHECK(syscall(SYS_rt_sigaction, SIGUSR1, 16, NULL, 8) == -1 && errno == EFAULT);
    CHECK(getpeername(fd[0], (void *)current, (void *)16) == -1);
    close(fd[0]);
    close(fd[1]);
}

int main(void)
{
    char *p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory = p + 4096;
    munmap(memory + 5 * 4096, 4096);
    current = (struct task *)(memory + 4096);
    current->uid = 7;
    failures += get(1) != 1;
    messages();
    vectors();
    events();
    commands();
    ends();
    printf("%d failures\n", failures);
    return 0;
}

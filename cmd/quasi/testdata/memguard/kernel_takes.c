// A call waits for what it takes away; meanwhile the page gets its first term. Nothing is lost, and nothing taken twice.
//
// quasi: -e get --when current->uid==7 -- -pthread
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct task {
    int uid;
    char text[64];
    struct mmsghdr messages[2];
    struct iovec iov[2];
    struct epoll_event events[4];
    siginfo_t info;
    struct sockaddr_un name;
    socklen_t length;
    uint64_t count;
    int status;
};
struct task *current;

__attribute__((noinline)) int get(int x) { return current->uid == 7 ? x : -x; }

static int fd[2], counter, listener, poller, failures;
static pid_t child;

#define CHECK(c) ((c) ? 0 : (printf("line %d: %s: %s\n", __LINE__, #c, strerror(errno)), failures++))

static void *datagram(void *p)
{
    struct task *t = p;
    CHECK(recv(fd[0], t->text, sizeof t->text, 0) == 5 && !memcmp(t->text, "hello", 5));
    return NULL;
}
static void *message(void *p)
{
    struct task *t = p;
    t->iov[0] = (struct iovec){ t->text, 3 };
    t->iov[1] = (struct iovec){ t->text + 32, 32 };
    struct msghdr m = { .msg_iov = t->iov, .msg_iovlen = 2 };
    CHECK(recvmsg(fd[0], &m, 0) == 5 && !memcmp(t->text, "hel", 3) && !memcmp(t->text + 32, "lo", 2));
    return NULL;
}
static void *several(void *p)
{
    struct task *t = p;
    t->iov[0] = (struct iovec){ t->text, 32 };
    t->iov[1] = (struct iovec){ t->text + 32, 32 };
    for (int i = 0; i < 2; i++)
        t->messages[i].msg_hdr = (struct msghdr){ .msg_iov = &t->iov[i], .msg_iovlen = 1 };
    CHECK(recvmmsg(fd[0], t->messages, 2, MSG_WAITFORONE, NULL) == 1 && t->messages[0].msg_len == 5 && !memcmp(t->text, "hello", 5));
    return NULL;
}
static void *event(void *p)
{
    struct task *t = p;
    CHECK(read(counter, &t->count, sizeof t->count) == 8 && t->count == 3);
    return NULL;
}
static void *edge(void *p)
{
    struct task *t = p;
    CHECK(epoll_wait(poller, t->events, 4, -1) == 1 && t->events[0].data.u64 == 99 && t->events[0].events == EPOLLIN);
    return NULL;
}
static void *connection(void *p)
{
    struct task *t = p;
    t->length = sizeof t->name;
    int c = accept(listener, (struct sockaddr *)&t->name, &t->length);
    CHECK(c >= 0 && t->length == sizeof(sa_family_t) && t->name.sun_family == AF_UNIX);
    close(c);
    return NULL;
}
static void *status(void *p)
{
    struct task *t = p;
    CHECK(waitpid(child, &t->status, 0) == child && WEXITSTATUS(t->status) == 3);
    return NULL;
}
static void *information(void *p)
{
    struct task *t = p;
    CHECK(!waitid(P_PID, child, &t->info, WEXITED) && t->info.si_status == 3 && t->info.si_pid == child);
    return NULL;
}
static void *delivery(void *p)
{
    struct task *t = p;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK(sigwaitinfo(&set, &t->info) == SIGUSR1 && t->info.si_code == SI_QUEUE);
    return NULL;
}

/* run has a thread wait in f, protects its page, and has happen what it waits for. */
static void run(void *(*f)(void *))
{
    pthread_t t;
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int go[2];
    CHECK(!pipe(go));
    if (f == status || f == information) {
        child = fork();
        if (!child) {
            char c;
            CHECK(read(go[0], &c, 1) == 1);
            _exit(3);
        }
    }
    pthread_create(&t, NULL, f, p);
    usleep(30000);
    current = p;
    current->uid = 7;
    failures += get(1) != 1;
    if (f == datagram || f == message || f == several)
        CHECK(send(fd[1], "hello", 5, 0) == 5);
    uint64_t three = 3;
    if (f == event || f == edge)
        CHECK(write(counter, &three, sizeof three) == 8);
    if (f == connection) {
        struct sockaddr_un name;
        socklen_t length = sizeof name;
        int c = socket(AF_UNIX, SOCK_STREAM, 0);
        CHECK(!getsockname(listener, (struct sockaddr *)&name, &length) && !connect(c, (struct sockaddr *)&name, length));
        close(c);
    }
    CHECK(write(go[1], "x", 1) == 1);
    if (f == delivery)
        CHECK(!sigqueue(getpid(), SIGUSR1, (union sigval){ 0 }));
    pthread_join(t, NULL);
    char rest[64];
    CHECK(recv(fd[0], rest, sizeof rest, MSG_DONTWAIT) == -1 && errno == EAGAIN);
    failures += current->uid != 7;
    close(go[0]);
    close(go[1]);
}

int main(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CHECK(!socketpair(AF_UNIX, SOCK_DGRAM, 0, fd));
    counter = eventfd(0, 0);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un any = { .sun_family = AF_UNIX };
    CHECK(!bind(listener, (struct sockaddr *)&any, sizeof(sa_family_t)) && !listen(listener, 4)); /* a name of no file */
    poller = epoll_create1(0);
    struct epoll_event e = { .events = EPOLLIN | EPOLLET, .data.u64 = 99 };
    run(datagram);
    run(message);
    run(several);
    run(event);
    CHECK(!epoll_ctl(poller, EPOLL_CTL_ADD, counter, &e));
    run(edge);
    run(connection);
    run(status);
    run(information);
    run(delivery);
    printf("%d failures\n", failures);
    return 0;
}

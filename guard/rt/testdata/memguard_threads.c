/*
 * memguard_threads.c: MemGuard among threads, forks and signals, and where the kernel refuses.
 */
#include "memguard_case.h"

#include <sched.h>
#include <sys/auxv.h>

/*
 * Instructions that MemGuard does not know are executed with the page open and all others standing still: none of
 * their writes is missed, though threads come and go.
 */
static unsigned long of_enter;
static void enter_or_count(const struct quasi_memguard_hit *h, void *data)
{
    if (h->term_addr == counter)
        chain(h, data);
    else
        of_enter++;
}

static void *counts_once(void *arg)
{
    (void)arg;
    __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void *starts_threads(void *arg)
{
    unsigned long n = 0;
    for (pthread_t t; !atomic_load(&stop); n++) {
        CHECK(!pthread_create(&t, NULL, counts_once, arg));
        pthread_join(t, NULL);
    }
    atomic_fetch_add(&added, n);
    return NULL;
}

static void *counts_slowly(void *arg)
{
    unsigned long n = 0;
    (void)arg;
    for (; !atomic_load(&stop); n++) {
        for (volatile int i = 0; i < 1000; i++)
            ;
        __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
    }
    atomic_fetch_add(&added, n);
    return NULL;
}

/* counts_in_handler has faults of its own, whose handler counts. */
static void on_read(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)sig;
    CHECK(info->si_addr == (void *)0x100);
    __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
    uc->uc_mcontext.gregs[REG_RIP] += 2;
}

static void *counts_in_handler(void *arg)
{
    unsigned long n = 0;
    (void)arg;
    for (; !atomic_load(&stop); n++)
        __asm__ volatile("movb (%0), %%al" : : "r"(0x100l) : "rax", "memory");
    atomic_fetch_add(&added, n);
    return NULL;
}

static void unknown(void)
{
    enum { THREADS = 8, N = 500 };
    static void *(*const work[THREADS])(void *) = { starts_threads,    counts_slowly, counts_slowly, counts_slowly,
                                                    counts_in_handler, counts_slowly, count,         counts_slowly };
    char *p = new_pages(1);
    pthread_t t[THREADS];
    struct sigaction act = { .sa_sigaction = on_read, .sa_flags = SA_SIGINFO };
    CHECK(!sigaction(SIGSEGV, &act, NULL));
    counter = (uint64_t *)(p + 1024);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + 2000, 8, "entered"));
    must(quasi_memguard_protect((void *)counter, 8, "counter"));
    quasi_memguard_on_hit(enter_or_count, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, work[i], NULL);
    for (uint64_t i = 0; i < N; i++) {
        /* enter pushes rbp */
        __asm__ volatile("mov %%rsp, %%r12; mov %%rbp, %%r13; mov %0, %%rsp; mov %1, %%rbp; enter $32, $0; mov %%r12, %%rsp; "
                         "mov %%r13, %%rbp"
                         :
                         : "r"(p + 2008), "r"(i + 1)
                         : "r12", "r13", "memory");
        CHECK(*(uint64_t *)(p + 2000) == i + 1);
    }
    atomic_store(&stop, 1);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    CHECK(*counter == added && of_counter == added && of_chain && of_enter == N && quasi_memguard_lost() == 0);
}

/*
 * An instruction that no row is for (enter) writes to a guarded page, then reads where nothing is. The
 * program's handler leaves it, and nobody stands still for it any more.
 */
static void enter_faults(void)
{
    char *p = new_pages(2);
    pthread_t t;
    handle(0);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + 100, 8, "x"));
    counter = (uint64_t *)(p + PAGE);
    must(quasi_memguard_protect((void *)counter, 8, "counter"));
    pthread_create(&t, NULL, count, NULL);
    for (int i = 0; i < 3; i++) {
        faulted = NULL;
        if (!sigsetjmp(back, 0))
            __asm__ volatile("mov %%rsp, %%r14; mov %%rbp, %%r15; mov %0, %%rsp; mov %1, %%rbp; enter $16, $2;"
                             "mov %%r14, %%rsp; mov %%r15, %%rbp" ::"r"(p + 200), "r"(0x1000l) : "r14", "r15", "memory");
        CHECK(faulted == (void *)(0x1000l - 8));
        p[101]++;
        CHECK(p[101] == i + 1);
        uint64_t before = *counter;
        for (int ms = 0; *counter == before; ms++) {
            CHECK(ms < 20000);
            usleep(1000);
        }
    }
    atomic_store(&stop, 1);
    pthread_join(t, NULL);
}

/* Functions of the interface reach the handler, though the kernel has no memory for signals. */
static void few_signals(void)
{
    char *p = new_pages(1);
    struct rlimit none = { 0, 0 };
    CHECK(!setrlimit(RLIMIT_SIGPENDING, &none));
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p, 8, "x"));
    p[3] = 1;
    p[8] = 1;
    CHECK(drained() == 1 && hits[0].addr == p + 3);
}

/* Threads stand still while an instruction is executed on an open page, though the kernel has no memory for what they are sent. */
static void few_signals_threads(void)
{
    struct rlimit none = { 0, 0 };
    CHECK(!setrlimit(RLIMIT_SIGPENDING, &none));
    unknown();
}

static void *brief(void *arg)
{
    __quasi_memguard_thread_starts();
    ((volatile char *)arg)[5]++;
    __quasi_memguard_thread_ends();
    return NULL;
}

/* More threads than there are alternate stacks, one after the other, with and without the wrapper. */
static void *brief_alone(void *arg)
{
    ((volatile char *)arg)[5]++;
    return NULL;
}

static void many_threads(void)
{
    char *p = new_pages(1);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p, 4, "x"));
    for (int i = 0; i < 2500; i++) {
        pthread_t t;
        CHECK(!pthread_create(&t, NULL, i % 2 ? brief : brief_alone, p));
        pthread_join(t, NULL);
    }
    CHECK((unsigned char)p[5] == (2500 & 255));
}

/* Forks; again: with the handlers registered by somebody else as well. */
NOINLINE static void forks_below(char *p, volatile int *local, int again)
{
    char away[3 * PAGE]; /* the kernel writes to the stack of who forks, which must not be guarded there */
    pthread_t t;
    __asm__ volatile("" : : "r"(away) : "memory");
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p, 8, "x"));
    must(quasi_memguard_protect(p + PAGE, 8, "y"));
    must(quasi_memguard_release(p + PAGE));
    must(quasi_memguard_protect((void *)local, 4, "local"));
    counter = (uint64_t *)(p + 2 * PAGE);
    must(quasi_memguard_protect((void *)counter, 8, "counter"));
    quasi_memguard_on_hit(chain, NULL);
    pthread_create(&t, NULL, count, NULL);
    if (again)
        pthread_atfork(__quasi_memguard_fork_prepare, __quasi_memguard_fork_parent, __quasi_memguard_fork_child);
    for (int round = 1; round <= 20; round++) {
        *(volatile int *)p = round;
        *(volatile int *)(p + PAGE) = -round;
        *local = round;
        pid_t child = fork();
        CHECK(child >= 0);
        if (!child) {
            CHECK(*local == round && *(int *)p == round && *(int *)(p + PAGE) == -round);
            uint64_t counted = *counter;
            usleep(1000);
            CHECK(*counter == counted); /* nobody counts here */
            *(volatile int *)p = 1000;
            p[PAGE + 5] = 77;
            *local = 99;
            must(quasi_memguard_protect(p + PAGE, 4, "y"));
            quasi_memguard_on_hit(NULL, NULL);
            *(volatile int *)(p + PAGE) = 1;
            CHECK(drained() == 1 && hits[0].addr == p + PAGE && hits[0].thread == getpid());
            usleep(2000);
            CHECK(*(int *)p == 1000 && *local == 99);
            pid_t grandchild = fork();
            if (!grandchild) {
                CHECK(*(int *)p == 1000 && p[PAGE + 5] == 77);
                p[0] = 1;
                _exit(0);
            }
            int status;
            waitpid(grandchild, &status, 0);
            CHECK(status == 0 && *(int *)p == 1000);
            _exit(0);
        }
        int status;
        usleep(500);
        CHECK(*(int *)p == round && *(int *)(p + PAGE) == -round && *local == round && p[PAGE + 5] != 77);
        CHECK(waitpid(child, &status, 0) == child && status == 0);
        CHECK(*(int *)p == round && *(int *)(p + PAGE) == -round && *local == round && p[PAGE + 5] != 77);
    }
    atomic_store(&stop, 1);
    pthread_join(t, NULL);
    CHECK(*counter == added && of_chain);
    must(quasi_memguard_release((void *)local));
}

static void forks(void)
{
    volatile int local = 7;
    forks_below(new_pages(3), &local, 0);
}

static void forks_wrapped(void)
{
    volatile int local = 7;
    forks_below(new_pages(3), &local, 1);
}

/*
 * A sanctioned write is not lost, and seen by who has made it, while another thread forks
 * whose handlers write beside it; nor reported when its page becomes protected meanwhile.
 */
static volatile char *fork_page;

static void beside_in_fork(void)
{
    if (fork_page)
        fork_page[8]++;
}

static void *sanctioned_counts(void *arg)
{
    unsigned long n = 0, seen;
    while (!atomic_load(&stop)) {
        n++;
        must(quasi_memguard_write(arg, &n, sizeof n));
        seen = *(volatile unsigned long *)arg;
        CHECK(seen == n);
    }
    added = n;
    return NULL;
}

static void sanctioned_forks(void)
{
    pthread_t t;
    pthread_atfork(beside_in_fork, beside_in_fork, beside_in_fork);
    must(quasi_memguard_enable());
    fork_page = new_pages(1);
    must(quasi_memguard_protect((void *)fork_page, 8, "x"));
    pthread_create(&t, NULL, sanctioned_counts, (void *)fork_page);
    for (int i = 0; i < 100; i++) {
        int status;
        pid_t child = fork();
        if (!child) {
            unsigned long before = *(volatile unsigned long *)fork_page;
            usleep(200);
            _exit(*(volatile unsigned long *)fork_page != before);
        }
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
    for (int i = 0; i < 2000; i++) {
        must(quasi_memguard_release((void *)fork_page));
        must(quasi_memguard_protect((void *)fork_page, 8, "x"));
    }
    atomic_store(&stop, 1);
    pthread_join(t, NULL);
    CHECK(*(volatile unsigned long *)fork_page == added && added > 100 && drained() == 0 && fork_page[8] == (char)200);
}

/*
 * Handlers of pthread_atfork that were there before MemGuard run while its lock is held. What they write is reported,
 * in parent and child; they make no terms; signals wait, whose handlers do.
 */
static volatile int before_fork, after_fork, in_child;

static void handler_makes_terms(int sig)
{
    (void)sig;
    must(quasi_memguard_protect((void *)&fork_page[200], 8, "by a handler"));
    fork_page[200]++;
    must(quasi_memguard_release((void *)&fork_page[200]));
    signals++;
}

static void in_prepare(void)
{
    fork_page[0]++;
    fork_page[PAGE]++; /* has a slot, but no term */
    CHECK(quasi_memguard_protect((void *)&fork_page[300], 8, "x") == QUASI_MEMGUARD_FORKING);
    CHECK(quasi_memguard_release((void *)fork_page) == QUASI_MEMGUARD_FORKING && drained() == 0);
    raise(SIGUSR1);
    CHECK(signals == before_fork); /* it waits */
    before_fork++;
}

static void in_parent(void)
{
    fork_page[1]++;
    after_fork++;
}

static void in_the_child(void)
{
    CHECK(fork_page[0] == before_fork && fork_page[1] == after_fork && fork_page[PAGE] == before_fork);
    fork_page[2]++;
    in_child++;
}

static void fork_handlers(void)
{
    pthread_t t;
    sigset_t mask, now;
    pthread_atfork(in_prepare, in_parent, in_the_child);
    signal(SIGUSR1, handler_makes_terms);
    must(quasi_memguard_enable());
    fork_page = new_pages(3);
    counter = (uint64_t *)(fork_page + 2 * PAGE);
    pthread_create(&t, NULL, count, NULL);
    must(quasi_memguard_protect((void *)counter, 8, "counter")); /* the thread writes beside the term below, too */
    must(quasi_memguard_protect((void *)&fork_page[PAGE], 1, "released"));
    must(quasi_memguard_release((void *)&fork_page[PAGE]));
    must(quasi_memguard_protect((void *)fork_page, 4, "x"));
    must(quasi_memguard_release((void *)counter));
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    for (int i = 1; i <= 30; i++) {
        int status;
        size_t n = drained();
        pid_t child = fork();
        if (!child) {
            n = drained();
            CHECK(n == 1 && hits[0].addr == &fork_page[2] && hits[0].thread == getpid() && in_child == 1);
            pthread_sigmask(SIG_SETMASK, NULL, &now);
            CHECK(!memcmp(&mask, &now, 8));
            _exit(0);
        }
        CHECK(signals == i && fork_page[200] == i && before_fork == i && after_fork == i);
        n = drained();
        CHECK(n == 3 && hits[0].addr == fork_page && hits[0].before[0] == i - 1 && hits[1].addr == &fork_page[1] && hits[2].addr == &fork_page[200]);
        pthread_sigmask(SIG_SETMASK, NULL, &now);
        CHECK(!memcmp(&mask, &now, 8));
        CHECK(waitpid(child, &status, 0) == child && status == 0 && fork_page[2] == 0);
    }
    atomic_store(&stop, 1);
    pthread_join(t, NULL);
    CHECK(*counter == added);
}

/* In the child of a fork is what the program has put where a guarded page was, without a word to MemGuard. */
static void forks_after_unmap(void)
{
    char *p = new_pages(3);
    int status;
    must(quasi_memguard_enable());
    for (int i = 0; i < 3; i++)
        must(quasi_memguard_protect(p + i * PAGE, 8, "x"));
    CHECK(mmap(p + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + PAGE);
    CHECK(!munmap(p + 2 * PAGE, PAGE));
    memset(p + PAGE, 7, PAGE);
    pid_t child = fork();
    if (!child)
        _exit(p[PAGE] != 7 || p[2 * PAGE - 1] != 7);
    CHECK(waitpid(child, &status, 0) == child && status == 0 && p[PAGE] == 7);
    p[1] = 1;
    CHECK(drained() == 1 && hits[0].addr == p + 1);
    must(quasi_memguard_release(p));
    CHECK(quasi_memguard_release(p + PAGE) == QUASI_MEMGUARD_NOT_PROTECTED);
}

/* Threads by clone that have the same descriptor are not taken for one. */
static void *clone_argument;
static int counts_bare(void *arg)
{
    (void)arg; /* there is no libc here */
    for (int i = 0; i < 5000; i++)
        __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
    return 0;
}

static void raw_clones(void)
{
    enum { STACK = 256 << 10, N = 4 };
    static atomic_int here[N];
    char *p = new_pages(1);
    counter = (uint64_t *)p;
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p, 8, "counter"));
    quasi_memguard_on_hit(chain, NULL);
    quasi_memguard_on_hit(NULL, NULL);
    for (int i = 0; i < N; i++) {
        char *stack = new_pages(STACK / PAGE);
        here[i] = 1;
        CHECK(clone(counts_bare, stack + STACK, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID,
                    clone_argument, NULL, NULL, &here[i]) > 0);
    }
    for (int i = 0; i < 1000; i++)
        __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < N; i++)
        while (here[i])
            usleep(1000);
    CHECK(*counter == N * 5000 + 1000);
    size_t n = drained();
    CHECK(n + quasi_memguard_lost() == N * 5000 + 1000);
}

/* The program's alternate stack is as small as the kernel allows, and what is below it stays as it is. */
static unsigned long told;
static void needs_stack(const struct quasi_memguard_hit *h, void *data)
{
    volatile char room[20000];
    (void)data;
    for (size_t i = 0; i < sizeof room; i += 512)
        room[i] = (char)h->size;
    told += room[1024] != 0;
}

static void *on_small_stack(void *arg)
{
    char *term = arg, *memory = new_pages(8);
    size_t size = getauxval(AT_MINSIGSTKSZ);
    if (size < 2048)
        size = 2048;
    size = (size + 1024) & ~63ul;
    stack_t s = { .ss_sp = memory + 8 * PAGE - size, .ss_size = size }, now;
    memset(memory, 0x55, 8 * PAGE - size);
    CHECK(!sigaltstack(&s, NULL));
    for (int i = 1; i <= 100; i++) {
        term[0] = (char)i;
        term[8]++;
        __asm__ volatile("mov %%rsp, %%r14; mov %%rbp, %%r15; mov %0, %%rsp; mov %1, %%rbp; enter $16, $0; mov %%r14, %%rsp; mov %%r15, %%rbp"
                         ::"r"(term + 32), "r"((long)i) : "r14", "r15", "memory");
        must(quasi_memguard_protect(term + 40, 8, "more"));
        must(quasi_memguard_release(term + 40));
    }
    for (char *b = memory; b < (char *)s.ss_sp; b++)
        CHECK(*b == 0x55);
    CHECK(!sigaltstack(NULL, &now) && now.ss_sp == s.ss_sp && now.ss_size == s.ss_size && now.ss_flags == 0);
    return NULL;
}

static void small_stack(void)
{
    pthread_t t;
    char *p = new_pages(1);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p, 4, "x"));
    must(quasi_memguard_protect(p + 24, 8, "entered"));
    quasi_memguard_on_hit(needs_stack, NULL);
    pthread_create(&t, NULL, on_small_stack, p);
    pthread_join(t, NULL);
    CHECK(told == 200 && p[8] == 100);
}

enum { FILL = 300000 };

/* use_up_mappings leaves room for so many. */
static char *use_up_mappings(size_t room)
{
    char *fill = mmap(NULL, (size_t)FILL * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    size_t used = 0;
    CHECK(fill != MAP_FAILED);
    while (used < FILL && !mprotect(fill + used * PAGE, PAGE, PROT_READ))
        used += 2;
    CHECK(used < FILL && used > room);
    CHECK(!room || !munmap(fill, room * PAGE));
    return fill;
}

/* With vm.max_map_count used up nothing is lost, nor seen in the wrong place. */
static void many_mappings(void)
{
    enum { N = 200 };
    char *p = new_pages(2 * N), *fill;
    must(quasi_memguard_enable());
    for (int i = 0; i < N; i++)
        must(quasi_memguard_protect(p + 2 * i * PAGE, 8, "x"));
    for (int i = 0; i < 50; i++)
        must(quasi_memguard_protect(p + (2 * i + 1) * PAGE, 8, "y"));
    fill = use_up_mappings(0);
    for (int i = 0; i < N; i++) {
        if (i % 2)
            must(quasi_memguard_release(p + 2 * i * PAGE));
        p[2 * i * PAGE + 3] = (char)i;
    }
    CHECK(quasi_memguard_protect(p + (2 * N - 1) * PAGE, 8, "no room") == QUASI_MEMGUARD_SYSTEM);
    for (int i = 0; i < N; i++)
        CHECK(p[2 * i * PAGE + 3] == (char)i);
    size_t n = drained();
    CHECK(n == N / 2);
    for (size_t i = 0; i < n; i++)
        CHECK(hits[i].addr == p + 4 * i * PAGE + 3);
    __quasi_memguard_give_back(p, 4 * PAGE);
    p[3] = 99;
    p[PAGE + 3] = 98;
    int status = 1;
    fflush(stdout);
    pid_t child = fork(); /* may fail, and its child end, but not go on with the parent's memory */
    if (!child) {
        for (int i = 2; i < N; i++) {
            if (p[2 * i * PAGE + 3] != (char)i)
                _exit(1);
            p[2 * i * PAGE + 3] = 111;
        }
        _exit(0);
    }
    if (child > 0)
        CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 127));
    for (int i = 2; i < N; i++)
        CHECK(p[2 * i * PAGE + 3] == (char)i);
    CHECK(p[3] == 99 && p[PAGE + 3] == 98);
    munmap(fill, FILL * PAGE);
    drained();
    for (int i = 2; i < N; i++) {
        p[2 * i * PAGE + 3] = 1;
        p[(2 * i + 1) * PAGE + 3] = 2;
    }
    CHECK(drained() == N / 2 - 1 + 48);
    for (int i = 2; i < N; i++)
        CHECK(p[2 * i * PAGE + 3] == 1 && p[(2 * i + 1) * PAGE + 3] == 2);
    child = fork();
    if (!child)
        _exit(p[5 * PAGE + 3] != 2);
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

/* A fork of many pages that lie side by side needs hardly more mappings than they have. */
static void forks_many(void)
{
    enum { N = 3000, ROOM = 1000 };
    char *p = new_pages(N);
    int status;
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + 8, (size_t)N * PAGE - 16, "all"));
    p[PAGE] = 1;
    use_up_mappings(ROOM);
    pid_t child = fork();
    if (!child) {
        p[PAGE]++;
        _exit(p[PAGE] != 2 || drained() != 1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    p[PAGE]++;
    p[7 * PAGE]++;
    CHECK(p[PAGE] == 2 && drained() == 3);
}

/* SIGSEGV that somebody sends comes while MemGuard has its lock, too, and the program's handler writes to terms. */
static volatile sig_atomic_t sent_handled, sent_end;
static void on_sent(int sig, siginfo_t *info, void *uc)
{
    (void)sig, (void)uc;
    CHECK(info->si_code <= 0);
    ++*(volatile int *)(fork_page + 16);
    sent_handled++;
}

static void *sends(void *arg)
{
    while (!sent_end) {
        pthread_kill(*(pthread_t *)arg, SIGSEGV);
        usleep(30);
    }
    return NULL;
}

static void sent_storm(void)
{
    pthread_t t, me = pthread_self();
    struct sigaction act = { .sa_sigaction = on_sent, .sa_flags = SA_SIGINFO };
    size_t own = 0, handlers = 0;
    fork_page = new_pages(1);
    CHECK(!sigaction(SIGSEGV, &act, NULL));
    must(quasi_memguard_enable());
    must(quasi_memguard_protect((void *)fork_page, 8, "mine"));
    must(quasi_memguard_protect((void *)(fork_page + 16), 4, "handler's"));
    pthread_create(&t, NULL, sends, &me);
    for (int i = 0; i < 30000; i++) {
        fork_page[1]++;
        if (i % 500 == 0)
            for (size_t n = drained(), k = 0; k < n; k++)
                *(hits[k].addr == fork_page + 1 ? &own : &handlers) += 1;
    }
    sent_end = 1;
    pthread_join(t, NULL);
    for (size_t n = drained(), k = 0; k < n; k++)
        *(hits[k].addr == fork_page + 1 ? &own : &handlers) += 1;
    CHECK(own + handlers + quasi_memguard_lost() == 30000ul + sent_handled && *(volatile int *)(fork_page + 16) == sent_handled);
    CHECK(sent_handled > 50);
}

/* A thread that is cancelled while MemGuard executes its instruction leaves nothing locked. */
static void *counts_until_cancelled(void *arg)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    atomic_store(&stage, 1);
    for (;;)
        ++*(volatile int *)arg;
    return NULL;
}

static void cancelled(void)
{
    char *p = new_pages(1);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p, 8, "x"));
    for (int i = 0; i < 100; i++) {
        pthread_t t;
        atomic_store(&stage, 0);
        pthread_create(&t, NULL, counts_until_cancelled, p);
        wait_for(1);
        usleep(i * 7);
        pthread_cancel(t);
        pthread_join(t, NULL);
        p[4]++;
    }
    CHECK(p[4] == 100);
}

/* on_hit finds the registers as functions expect them, whatever the program had there. */
static long double sum_of_hits;
static void adds_up(const struct quasi_memguard_hit *h, void *data)
{
    (void)data;
    volatile long double a = 1, b = h->size;
    sum_of_hits += a + b;
}

static void float_state(void)
{
    char *p = new_pages(1);
    uint32_t unusual = 0x1f80 & ~0x1000u, was; /* inexact results trap */
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p, 8, "x"));
    quasi_memguard_on_hit(adds_up, NULL);
    __asm__ volatile("pcmpeqd %%mm0, %%mm0; movq %%mm0, (%0); emms" ::"r"(p) : "memory");
    CHECK(sum_of_hits == 9 && *(uint64_t *)p == ~0ull);
    __asm__ volatile("stmxcsr %0; ldmxcsr %1; movups %%xmm0, (%2); stmxcsr %1; ldmxcsr %0" : "+m"(was), "+m"(unusual) : "r"(p) : "memory");
    CHECK(sum_of_hits == 18 && unusual == (0x1f80 & ~0x1000u));
}

static const struct memguard_case cases[] = {
    { "unknown", unknown },
    { "enter_faults", enter_faults },
    { "few_signals", few_signals },
    { "few_signals_threads", few_signals_threads },
    { "many_threads", many_threads },
    { "forks", forks },
    { "forks_wrapped", forks_wrapped },
    { "sanctioned_forks", sanctioned_forks },
    { "fork_handlers", fork_handlers },
    { "forks_after_unmap", forks_after_unmap },
    { "raw_clones", raw_clones },
    { "small_stack", small_stack },
    { "many_mappings", many_mappings },
    { "forks_many", forks_many },
    { "sent_storm", sent_storm },
    { "cancelled", cancelled },
    { "float_state", float_state },
};

int main(int argc, char **argv)
{
    return run_case(cases, sizeof cases / sizeof *cases, argc, argv);
}

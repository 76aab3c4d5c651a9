/*
 * memguard_cases.c: writes of all kinds and places, and what MemGuard says of them.
 */
#include "memguard_case.h"

/* nowhere hides an address from compilers that know what is not there. */
static volatile char *nowhere(uintptr_t addr)
{
    __asm__("" : "+r"(addr));
    return (volatile char *)addr;
}

static volatile int in_data = 5, beside_data = 6;
static volatile char in_bss[3 * PAGE];

static void errors(void)
{
    char *p = new_pages(8);
    CHECK(quasi_memguard_protect(p, 8, "x") == QUASI_MEMGUARD_NOT_ENABLED);
    CHECK(quasi_memguard_release(p) == QUASI_MEMGUARD_NOT_ENABLED);
    CHECK(quasi_memguard_disable() == QUASI_MEMGUARD_NOT_ENABLED);
    CHECK(quasi_memguard_write(p, "x", 1) == QUASI_MEMGUARD_NOT_ENABLED);
    CHECK(quasi_memguard_drain(hits, 1) == 0 && quasi_memguard_lost() == 0);
    errno = 77;
    must(quasi_memguard_enable());
    CHECK(quasi_memguard_enable() == QUASI_MEMGUARD_ALREADY_ENABLED);
    CHECK(quasi_memguard_protect(p, 0, "x") == QUASI_MEMGUARD_SIZE);
    CHECK(quasi_memguard_protect(p, -1, "x") == QUASI_MEMGUARD_SIZE);
    CHECK(quasi_memguard_protect(p, (size_t)1 << 60, "x") == QUASI_MEMGUARD_SIZE);
    CHECK(quasi_memguard_protect((void *)~0ull, 1, "x") == QUASI_MEMGUARD_SIZE);
    CHECK(quasi_memguard_write(p, "x", 0) == QUASI_MEMGUARD_SIZE);
    CHECK(quasi_memguard_protect(NULL, 8, "x") == QUASI_MEMGUARD_UNMAPPED);
    CHECK(quasi_memguard_protect((void *)0x10, 8, "x") == QUASI_MEMGUARD_UNMAPPED);
    must(quasi_memguard_protect(p + 100, 8, "x"));
    CHECK(quasi_memguard_protect(p + 100, 8, "x") == QUASI_MEMGUARD_PROTECTED);
    CHECK(quasi_memguard_protect(p + 100, 4, "x") == QUASI_MEMGUARD_PROTECTED);
    CHECK(quasi_memguard_protect(p + 99, 2, "x") == QUASI_MEMGUARD_OVERLAPS);
    CHECK(quasi_memguard_protect(p + 107, 2, "x") == QUASI_MEMGUARD_OVERLAPS);
    CHECK(quasi_memguard_protect(p, PAGE * 2, "x") == QUASI_MEMGUARD_OVERLAPS);
    must(quasi_memguard_protect(p + 108, 2, NULL));
    CHECK(quasi_memguard_release(p + 101) == QUASI_MEMGUARD_NOT_PROTECTED);
    CHECK(quasi_memguard_release(p + 99) == QUASI_MEMGUARD_NOT_PROTECTED);
    CHECK(quasi_memguard_release(NULL) == QUASI_MEMGUARD_NOT_PROTECTED);
    must(quasi_memguard_release(p + 100));
    CHECK(quasi_memguard_release(p + 100) == QUASI_MEMGUARD_NOT_PROTECTED);
    must(quasi_memguard_protect(p + 100, 8, "x"));
    CHECK(quasi_memguard_protect("text", 2, "x") == QUASI_MEMGUARD_READ_ONLY);
    CHECK(quasi_memguard_protect((void *)errors, 2, "x") == QUASI_MEMGUARD_READ_ONLY);
    char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(quasi_memguard_protect(shared, 2, "x") == QUASI_MEMGUARD_SHARED);
    munmap(p + 3 * PAGE, PAGE);
    CHECK(quasi_memguard_protect(p + 2 * PAGE + 4000, 200, "x") == QUASI_MEMGUARD_UNMAPPED);
    p[2 * PAGE + 4001] = 1;
    mprotect(p + 5 * PAGE, PAGE, PROT_NONE);
    CHECK(quasi_memguard_protect(p + 4 * PAGE + 4000, 200, "x") == QUASI_MEMGUARD_UNMAPPED);
    CHECK(quasi_memguard_protect((void *)pthread_self(), 8, "x") == QUASI_MEMGUARD_THREAD);
    stack_t s;
    sigaltstack(NULL, &s);
    CHECK(quasi_memguard_protect((char *)s.ss_sp + 8, 8, "x") == QUASI_MEMGUARD_OWN);
    CHECK(errno == 77); /* the failed ones have not touched it either */
    must(quasi_memguard_disable());
    CHECK(quasi_memguard_disable() == QUASI_MEMGUARD_NOT_ENABLED);
    CHECK(quasi_memguard_protect(p, 8, "x") == QUASI_MEMGUARD_NOT_ENABLED);
    p[100] = 1;
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + 100, 8, "x"));
    p[100] = 2;
    CHECK(drained() == 1 && hits[0].before[0] == 1 && hits[0].after[0] == 2);
    for (int i = 1; i >= -20; i--)
        CHECK((strcmp(quasi_memguard_error(i), "unknown error") != 0) == (i <= 0 && i >= -14));
}

/* Terms among variables of the program, of libc, of the run-time and of malloc. */
static void places(void)
{
    must(quasi_memguard_enable());
    must(quasi_memguard_protect((void *)&in_data, sizeof in_data, "in_data"));
    must(quasi_memguard_protect((void *)(in_bss + PAGE), 4, "in_bss"));
    must(quasi_memguard_protect((char *)stdout + 4, 4, "in stdout"));
    must(quasi_memguard_protect((char *)stderr + 4, 4, "in stderr"));
    in_data++;
    beside_data++;
    in_bss[PAGE + 3] = 1;
    in_bss[PAGE + 4] = 1;
    CHECK(in_data == 6 && beside_data == 7 && drained() == 2 && hits[0].addr == &in_data && hits[1].size == 1);
    char *list[200];
    for (int i = 0; i < 200; i++)
        list[i] = malloc(40 + i);
    for (int i = 0; i < 200; i += 10)
        must(quasi_memguard_protect(list[i] + 8, 8, "in heap"));
    for (int round = 0; round < 100; round++)
        for (int i = 0; i < 200; i++)
            if (i % 10) {
                free(list[i]);
                list[i] = malloc(30 + (i * 7 + round * 13) % 300);
                memset(list[i], round, 30);
            }
    CHECK(drained() == 0);
    fprintf(stderr, "written by way of a guarded page\n");
    printf("so is this\n");
    fflush(stdout);
    strcpy(list[10], "hello, world");
    CHECK(drained() >= 1 && hits[0].term_addr == list[10] + 8);
    for (int i = 0; i < 200; i += 10)
        must(quasi_memguard_release(list[i] + 8));
    for (int i = 0; i < 200; i++)
        free(list[i]);
}

static void on_signal(int sig)
{
    (void)sig;
    char text[3000];
    memset(text, 1, sizeof text);
    signals += text[100];
}

NOINLINE static int deep(int n, volatile int *term)
{
    volatile char room[700];
    room[0] = (char)n;
    if (n == 0) {
        *term += 1;
        return 0;
    }
    int r = deep(n - 1, term) + 1;
    return r + room[1] * 0;
}

/* A term in the frame at hand, whose page holds return addresses and the frames of what is called. */
static void on_stack(void)
{
    volatile int term = 1, other = 2;
    signal(SIGUSR1, on_signal);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect((void *)&term, sizeof term, "local"));
    other = 3;
    CHECK(deep(300, &term) == 300);
    term = 9;
    /* a signal whose frame would lie on the page: the system call that sends it writes nothing there */
    syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
    char text[100];
    snprintf(text, sizeof text, "%d %d %g", term, other, 1.5);
    CHECK(!strcmp(text, "9 3 1.5") && signals == 1);
    size_t n = drained();
    CHECK(n == 2 && hits[0].size == 4 && hits[0].before[0] == 1 && hits[0].after[0] == 2 && hits[1].after[0] == 9);
    must(quasi_memguard_release((void *)&term));
    term = 10;
    CHECK(drained() == 0);
}

static volatile long *thread_term;
static int thread_id;

NOINLINE static void *with_stack_below(void *arg)
{
    volatile long term = 1;
    thread_term = &term;
    thread_id = gettid();
    static char byte; /* the kernel writes it, which it cannot do on a guarded page */
    atomic_store(&stage, 1);
    CHECK(read(*(int *)arg, &byte, 1) == 1 && byte == 'x'); /* restarted, if a signal has come */
    for (int i = 0; i < 10; i++) {
        volatile long other = i;
        term += other;
    }
    atomic_store(&stage, 3);
    wait_for(4);
    return NULL;
}

static void *with_stack(void *arg)
{
    char away[2 * PAGE]; /* from the thread's descriptor */
    __asm__ volatile("" : : "r"(away) : "memory");
    void *r = with_stack_below(arg);
    __asm__ volatile("" : : "r"(away) : "memory");
    return r;
}

/* A term on another thread's stack, while it waits in a system call there. */
static void on_other_stack(void)
{
    pthread_t t;
    int fd[2];
    CHECK(!pipe(fd));
    must(quasi_memguard_enable());
    pthread_create(&t, NULL, with_stack, &fd[0]);
    wait_for(1);
    usleep(20000);
    must(quasi_memguard_protect((void *)thread_term, 8, "its local"));
    CHECK(write(fd[1], "x", 1) == 1);
    wait_for(3);
    size_t n = drained();
    CHECK(n == 10 && hits[9].thread == thread_id && hits[9].after[0] == 46);
    must(quasi_memguard_release((void *)thread_term));
    atomic_store(&stage, 4);
    pthread_join(t, NULL);
}

/* The program has a handler of its own: for its own faults. */
static void chained(void)
{
    char *p = new_pages(4);
    handle(0);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + PAGE + 4000, 8, "x"));
    for (int i = 0; i < 3; i++) {
        faulted = NULL;
        if (!sigsetjmp(back, 1))
            *nowhere(0x100 + i) = 1;
        CHECK(faulted == (void *)(intptr_t)(0x100 + i) && codes == SEGV_MAPERR);
        p[PAGE + 4001] = (char)i;
    }
    CHECK(drained() == 3);
    mprotect(p + 2 * PAGE, PAGE, PROT_READ);
    /* a store half of which is on a page that cannot be written does nothing, and tells where */
    volatile uint64_t *across = (uint64_t *)(p + 2 * PAGE - 4);
    faulted = NULL;
    if (!sigsetjmp(back, 1))
        *across = ~0ull;
    CHECK(faulted == p + 2 * PAGE && *across == 0 && drained() == 0);
    faulted = NULL;
    if (!sigsetjmp(back, 1))
        (void)*nowhere(0x300);
    CHECK(faulted == (void *)0x300);
}

static void sent(void)
{
    must(quasi_memguard_enable());
    __quasi_memguard_sigaction(&(struct sigaction){ .sa_sigaction = on_segv, .sa_flags = SA_SIGINFO }, NULL);
    if (!sigsetjmp(back, 1))
        raise(SIGSEGV);
    CHECK(codes <= 0);
    __quasi_memguard_sigaction(&(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
    raise(SIGSEGV);
    struct sigaction old;
    __quasi_memguard_sigaction(&(struct sigaction){ .sa_handler = SIG_DFL }, &old);
    CHECK(old.sa_handler == SIG_IGN);
}

/* These die of SIGSEGV. */
static void guard_one(void)
{
    must(quasi_memguard_enable());
    must(quasi_memguard_protect((void *)&in_data, 4, "in_data"));
    in_data = 4;
    printf("ok\n");
    fflush(stdout);
}

static void dies_null(void)
{
    guard_one();
    *nowhere(8) = 1;
}

static void dies_read_only(void)
{
    guard_one();
    *(volatile char *)(intptr_t)"constant" = 1;
}

static void dies_raise(void)
{
    guard_one();
    raise(SIGSEGV);
}

static void dies_call(void)
{
    guard_one();
    ((void (*)(void))(uintptr_t)0x123456)();
}

static void dies_unmapped(void)
{
    char *p = new_pages(2);
    guard_one();
    must(quasi_memguard_protect(p, 4, "p"));
    munmap(p, PAGE);
    p[1] = 1;
}

/* What is unmapped and mapped again is not protected any more, and can be. */
static void unmapped(void)
{
    char *p = new_pages(3);
    handle(0);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + PAGE + 8, 8, "x"));
    munmap(p + PAGE, PAGE);
    if (!sigsetjmp(back, 1))
        p[PAGE + 8] = 1;
    CHECK(faulted == p + PAGE + 8 && drained() == 0);
    CHECK(quasi_memguard_release(p + PAGE + 8) == QUASI_MEMGUARD_NOT_PROTECTED);
    CHECK(mmap(p + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + PAGE);
    p[PAGE + 8] = 2;
    must(quasi_memguard_protect(p + PAGE + 8, 8, "x"));
    p[PAGE + 8] = 3;
    CHECK(drained() == 1 && hits[0].before[0] == 2);
    CHECK(__quasi_memguard_give_back(p + PAGE, PAGE) == 1);
    CHECK(mmap(p + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p + PAGE);
    must(quasi_memguard_protect(p + PAGE + 8, 4, "x"));
    p[PAGE + 8] = 4;
    CHECK(drained() == 1 && hits[0].before[0] == 0);
    must(quasi_memguard_protect(p + 4090, 9, "y"));
    CHECK(__quasi_memguard_give_back(p + PAGE, 1) == 2);
    p[PAGE + 8] = 5;
    p[4090] = 5;
    CHECK(drained() == 0 && p[PAGE + 8] == 5 && p[4090] == 5);
    must(quasi_memguard_protect(p + 4090, 9, "y"));
    p[PAGE] = 6;
    CHECK(drained() == 1 && hits[0].addr == p + PAGE && p[PAGE + 8] == 5);
}

/* Terms come and go under writers; nothing they add is lost. */
static void toggles(void)
{
    pthread_t t[2];
    char *p = new_pages(1500);
    counter = (uint64_t *)(p + 200);
    must(quasi_memguard_enable());
    quasi_memguard_on_hit(chain, NULL);
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, count, NULL);
    for (int i = 0; i < 2000; i++) {
        must(quasi_memguard_protect(p + (i % 2 ? 200 : 300), 8, "toggle"));
        if (i % 50 == 0)
            usleep(200);
        must(quasi_memguard_release(p + (i % 2 ? 200 : 300)));
    }
    /* pages that are converted one after the other, while they are written */
    for (int i = 1; i < 1500; i++) {
        counter = (uint64_t *)(p + (size_t)i * PAGE + 200);
        must(quasi_memguard_protect(p + (size_t)i * PAGE + (i % 3 ? 1000 : 200), 8, "page"));
    }
    atomic_store(&stop, 1);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    unsigned long sum = 0;
    for (int i = 0; i < 1500; i++)
        sum += *(uint64_t *)(p + (size_t)i * PAGE + 200);
    CHECK(sum == added && of_counter && of_chain);
    for (int i = 1; i < 1500; i++)
        must(quasi_memguard_release(p + (size_t)i * PAGE + (i % 3 ? 1000 : 200)));
}

/* Each increment of a protected counter is one hit, whoever makes it; neighbours are written meanwhile. */
static void exact(void)
{
    pthread_t t[3];
    char *p = new_pages(2);
    counter = (uint64_t *)(p + PAGE - 4); /* across pages, even */
    must(quasi_memguard_enable());
    must(quasi_memguard_protect((void *)counter, 8, "counter"));
    quasi_memguard_on_hit(chain, NULL);
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, count, NULL);
    for (int i = 0; i < 20000; i++)
        ((volatile char *)p)[1000 + i % 64]++;
    atomic_store(&stop, 1);
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    printf("%lu counted, %lu added, %lu reported, %lu lost\n", (unsigned long)*counter, added, of_counter,
           (unsigned long)quasi_memguard_lost());
    CHECK(*counter == added && of_counter == added && of_chain);
}

static void thousand(void)
{
    char *p = new_pages(2000);
    must(quasi_memguard_enable());
    for (int i = 0; i < 1000; i++)
        must(quasi_memguard_protect(p + i * 2 * PAGE + i, 4, "one of many"));
    for (int i = 0; i < 1000; i++)
        for (int k = -1; k <= 4; k++)
            if (i || k >= 0)
                p[i * 2 * PAGE + i + k] = (char)k;
    CHECK(drained() == 4000);
    must(quasi_memguard_protect(p + 2 * PAGE * 500 + 2000, 200 * PAGE - 2000 - 1, "x") == QUASI_MEMGUARD_OVERLAPS ? 0 : -1);
    for (int i = 0; i < 1000; i++)
        must(quasi_memguard_release(p + i * 2 * PAGE + i));
    must(quasi_memguard_protect(p, 2000 * PAGE, "all of it"));
    memset(p, 3, 2000 * PAGE);
    size_t n = drained();
    CHECK(n > 0);
    must(quasi_memguard_disable());
    for (int i = 0; i < 2000 * PAGE; i++)
        CHECK(p[i] == 3);
}

static void huge(void)
{
    size_t size = 8 << 20;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    p += -(uintptr_t)p & ((2 << 20) - 1);
    madvise(p, 4 << 20, MADV_HUGEPAGE);
    memset(p, 1, 4 << 20);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + 12345, 16, "in a huge page"));
    memset(p, 2, 4 << 20);
    CHECK(drained() >= 1 && p[12345] == 2 && p[(4 << 20) - 1] == 2);
}

static void sanctioned(void)
{
    char *p = new_pages(3), text[200];
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + PAGE - 10, 50, "x"));
    for (int i = 0; i < 200; i++)
        text[i] = (char)(i + 1);
    for (int n = 1; n < 200; n++) {
        must(quasi_memguard_write(p + PAGE - n / 2, text, n));
        CHECK(!memcmp(p + PAGE - n / 2, text, n) && p[PAGE - n / 2 + n] == 0);
        memset(text, 0, n);
        must(quasi_memguard_write(p + PAGE - n / 2, text, n));
        for (int i = 0; i < 200; i++)
            text[i] = (char)(i + 1);
    }
    must(quasi_memguard_write((void *)&in_data, &(int){ 3 }, 4)); /* nothing is protected there */
    CHECK(in_data == 3 && drained() == 0);
}

static void lost(void)
{
    char *p = new_pages(1);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p, 8, "x"));
    for (int i = 0; i < 5000; i++)
        *(volatile int *)p = i;
    CHECK(drained() == 4096 && hits[4095].number == 4096 && quasi_memguard_lost() == 5000 - 4096);
    *(volatile int *)p = 1;
    CHECK(drained() == 1 && hits[0].number == 5001);
}

/* For the log: who calls whom is looked up by the test. */
static volatile uint32_t logged[4];
NOINLINE void writes_logged(uint32_t n) { logged[1] = n; __asm__ volatile(""); }
NOINLINE void calls_writer(uint32_t n) { writes_logged(n); __asm__ volatile(""); }
static void *(*volatile set)(void *, int, size_t) = memset; /* libc's, not the compiler's */
NOINLINE void calls_memset(int n) { set((void *)logged, n, 12); __asm__ volatile(""); }

static void logs(void)
{
    must(quasi_memguard_enable());
    must(quasi_memguard_protect((void *)&logged[1], 4, "a \"term\"\\\n"));
    for (uint32_t i = 0; i < 9000; i++)
        calls_writer(i);
    calls_memset(4);
}

/* The log is where the program was when MemGuard was enabled. */
static void elsewhere(void)
{
    must(quasi_memguard_enable());
    CHECK(chdir("/") == 0);
    must(quasi_memguard_protect((void *)&logged[1], 4, "elsewhere"));
    for (uint32_t i = 0; i < 3; i++)
        calls_writer(i);
}

/* With a callback each hit is told once, and logged. */
static unsigned told;
static void tells(const struct quasi_memguard_hit *h, void *data)
{
    if (h->number == ++told && h->size == 4)
        ++*(unsigned *)data;
}

static void logs_and_tells(void)
{
    unsigned counted = 0;
    must(quasi_memguard_enable());
    quasi_memguard_on_hit(tells, &counted);
    must(quasi_memguard_protect((void *)&logged[1], 4, "a \"term\"\\\n"));
    for (uint32_t i = 0; i < 9000; i++)
        calls_writer(i);
    calls_memset(4);
    CHECK(told == 9001 && counted == 9001 && quasi_memguard_lost() == 0);
}

static void crashes_after_log(void)
{
    must(quasi_memguard_enable());
    must(quasi_memguard_protect((void *)&logged[1], 4, "before the crash"));
    calls_writer(1);
    *nowhere(8) = 1;
}

static volatile long *signal_term;
static volatile long from_handler;
static void on_alarm(int sig)
{
    (void)sig;
    *signal_term += 1; /* not atomic, but signals come one at a time */
    from_handler++;
}

/* Signals at a high rate, whose handler writes terms too, on pages that are written, made and released. */
static void storm(void)
{
    char *p = new_pages(1);
    struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
    struct itimerval every = { { 0, 50 }, { 0, 50 } };
    signal_term = (long *)(p + 64);
    volatile long *other = (long *)(p + 128);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect((void *)signal_term, 8, "of the handler"));
    sigaction(SIGALRM, &act, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
    size_t handled = 0, mine = 0;
    for (int i = 0; i < 30000; i++) {
        *other += 1;
        if (i % 100 == 0) {
            must(quasi_memguard_protect((void *)other, 8, "other"));
            *other += 0;
            must(quasi_memguard_release((void *)other));
        }
        if (i % 1000 == 999)
            for (size_t k = 0, n = drained(); k < n; k++)
                hits[k].term_addr == other ? mine++ : handled++;
    }
    setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
    for (size_t k = 0, n = drained(); k < n; k++)
        hits[k].term_addr == other ? mine++ : handled++;
    CHECK(*other == 30000 && mine == 300 && *signal_term == from_handler && (long)handled == from_handler);
    CHECK(handled > 20);
}

/* A scatter of 16 elements: those that hit a term are reported, all are written, the mask is empty. */
static void scatter(void)
{
    if (!__builtin_cpu_supports("avx512f"))
        return;
    char *p = new_pages(3);
    uint32_t index[16], data[16];
    uint64_t mask = 0x7fff;
    for (int i = 0; i < 16; i++) {
        index[i] = (uint32_t)(PAGE - 40 + i * 10 - (i == 15 ? 100000000 : 0));
        data[i] = 0x01010101u * (uint32_t)(i + 1);
    }
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + PAGE, 4, "first of page 1"));
    must(quasi_memguard_protect(p + PAGE + 62, 1, "part of an element"));
    must(quasi_memguard_protect(p + PAGE + 64, 4, "between elements"));
    __asm__ volatile("vmovdqu32 %1, %%zmm1; vmovdqu32 %2, %%zmm18; kmovw %k0, %%k3; vpscatterdd %%zmm18, -16(%3,%%zmm1,1)%{%%k3%};"
                     "kmovw %%k3, %k0"
                     : "+r"(mask)
                     : "m"(index), "m"(data), "r"(p + 16)
                     : "xmm1", "memory");
    CHECK(mask == 0);
    char want[2 * PAGE] = { 0 };
    for (int i = 0; i < 15; i++)
        memcpy(want + index[i], &data[i], 4);
    CHECK(!memcmp(want, p, 2 * PAGE));
    CHECK(drained() == 2 && hits[0].addr == p + PAGE && hits[0].size == 4 && hits[1].addr == p + PAGE + 62);
    uint64_t qindex[8] = { 0, 8, 16, 24, 32, 40, 48, 56 }, qmask = 0xaa;
    must(quasi_memguard_protect(p + 8, 8, "second"));
    must(quasi_memguard_protect(p + 16, 8, "third"));
    __asm__ volatile("vmovdqu64 %1, %%zmm1; vpbroadcastq %2, %%zmm2; kmovw %k0, %%k3; vscatterqpd %%zmm2, (%3,%%zmm1,1)%{%%k3%}; kmovw %%k3, %k0"
                     : "+r"(qmask)
                     : "m"(qindex), "r"(0x1122334455667788ull), "r"(p)
                     : "xmm1", "xmm2", "memory");
    CHECK(qmask == 0 && drained() == 1 && hits[0].addr == p + 8 && *(uint64_t *)(p + 8) == 0x1122334455667788ull && !*(uint64_t *)p);
}

/* Hits of the kernel, as the wrappers of system calls report them. */
static void kernel(void)
{
    char *p = new_pages(3);
    void *alias;
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p + PAGE + 10, 8, "x"));
    CHECK(__quasi_memguard_terms(p, PAGE) == 0 && __quasi_memguard_terms(p + PAGE, 11) == 1);
    CHECK(__quasi_memguard_span(p, 3 * PAGE, &alias) == PAGE && !alias);
    CHECK(__quasi_memguard_span(p + PAGE + 1, 2 * PAGE, &alias) == PAGE - 1 && alias);
    CHECK(!__quasi_memguard_has_slots(p, PAGE) && __quasi_memguard_has_slots(p, PAGE + 1) && __quasi_memguard_slots_made() == 1);
    const void *caller[2] = { (void *)kernel, (void *)sanctioned };
    CHECK(__quasi_memguard_kernel_writes(p + PAGE, "kernel writes these bytes", NULL, 25, caller, 2) == 25);
    CHECK(!memcmp(p + PAGE, "kernel writes these bytes", 25));
    CHECK(drained() == 1 && hits[0].kind == QUASI_MEMGUARD_KERNEL && hits[0].addr == p + PAGE + 10 && hits[0].size == 8);
    CHECK(hits[0].before[0] == 0 && !memcmp(hits[0].after, "tes thes", 8) && hits[0].instruction == (void *)kernel);
    CHECK(hits[0].callers == 1 && hits[0].caller[0] == (void *)sanctioned);
    must(quasi_memguard_release(p + PAGE + 10));
    ((char *)alias)[4] = 'X'; /* a system call that had the alias still writes the same memory */
    CHECK(p[PAGE + 5] == 'X');
    CHECK(__quasi_memguard_has_slots(p + PAGE, 1)); /* it is still read-only while a thread forks */
    p[PAGE + 1] = 'Y'; /* by another thread, meanwhile */
    CHECK(__quasi_memguard_kernel_writes(p + PAGE, "K..", "k..", 3, caller, 2) == 3 && !memcmp(p + PAGE, "KYr", 3));
    must(quasi_memguard_protect(p + PAGE + 4090, 6, "end"));
    mprotect(p + 2 * PAGE, PAGE, PROT_READ);
    CHECK(__quasi_memguard_kernel_writes(p + 2 * PAGE - 4, "beyond", NULL, 6, caller, 1) == 4 && !memcmp(p + 2 * PAGE - 4, "beyo", 5));
    CHECK(drained() == 1 && hits[0].size == 4 && hits[0].callers == 0);
}

/* Callers are those that libc's unwinder sees from the same handler. */
static unsigned long compared, longest;
static void same_callers(const struct quasi_memguard_hit *h, void *data)
{
    void *found[64];
    int n = backtrace(found, 64), i = 0;
    (void)data;
    while (i < n && !((char *)found[i] >= (char *)h->instruction && (char *)found[i] <= (char *)h->instruction + 15))
        i++;
    CHECK(i < n);
    unsigned callers = n - i - 1 < QUASI_MEMGUARD_CALLERS ? n - i - 1 : QUASI_MEMGUARD_CALLERS;
    CHECK(h->callers == callers && !memcmp(h->caller, found + i + 1, callers * sizeof *found));
    compared++;
    if (callers > longest)
        longest = callers;
}

static char *target;
static int by_bytes(const void *a, const void *b)
{
    ++*(volatile char *)target;
    return *(const char *)a - *(const char *)b;
}

NOINLINE static long many_arguments(long a, long b, long c, long d, long e, long f, long g, long h, long depth)
{
    *(volatile long *)target = a + b + c + d + e + f + g + h;
    long r = depth ? many_arguments(h, a, b, c, d, e, f, g, depth - 1) : 0;
    *(volatile long *)target = r;
    return r + a;
}

static void on_write(int sig)
{
    *(volatile char *)target = (char)sig;
}

static void *from_thread(void *arg)
{
    *(volatile char *)target = 1;
    qsort(arg, 30, 1, by_bytes);
    return NULL;
}

static void callers(void)
{
    pthread_t t;
    char text[100];
    target = new_pages(1);
    for (int i = 0; i < 100; i++)
        text[i] = (char)(i * 37);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(target, 4000, "target"));
    quasi_memguard_on_hit(same_callers, NULL);
    qsort(text, 100, 1, by_bytes);
    many_arguments(1, 2, 3, 4, 5, 6, 7, 8, 40);
    snprintf(target, 200, "%d %s %g %lld %p", 1, "two", 3.5, 4ll, (void *)text);
    strcpy(target + 100, "copied by libc");
    memset(target, 1, 300);
    strtol("99", (char **)(target + 800), 10);
    long double far = 1.5;
    memcpy(target + 64, &far, sizeof far);
    signal(SIGUSR2, on_write);
    raise(SIGUSR2);
    pthread_create(&t, NULL, from_thread, text);
    pthread_join(t, NULL);
    FILE *f = fmemopen(target + 1000, 500, "w");
    setvbuf(f, NULL, _IONBF, 0);
    fprintf(f, "%s %f %d", "to memory", 1.25, 7);
    fclose(f);
    CHECK(compared > 300 && longest == QUASI_MEMGUARD_CALLERS);
}

/* A caller that tables put where nothing is; unwinders believe them. */
void wrong_tables_write(char *at);
__asm__(".text\nwrong_tables_write: .cfi_startproc\n"
        "  push %rbx\n  mov $0x12345000, %ebx\n  .cfi_def_cfa %rbx, 16\n"
        "  movb $7, (%rdi)\n"
        "  pop %rbx\n  .cfi_def_cfa %rsp, 8\n  ret\n  .cfi_endproc\n");

static void wrong_tables(void)
{
    char *p = new_pages(1);
    must(quasi_memguard_enable());
    must(quasi_memguard_protect(p, 8, "x"));
    for (int i = 0; i < 3; i++)
        wrong_tables_write(p + i);
    p[5] = 8;
    CHECK(drained() == 4 && p[0] == 7 && p[2] == 7 && p[5] == 8 && hits[3].after[0] == 8);
}

static const struct memguard_case cases[] = {
    { "wrong_tables", wrong_tables },
    { "errors", errors },
    { "places", places },
    { "on_stack", on_stack },
    { "on_other_stack", on_other_stack },
    { "chained", chained },
    { "sent", sent },
    { "dies_null", dies_null },
    { "dies_read_only", dies_read_only },
    { "dies_raise", dies_raise },
    { "dies_call", dies_call },
    { "dies_unmapped", dies_unmapped },
    { "unmapped", unmapped },
    { "toggles", toggles },
    { "exact", exact },
    { "thousand", thousand },
    { "huge", huge },
    { "sanctioned", sanctioned },
    { "lost", lost },
    { "logs", logs },
    { "elsewhere", elsewhere },
    { "logs_and_tells", logs_and_tells },
    { "crashes_after_log", crashes_after_log },
    { "storm", storm },
    { "scatter", scatter },
    { "kernel", kernel },
    { "callers", callers },
};

int main(int argc, char **argv)
{
    return run_case(cases, sizeof cases / sizeof *cases, argc, argv);
}

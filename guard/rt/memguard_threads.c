/*
 * memguard_threads.c: what MemGuard wants of threads: that they have an alternate stack which
 * is large enough (T5), and that they stand still while a page is open (T7).
 *
 * Other threads are asked by a signal, SIGSEGV, for the kernel keeps one of a kind: if another one is
 * on its way, of a fault say, it is the only one that comes. So what is asked stands in memory
 * before the signal is sent, and the handler looks there whatever it was called for.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <string.h>
#include <time.h>

enum { REQUEST = 0x5155 };     /* of si_errno */
enum { WAIT_MS = 1000, BLOCKING_MS = 200 };
enum { ENOUGH = 16 << 10 };    /* of a stack; the handler needs half of it with AVX-512 */

static const uint64_t SEGV = 1ull << (SIGSEGV - 1), TRAP = 1ull << (SIGTRAP - 1);

static void mask(int how, uint64_t set) { call4(SYS_rt_sigprocmask, how, (long)&set, 0, 8); }

/* Stacks. */

static int is_alive(int thread)
{
    long r = call3(SYS_tkill, thread, 0, 0); /* of any process: one by clone may share this memory */
    return r == 0 || r == -EPERM;
}

/* own_stack is the one that the thread has, or takes; NULL: there is none left. */
char *__quasi_memguard_own_stack(struct memguard *m)
{
    enum { OWN, FREE, LEFT }; /* by threads that have ended */
    int me = this_thread();
    for (int round = OWN; round <= LEFT; round++)
        for (int i = 0; i < MOST_STACKS; i++) {
            int owner = atomic_load_explicit(&m->stack_thread[i], memory_order_relaxed);
            if (owner == me)
                return m->stacks[i];
            if (round == OWN || (owner && (round == FREE || is_alive(owner))))
                continue;
            if (atomic_compare_exchange_strong(&m->stack_thread[i], &owner, me))
                return m->stacks[i];
        }
    return NULL;
}

/* take_stack makes it the alternate stack to be. */
int __quasi_memguard_take_stack(struct memguard *m, stack_t *s)
{
    char *own = __quasi_memguard_own_stack(m);
    if (own)
        *s = (stack_t){ .ss_sp = own, .ss_size = STACK_SIZE };
    return own != NULL;
}

/* prepare_self makes sure that this thread hears SIGSEGV, and not on its own stack. */
void __quasi_memguard_prepare_self(struct memguard *m)
{
    stack_t s;
    mask(SIG_UNBLOCK, SEGV);
    if (!call3(SYS_sigaltstack, 0, (long)&s, 0) && (s.ss_flags & SS_DISABLE) && __quasi_memguard_take_stack(m, &s))
        call3(SYS_sigaltstack, (long)&s, 0, 0);
}

void __quasi_memguard_thread_starts(void)
{
    unsigned char was = __quasi_program_calls;
    __quasi_program_calls = 0;
    if (__quasi_memguard)
        __quasi_memguard_prepare_self(__quasi_memguard);
    __quasi_program_calls = was;
}

void __quasi_memguard_thread_ends(void)
{
    struct memguard *m = __quasi_memguard;
    stack_t none = { .ss_flags = SS_DISABLE }, was;
    unsigned char calls = __quasi_program_calls;
    if (!m)
        return;
    __quasi_program_calls = 0;
    int me = this_thread();
    for (int i = 0; i < MOST_STACKS; i++)
        if (atomic_load_explicit(&m->stack_thread[i], memory_order_relaxed) == me &&
            !call3(SYS_sigaltstack, 0, (long)&was, 0) && !(was.ss_flags & SS_ONSTACK) &&
            (was.ss_sp != m->stacks[i] || !call3(SYS_sigaltstack, (long)&none, 0, 0)))
            atomic_store(&m->stack_thread[i], 0);
    __quasi_program_calls = calls;
}

/* on_stack calls f on the stack that ends at top. */
void __quasi_memguard_on_stack(void *top, int sig, siginfo_t *info, void *context,
                               void (*f)(int, siginfo_t *, void *)) HIDDEN;
__asm__(".text\n"
        ".globl __quasi_memguard_on_stack\n.hidden __quasi_memguard_on_stack\n"
        "__quasi_memguard_on_stack: .cfi_startproc\n"
        "  push %rbp\n  .cfi_adjust_cfa_offset 8\n  .cfi_rel_offset %rbp, 0\n"
        "  mov %rsp, %rbp\n  .cfi_def_cfa_register %rbp\n"
        "  mov %rdi, %rsp\n  mov %esi, %edi\n  mov %rdx, %rsi\n  mov %rcx, %rdx\n"
        "  call *%r8\n"
        "  mov %rbp, %rsp\n  pop %rbp\n  .cfi_def_cfa %rsp, 8\n"
        "  ret\n"
        "  .cfi_endproc\n");

static void handle(int sig, siginfo_t *info, void *context)
{
    if (sig == SIGTRAP)
        __quasi_memguard_on_trap(sig, info, context);
    else
        __quasi_memguard_on_segv(sig, info, context);
}

/* On the thread's own stack of MemGuard's, which signals do not know of yet. */
static void handle_there(int sig, siginfo_t *info, void *context)
{
    stack_t s;
    if (__quasi_memguard_take_stack(__quasi_memguard, &s))
        call3(SYS_sigaltstack, (long)&s, 0, 0); /* until sigreturn */
    mask(SIG_UNBLOCK, SEGV | TRAP);
    handle(sig, info, context);
}

/* on_signal is the handler of SIGSEGV and SIGTRAP. The program's alternate stack may be large enough for this, and no more. */
void __quasi_memguard_on_signal(int sig, siginfo_t *info, void *context)
{
    const ucontext_t *uc = context;
    char *own = NULL;
    if (!(uc->uc_stack.ss_flags & SS_DISABLE) && uc->uc_stack.ss_size < ENOUGH)
        own = __quasi_memguard_own_stack(__quasi_memguard);
    if (!own) {
        handle(sig, info, context);
        return;
    }
    mask(SIG_BLOCK, SEGV | TRAP); /* until the other stack is known, a signal would come on top of this one */
    __quasi_memguard_on_stack(own + STACK_SIZE, sig, info, context, handle_there);
}

/* What is asked. */

struct entry { /* the kernel's struct linux_dirent64 */
    uint64_t inode, offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

static long milliseconds(void)
{
    struct timespec t = { 0 };
    call3(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&t, 0);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* stack_of is the number of the thread's stack; -1: it has none of MemGuard's. */
static int stack_of(struct memguard *m, int thread)
{
    for (int i = 0; i < MOST_STACKS; i++)
        if (atomic_load_explicit(&m->stack_thread[i], memory_order_relaxed) == thread)
            return i;
    return -1;
}

static int stands(struct memguard *m, int thread)
{
    int i = stack_of(m, thread);
    return i >= 0 && m->standing[i];
}

static int is_told(struct memguard *m, int thread)
{
    for (int i = 0; i < m->told_count; i++)
        if (m->told[i] == thread || m->told[i] == -thread)
            return 1;
    return 0;
}

/* blocks reports whether a thread has SIGSEGV blocked: it does not hear. */
static int blocks(int thread)
{
    static const char begin[] = "/proc/self/task/", end[] = "/status", line[] = "SigBlk:\t";
    char buffer[4096], *at = buffer + 64;
    at = memcpy(at - sizeof end, end, sizeof end);
    for (; thread; thread /= 10)
        *--at = (char)('0' + thread % 10);
    at = memcpy(at - (sizeof begin - 1), begin, sizeof begin - 1);
    int fd = (int)call3(SYS_open, (long)at, O_RDONLY | O_CLOEXEC, 0);
    long length = fd < 0 ? 0 : call3(SYS_read, fd, (long)buffer, sizeof buffer - 1);
    if (fd >= 0)
        call1(SYS_close, fd);
    buffer[length > 0 ? length : 0] = 0;
    const char *digits = strstr(buffer, line);
    uint64_t blocked = 0;
    for (digits = digits ? digits + sizeof line - 1 : ""; *digits > ' '; digits++)
        blocked = blocked << 4 | (*digits < 'a' ? *digits - '0' : *digits - 'a' + 10);
    return (blocked & SEGV) != 0;
}

static int send(int thread)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = SI_QUEUE;
    info.si_errno = REQUEST;
    info.si_pid = (pid_t)call1(SYS_getpid, 0);
    return !call4(SYS_rt_tgsigqueueinfo, info.si_pid, thread, SIGSEGV, (long)&info);
}

/* tell asks the threads that have not been told, or only those whose stacks MemGuard does not know. It returns how many, -1: it cannot know. */
static int tell(struct memguard *m, int unknown)
{
    int me = this_thread(), n = 0;
    int fd = (int)call3(SYS_open, (long)"/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    char buffer[1024] __attribute__((aligned(8)));
    long size;
    atomic_store(&m->has_asked, 1);
    while (fd >= 0 && (size = call3(SYS_getdents64, fd, (long)buffer, sizeof buffer)) > 0)
        for (long at = 0; at < size; at += ((struct entry *)(buffer + at))->length) {
            int thread = 0, count = m->told_count;
            for (const char *s = ((struct entry *)(buffer + at))->name; *s >= '0' && *s <= '9'; s++)
                thread = thread * 10 + (*s - '0');
            if (!thread || thread == me || count == MOST_TOLD || is_told(m, thread) ||
                (unknown && (stack_of(m, thread) >= 0 || blocks(thread))))
                continue;
            m->told[count] = thread;
            m->told_count = count + 1;
            send(thread);
            n++;
        }
    if (fd < 0)
        return -1;
    call1(SYS_close, fd);
    return n;
}

/* await returns when those have heard that were told, but for those that have ended, or do not in a while: they are stopped, or block SIGSEGV. */
static void await(struct memguard *m)
{
    long begin = milliseconds();
    for (int i = 0; i < m->told_count; i++)
        while (m->told[i] > 0 && is_alive(m->told[i]) && milliseconds() - begin < WAIT_MS)
            call1(SYS_sched_yield, 0);
}

/* prepare_others has all threads get an alternate stack that have none. */
void __quasi_memguard_prepare_others(struct memguard *m)
{
    if (tell(m, 1) > 0)
        await(m);
    m->told_count = 0;
}

/* await_blocking is await for threads that block SIGSEGV: libc does so where it starts a thread, and the new one does at first. */
static void await_blocking(struct memguard *m, long limit)
{
    for (int i = 0; i < m->told_count; i++)
        while (m->told[i] > 0 && !stands(m, m->told[i]) && blocks(m->told[i]) && milliseconds() < limit)
            call1(SYS_sched_yield, 0);
}

/*
 * stop_others: no other thread executes an instruction of the program from now on, until go_on, unless it
 * blocks SIGSEGV for long. To a thread that has been sent a signal the kernel delivers it before it lets the
 * thread go on; and membarrier has those enter the kernel that run. So nobody is waited for who would hear. Threads
 * that have been started in between are told in the next round.
 */
void __quasi_memguard_stop_others(struct memguard *m)
{
    long limit = milliseconds() + BLOCKING_MS;
    int told;
    atomic_fetch_add(&m->stop_generation, 1);
    while ((told = tell(m, 0)) > 0)
        if (call3(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))
            await(m);
        else
            await_blocking(m, limit);
    if (told < 0)
        __quasi_memguard_warn("other threads may write unnoticed while one instruction is executed: /proc/self/task cannot be opened");
    m->told_count = 0;
}

void __quasi_memguard_go_on(struct memguard *m)
{
    atomic_fetch_add(&m->stop_generation, 1);
    call3(SYS_futex, (long)&m->stop_generation, FUTEX_WAKE_PRIVATE, 1 << 30);
}

/*
 * is_asked reports whether the thread has to answer before anything else. A signal that the kernel has no
 * memory for (RLIMIT_SIGPENDING) comes as if nobody had sent it.
 */
int __quasi_memguard_is_asked(struct memguard *m, const siginfo_t *info)
{
    if (info->si_code == SI_QUEUE)
        return info->si_errno == REQUEST && info->si_pid == call1(SYS_getpid, 0);
    if (info->si_code == SI_USER && !info->si_pid && !info->si_uid && m->has_asked)
        return 1;
    return info->si_code > 0 && ((m->stop_generation & 1) || m->told_count) && !has_lock(m);
}

/*
 * answer: the thread has an alternate stack when it returns, and stands still while it should. Of signals
 * that are sent in the meantime one is kept, until this one's handler returns: they would pile up on the
 * stack if they came before a thread that may go on does so.
 */
void __quasi_memguard_answer(struct memguard *m, ucontext_t *uc)
{
    int me = this_thread(), generation, own = -1;
    if (!(uc->uc_stack.ss_flags & SS_DISABLE)) {
        mask(SIG_BLOCK, SEGV);
        __quasi_memguard_own_stack(m); /* so that it is known */
        own = stack_of(m, me);
    } else if (__quasi_memguard_take_stack(m, &uc->uc_stack)) { /* this stack may be guarded as soon as the thread has answered */
        call3(SYS_sigaltstack, (long)&uc->uc_stack, 0, 0);
    }
    sigdelset(&uc->uc_sigmask, SIGSEGV);
    for (int i = 0; i < m->told_count; i++)
        if (m->told[i] == me)
            m->told[i] = -me;
    if (own >= 0)
        m->standing[own] = 1;
    while ((generation = m->stop_generation) & 1)
        call4(SYS_futex, (long)&m->stop_generation, FUTEX_WAIT_PRIVATE, generation, 0);
    if (own >= 0)
        m->standing[own] = 0; /* what has been sent since comes when this handler returns */
}

/*
 * interpose.c: system calls of a program under MemGuard pass by here (M6), wherever they are
 * made (Syscall User Dispatch: each is a SIGSYS). The kernel cannot write to pages that are
 * protected: it writes elsewhere, and what it has written is copied through MemGuard. Of
 * memory that is unmapped the terms are released; a child of fork gets pages of its own; and
 * MemGuard's signals stay what they are.
 *
 * While __quasi_program_calls is 0 the thread's system calls pass. It is 1 where the
 * program runs, its signal handlers too, which are therefore called by on_signal.
 */
#define _GNU_SOURCE
#include "ledger.h"

#include <errno.h>
#include <execinfo.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include "calls.h"

enum { SUD_ON = 1, SUD = 59 /* PR_SET_SYSCALL_USER_DISPATCH */, DISPATCHED = 2 /* SYS_USER_DISPATCH */ };
enum { PASSING = 4096, STUB = 48, SIGNALS = 65, KERNEL_MASK = 8, MOST_OUTPUTS = 72, CALLERS = 24 };
#define RESTORER 0x04000000ul /* SA_RESTORER of the kernel */

static unsigned char *passing; /* system calls from this page pass: sigreturn, then stubs */
static int stubs;

static long call(long nr, const long a[6])
{
    register long r10 __asm__("r10") = a[3];
    register long r8 __asm__("r8") = a[4];
    register long r9 __asm__("r9") = a[5];
    long r;
    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "0"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return r;
}

static long call4(long nr, long a, long b, long c, long d) { return call(nr, (long[6]){ a, b, c, d, 0, 0 }); }

static int failed(long r) { return r < 0 && r > -4096; }

/* What the kernel writes. */

/* An output is memory that the kernel writes for the program, on another place if a page of it is protected. */
struct output_at {
    uintptr_t addr;
    size_t size, written;
    unsigned char *instead; /* NULL: nothing of it is protected */
    uint64_t *where;        /* what was set to instead */
    uint64_t was;
    int changed;            /* written is what differs from before, of which a copy follows instead */
};

struct outputs {
    int n;
    struct output_at at[MOST_OUTPUTS];
};

static void *scratch(size_t size)
{
    long p = call(SYS_mmap, (long[6]){ 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0 });
    return failed(p) ? NULL : (void *)p;
}

static int guarded(uintptr_t addr, size_t size)
{
    void *alias = NULL;
    for (size_t done = 0; done < size && !alias;) {
        size_t n = __quasi_memguard_span((const void *)(addr + done), size - done, &alias);
        done += n ? n : size;
    }
    return alias != NULL;
}

/* replaced reports whether the kernel has to be given other memory. */
static int replaced(uintptr_t addr, size_t size) { return __quasi_memguard_has_slots((const void *)addr, size); }

/* output has the kernel write size bytes elsewhere if it might not be able to write them where *where points. */
static struct output_at *output(struct outputs *o, uint64_t *where, size_t size, int keep)
{
    if (!*where || !size || size > -*where || o->n == MOST_OUTPUTS || !replaced(*where, size))
        return NULL;
    unsigned char *p = scratch(keep ? 2 * size : size);
    if (!p)
        return NULL;
    if (keep) {
        memcpy(p, (const void *)*where, size);
        memcpy(p + size, p, size);
    }
    struct output_at *at = &o->at[o->n++];
    *at = (struct output_at){ *where, size, 0, p, where, *where, keep };
    *where = (uintptr_t)p;
    return at;
}

/* The program's calls down to the system call, which context interrupts. */
static int callers_of(const ucontext_t *context, const void **caller)
{
    void *all[CALLERS + 12];
    int n = backtrace(all, CALLERS + 12), at = 0;
    while (at < n && all[at] != (void *)context->uc_mcontext.gregs[REG_RIP])
        at++;
    if (at == n) { /* nothing but the place is known */
        caller[0] = (const void *)context->uc_mcontext.gregs[REG_RIP];
        return 1;
    }
    int count = n - at < CALLERS ? n - at : CALLERS;
    memcpy(caller, all + at, count * sizeof *caller);
    return count;
}

/* copy writes what the kernel has written to where it belongs, and reports it; if old is not NULL, what differs from it. */
static void copy(uintptr_t addr, const void *from, const void *old, size_t size, const ucontext_t *context)
{
    size_t done = 0;
    if (replaced(addr, size)) {
        const void *caller[CALLERS] = { (const void *)context->uc_mcontext.gregs[REG_RIP] };
        unsigned callers = __quasi_memguard_terms((const void *)addr, size) ? callers_of(context, caller) : 1;
        done = __quasi_memguard_kernel_writes((const void *)addr, from, old, size, caller, callers);
    }
    memcpy((char *)addr + done, (const char *)from + done, size - done); /* faults if that is due */
}

static void finish(struct outputs *o, const ucontext_t *context)
{
    for (int i = 0; i < o->n; i++) {
        struct output_at *at = &o->at[i];
        size_t from = 0, to = at->written < at->size ? at->written : at->size;
        const unsigned char *old = at->changed ? at->instead + at->size : NULL;
        if (old) { /* what the kernel has left alone other threads may have written */
            to = at->size;
            while (to > 0 && at->instead[to - 1] == old[to - 1])
                to--;
            while (from < to && at->instead[from] == old[from])
                from++;
        }
        if (from < to)
            copy(at->addr + from, at->instead + from, old ? old + from : NULL, to - from, context);
        *at->where = at->was;
        call4(SYS_munmap, (long)at->instead, at->changed ? 2 * at->size : at->size, 0, 0);
    }
}

/* spread shares n bytes out over the buffers of a vector. */
static void spread(struct outputs *o, const struct iovec *v, size_t count, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        size_t part = v[i].iov_len < n ? v[i].iov_len : n;
        for (int k = 0; k < o->n; k++)
            if (o->at[k].where == (const uint64_t *)&v[i].iov_base)
                o->at[k].written = part;
        n -= part;
    }
}

enum { MOST_VECTOR = 64 };

/* vector has the buffers of a vector replaced, in a copy of it. */
static void vector(struct outputs *o, uint64_t *arg, size_t count, struct iovec *copy)
{
    const struct iovec *v = (const struct iovec *)*arg;
    int any = 0;
    if (!v || count > MOST_VECTOR)
        return;
    for (size_t i = 0; i < count; i++)
        any |= replaced((uintptr_t)v[i].iov_base, v[i].iov_len);
    if (!any)
        return;
    memcpy(copy, v, count * sizeof *v);
    *arg = (uintptr_t)copy;
    for (size_t i = 0; i < count; i++)
        output(o, (uint64_t *)&copy[i].iov_base, copy[i].iov_len, 0);
}

static size_t control_size(unsigned long request, uintptr_t arg)
{
    if (_IOC_DIR(request) & _IOC_READ)
        return _IOC_SIZE(request);
    size_t page = 4096 - (arg & 4095);
    return page < 64 ? page : 64; /* older requests do not say; none writes more that is in use */
}

/* reaches reports whether an output may lie on a page that is protected. */
static int reaches(const struct output *w, const uint64_t *a)
{
    uint64_t addr = a[w->arg], size = w->size;
    switch (w->how) {
    case RESULT:
        size += a[w->n];
        break;
    case ITEMS:
        size *= a[w->n];
        break;
    case CHANGED:
        size *= w->n ? a[w->n] : 1;
        break;
    case FD_SET:
        size = (a[0] + 63) / 64 * 8;
        break;
    case CONTROL:
        size = control_size(a[w->n], addr);
        break;
    case ADDRESS:
        if (!addr || !a[w->n])
            return 0;
        if (replaced(a[w->n], sizeof(socklen_t)))
            return 1;
        size = *(const socklen_t *)a[w->n];
        break;
    case VECTOR:
    case MESSAGE:
        return 1;
    }
    return addr && size && size <= -addr && replaced(addr, size);
}

static long redirected(long nr, long *arg, const ucontext_t *context);

/* repeatable reports whether a call that has failed with EFAULT can be made again: it has done nothing, and need not wait. */
static int repeatable(long nr, const long *arg)
{
    switch (nr) {
    case SYS_accept:
    case SYS_accept4:
    case SYS_socketpair:
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_rt_sigtimedwait:
    case SYS_mq_timedreceive:
    case SYS_msgrcv:
        return 0;
    case SYS_read:
    case SYS_readv:
    case SYS_recvfrom:
    case SYS_recvmsg: {
        struct pollfd fd = { (int)arg[0], POLLIN, 0 };
        return call4(SYS_poll, (long)&fd, 1, 0, 0) == 1;
    }
    }
    return 1;
}

static long written(long nr, long *arg, const ucontext_t *context);

/* writing is a system call that writes, or may write, memory of the program, where a page may become protected meanwhile. */
static long writing(long nr, long *arg, const ucontext_t *context)
{
    for (;;) {
        uint64_t slots = __quasi_memguard_slots_made();
        long again[6];
        memcpy(again, arg, sizeof again);
        long r = written(nr, again, context);
        if (r != -EFAULT || __quasi_memguard_slots_made() == slots || !repeatable(nr, arg))
            return r;
        __quasi_memguard_settle();
    }
}

/* Most need little of the program's stack. */
static long written(long nr, long *arg, const ucontext_t *context)
{
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        if (outputs[i].call == nr && reaches(&outputs[i], (const uint64_t *)arg))
            return redirected(nr, arg, context);
    return call(nr, arg);
}

/* redirected is such a call where what it writes, or some of it, lies on protected pages. */
static __attribute__((noinline)) long redirected(long nr, long *arg, const ucontext_t *context)
{
    struct outputs o = { .n = 0 };
    struct iovec iov[2][MOST_VECTOR];
    struct msghdr message = { 0 }, *original = NULL;
    uint64_t *a = (uint64_t *)arg, vector_was = 0;
    const struct output *vectors = NULL;
    struct output_at *by_result[4] = { NULL }, *address[2] = { NULL }, *fixed[4] = { NULL };
    const struct output *result_of[4] = { NULL };
    uint64_t length[2] = { 0 };
    int results = 0, fixeds = 0, addresses = 0;
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        const struct output *w = &outputs[i];
        if (w->call != nr)
            continue;
        uint64_t *where = &a[w->arg];
        struct output_at *at;
        switch (w->how) {
        case BYTES:
            if ((at = output(&o, where, w->size, 0)))
                fixed[fixeds++] = at;
            break;
        case RESULT:
        case ITEMS:
            at = output(&o, where, w->how == RESULT ? a[w->n] + w->size : a[w->n] * w->size, 0);
            if (at) {
                result_of[results] = w;
                by_result[results++] = at;
            }
            break;
        case CHANGED:
            output(&o, where, w->n ? a[w->n] * w->size : w->size, 1);
            break;
        case FD_SET:
            output(&o, where, (a[0] + 63) / 64 * 8, 1);
            break;
        case CONTROL:
            output(&o, where, control_size(a[w->n], *where), 1);
            break;
        case ADDRESS:
            if (*where && a[w->n]) {
                length[addresses] = a[w->n];
                address[addresses++] = output(&o, where, *(const socklen_t *)a[w->n], 0);
                output(&o, &a[w->n], sizeof(socklen_t), 1);
            }
            break;
        case VECTOR:
            vectors = w;
            vector_was = *where;
            vector(&o, where, a[w->n], iov[0]);
            break;
        case MESSAGE:
            original = (struct msghdr *)*where;
            if (original) {
                message = *original;
                vector(&o, (uint64_t *)&message.msg_iov, message.msg_iovlen, iov[1]);
                address[0] = output(&o, (uint64_t *)&message.msg_name, message.msg_namelen, 0);
                address[1] = output(&o, (uint64_t *)&message.msg_control, message.msg_controllen, 0);
                *where = (uintptr_t)&message;
            }
            break;
        }
    }
    long r = call(nr, arg);
    for (int i = 0; i < fixeds; i++)
        fixed[i]->written = failed(r) ? 0 : fixed[i]->size;
    for (int i = 0; i < results; i++)
        by_result[i]->written = r <= 0 ? 0 : result_of[i]->how == RESULT ? r + result_of[i]->size : r * result_of[i]->size;
    if (original) {
        if (!failed(r)) {
            spread(&o, message.msg_iov, message.msg_iovlen, r);
            for (int i = 0; i < 2; i++)
                if (address[i])
                    address[i]->written = i ? message.msg_controllen : message.msg_namelen;
            const struct msghdr done = message;
            message = *original;
            message.msg_namelen = done.msg_namelen;
            message.msg_controllen = done.msg_controllen;
            message.msg_flags = done.msg_flags;
        }
    } else {
        for (int i = 0; i < addresses; i++)
            if (address[i] && !failed(r))
                address[i]->written = *(const socklen_t *)length[i]; /* set below if it was elsewhere */
        for (int i = 0; i < addresses; i++)
            for (int k = 0; k < o.n; k++)
                if (o.at[k].addr == length[i] && address[i] && !failed(r))
                    address[i]->written = *(const socklen_t *)o.at[k].instead;
    }
    if (vectors && a[vectors->arg] != vector_was) {
        spread(&o, iov[0], a[vectors->n], failed(r) ? 0 : r);
        a[vectors->arg] = vector_was;
    }
    finish(&o, context);
    if (original && !failed(r))
        copy((uintptr_t)original, &message, NULL, sizeof message, context);
    return r;
}

/* explain says why a system call has failed that interpose.c does not know. */
static void explain(long nr, const long *arg)
{
    for (int i = 0; i < 6; i++) {
        if ((unsigned long)arg[i] < 4096 || !guarded(arg[i], 1))
            continue;
        char text[160];
        int n = snprintf(text, sizeof text, "quasi: memguard: system call %ld fails with EFAULT: its argument %d points to a page that is protected\n", nr, i + 1);
        call4(SYS_write, 2, (long)text, n, 0);
        return;
    }
}

/* Signals. */

/* As the kernel has it. */
struct action {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

static struct action actions[SIGNALS]; /* the program's */

static uint64_t bit(int sig) { return 1ull << (sig - 1); }
#define OWN_SIGNALS (bit(SIGSEGV) | bit(SIGTRAP) | bit(SIGSYS))

static int has_handler(const struct action *a)
{
    return (uintptr_t)a->handler != (uintptr_t)SIG_DFL && (uintptr_t)a->handler != (uintptr_t)SIG_IGN;
}

static int is_sent(const siginfo_t *info) { return info->si_code <= 0; }

/* by_default does what happens where nobody handles a signal of MemGuard's; a fault comes again, and ends the program. */
static void by_default(int sig, siginfo_t *info)
{
    struct action none = { 0 };
    if (is_sent(info) && (uintptr_t)actions[sig].handler == (uintptr_t)SIG_IGN)
        return;
    __quasi_report();
    call4(SYS_rt_sigaction, sig, (long)&none, 0, KERNEL_MASK);
    if (is_sent(info) || sig == SIGTRAP)
        call4(SYS_rt_tgsigqueueinfo, call4(SYS_getpid, 0, 0, 0, 0), call4(SYS_gettid, 0, 0, 0, 0), sig, (long)info);
}

/* on_signal calls the program's handlers. */
static void on_signal(int sig, siginfo_t *info, void *context)
{
    unsigned char was = __quasi_program_calls;
    __quasi_program_calls = 0;
    struct action a = actions[sig];
    if (a.flags & SA_RESETHAND)
        actions[sig].handler = NULL;
    if (has_handler(&a)) {
        __quasi_program_calls = 1;
        a.handler(sig, info, context);
    } else if (sig == SIGSEGV || sig == SIGTRAP) {
        by_default(sig, info);
    }
    __quasi_program_calls = was;
}

static struct action trap_handlers[SIGNALS]; /* MemGuard's */

/* on_trap calls MemGuard's handlers: their own system calls pass. */
static void on_trap(int sig, siginfo_t *info, void *context)
{
    unsigned char was = __quasi_program_calls;
    __quasi_program_calls = 0;
    trap_handlers[sig].handler(sig, info, context);
    __quasi_program_calls = was;
}

static long install(int sig, void (*handler)(int, siginfo_t *, void *), unsigned long flags, uint64_t mask)
{
    struct action k = { handler, flags | SA_SIGINFO | RESTORER, (void (*)(void))passing, mask };
    return call4(SYS_rt_sigaction, sig, (long)&k, 0, KERNEL_MASK);
}

/* MemGuard calls on_signal for faults and traps that are not its own. */
static int hand_over(int sig, uint64_t mask)
{
    struct sigaction to = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };
    memcpy(&to.sa_mask, &mask, sizeof mask);
    return sig == SIGSEGV ? __quasi_memguard_sigaction(&to, NULL) : __quasi_memguard_sigaction_trap(&to, NULL);
}

static long set_action(int sig, const struct action *act, struct action *old)
{
    if (sig < 1 || sig >= SIGNALS || ((sig == SIGKILL || sig == SIGSTOP) && act))
        return -EINVAL;
    struct action new, was = actions[sig];
    if (act) {
        new = *act;
        if (sig == SIGSEGV || sig == SIGTRAP) {
            if (hand_over(sig, new.mask))
                return -errno;
        } else if (!(OWN_SIGNALS & bit(sig))) {
            long r;
            if (has_handler(&new)) {
                actions[sig] = new; /* first: it may come at once */
                r = install(sig, on_signal, new.flags, new.mask & ~OWN_SIGNALS);
            } else {
                r = call4(SYS_rt_sigaction, sig, (long)&new, 0, KERNEL_MASK);
            }
            if (failed(r)) {
                actions[sig] = was;
                return r;
            }
        }
        actions[sig] = new;
    }
    if (old)
        *old = was;
    return 0;
}

/* The mask that is in force when the handler of SIGSYS returns. */
static long set_mask(int how, const uint64_t *set, uint64_t *old, ucontext_t *context)
{
    uint64_t *mask = (uint64_t *)&context->uc_sigmask, was = *mask;
    if (set) {
        uint64_t s = *set;
        switch (how) {
        case SIG_BLOCK:
            *mask |= s;
            break;
        case SIG_UNBLOCK:
            *mask &= ~s;
            break;
        case SIG_SETMASK:
            *mask = s;
            break;
        default:
            return -EINVAL;
        }
        *mask &= ~(OWN_SIGNALS | bit(SIGKILL) | bit(SIGSTOP));
    }
    if (old)
        *old = was;
    return 0;
}

/* with_mask is a system call that waits with another mask, which argument i points to. */
static long with_mask(long nr, long *arg, int i, const ucontext_t *context)
{
    uint64_t mask, was = arg[i];
    if (was) {
        mask = *(const uint64_t *)was & ~OWN_SIGNALS;
        arg[i] = (long)&mask;
    }
    long r = writing(nr, arg, context);
    arg[i] = was;
    return r;
}

/* Processes and threads. */

static int dispatch(void)
{
    return !failed(call(SYS_prctl, (long[6]){ SUD, SUD_ON, (long)passing, PASSING, (long)&__quasi_program_calls, 0 }));
}

/* A thread begins here, on its own stack, and goes on where its creator has meant it to. */
__attribute__((used, visibility("hidden"))) void quasi_interpose_thread(void)
{
    __quasi_program_calls = 0;
    __quasi_memguard_thread_starts();
    if (dispatch())
        __quasi_program_calls = 1;
}

void quasi_interpose_new_thread(void);
void quasi_interpose_new_process(void);
__asm__(".text\n"
        ".globl quasi_interpose_new_thread\n.hidden quasi_interpose_new_thread\n"
        "quasi_interpose_new_thread:\n"
        "  push %rbp\n  mov %rsp, %rbp\n"
        "  push %rax\n  push %rcx\n  push %rdx\n  push %rsi\n  push %rdi\n  push %r8\n  push %r9\n  push %r10\n  push %r11\n  push %rbx\n"
        "  mov %rsp, %rbx\n  and $-16, %rsp\n"
        "  call quasi_interpose_thread\n"
        "  mov %rbx, %rsp\n"
        "  pop %rbx\n  pop %r11\n  pop %r10\n  pop %r9\n  pop %r8\n  pop %rdi\n  pop %rsi\n  pop %rdx\n  pop %rcx\n  pop %rax\n"
        "  pop %rbp\n"
        ".globl quasi_interpose_new_process\n.hidden quasi_interpose_new_process\n"
        "quasi_interpose_new_process:\n"
        "  ret\n");

/*
 * stub returns code that makes the system call and goes on at back; a child calls begin
 * first. A child that has a stack of its own cannot return by the handler's.
 */
static unsigned char *stub(uintptr_t back, void (*begin)(void))
{
    /* syscall; test %rax,%rax; jnz 1f; call *begin(%rip); 1: jmp *back(%rip); begin, back */
    static const unsigned char code[24] = { 0x0f, 0x05, 0x48, 0x85, 0xc0, 0x75, 0x06, 0xff, 0x15, 0x0b, 0, 0, 0,
                                            0xff, 0x25, 0x0d, 0,    0,    0,    0x90, 0x90, 0x90, 0x90, 0x90 };
    static atomic_int lock;
    unsigned char *p = NULL;
    uint64_t to[2] = { (uintptr_t)begin, back };
    while (atomic_exchange_explicit(&lock, 1, memory_order_acquire))
        call4(SYS_sched_yield, 0, 0, 0, 0);
    for (int i = 0; i < stubs && !p; i++)
        if (!memcmp(passing + STUB * (i + 1) + sizeof code, to, sizeof to))
            p = passing + STUB * (i + 1);
    if (!p && STUB * (stubs + 2) <= PASSING) {
        p = passing + STUB * ++stubs;
        memcpy(p, code, sizeof code);
        memcpy(p + sizeof code, to, sizeof to);
    }
    atomic_store_explicit(&lock, 0, memory_order_release);
    return p;
}

/* new_process is a fork: the child goes on in a copy of the memory. */
static long new_process(unsigned long flags, long *arg, ucontext_t *context)
{
    long *regs = (long *)context->uc_mcontext.gregs;
    __quasi_ledger_fork_prepare();
    __quasi_memguard_fork_prepare();
    long r = call(SYS_clone, (long[6]){ flags & ~(unsigned long)CLONE_VM, 0, arg[2], arg[3], arg[4], 0 });
    if (r) {
        __quasi_memguard_fork_parent();
        __quasi_ledger_fork_parent();
        int thread = (int)r;
        if (!failed(r) && (flags & CLONE_PARENT_SETTID) && replaced(arg[2], sizeof thread)) /* the kernel could not */
            copy(arg[2], &thread, NULL, sizeof thread, context);
    } else {
        __quasi_memguard_fork_child();
        __quasi_ledger_fork_child();
        int thread = (int)call4(SYS_gettid, 0, 0, 0, 0);
        if ((flags & CLONE_CHILD_SETTID) && replaced(arg[3], sizeof thread))
            copy(arg[3], &thread, NULL, sizeof thread, context);
        if (arg[1])
            regs[REG_RSP] = arg[1];
        dispatch();
    }
    return r;
}

/* clone_call handles clone and clone3. It returns 1 if the call is made by a stub. */
static int clone_call(long nr, long *arg, ucontext_t *context, long *r)
{
    unsigned long flags = arg[0];
    long a[6] = { 0, arg[1], arg[2], arg[3], arg[4], 0 };
    if (nr == SYS_clone3) {
        const struct clone_args *c = (const struct clone_args *)arg[0];
        flags = c->flags | c->exit_signal;
        a[1] = c->stack ? (long)(c->stack + c->stack_size) : 0;
        a[2] = c->parent_tid;
        a[3] = c->child_tid;
        a[4] = c->tls;
        if (!(flags & CLONE_VM) && (c->flags >> 32 || c->set_tid_size)) {
            *r = -ENOSYS; /* a caller that can do without it falls back to clone */
            return 0;
        }
    }
    if (!(flags & CLONE_VM) || ((flags & CLONE_VFORK) && !a[1])) {
        *r = new_process(flags, a, context);
        return 0;
    }
    if ((flags & CLONE_THREAD) && nr == SYS_clone3) {
        const struct clone_args *c = (const struct clone_args *)arg[0];
        __quasi_stack_begins(c->stack, c->stack + c->stack_size);
    } else if ((flags & CLONE_THREAD) && a[1]) { /* it does not say how large the stack is */
        __quasi_stack_begins(a[1] - (64 << 10), a[1]);
    }
    long *regs = (long *)context->uc_mcontext.gregs;
    unsigned char *p = stub(regs[REG_RIP], flags & CLONE_THREAD ? quasi_interpose_new_thread : quasi_interpose_new_process);
    if (!p) {
        *r = -ENOSYS;
        return 0;
    }
    regs[REG_RAX] = nr;
    regs[REG_RIP] = (long)p;
    return 1;
}

/* Memory. */

/* memory_ends is for memory that the program is about to unmap, or to map anew. */
static void memory_ends(uintptr_t addr, size_t size)
{
    if (!size)
        return;
    __quasi_stacks_end(addr, size);
    __quasi_instances_end((const void *)addr, size);
    __quasi_memguard_unmapped((const void *)addr, size);
}

/* memory_changes is for memory whose mapping the program changes: it has none of MemGuard's first. */
static void memory_changes(uintptr_t addr, size_t size)
{
    if (!size)
        return;
    __quasi_instances_end((const void *)addr, size);
    __quasi_memguard_give_back((const void *)addr, size);
}

static long change_break(long *arg)
{
    uintptr_t now = call4(SYS_brk, 0, 0, 0, 0);
    if (arg[0] && (uintptr_t)arg[0] < now)
        memory_ends(arg[0], now - arg[0]);
    return call(SYS_brk, arg);
}

/* System calls. */

static long with_action(long *arg, const ucontext_t *context)
{
    struct action old;
    if (arg[3] != KERNEL_MASK)
        return -EINVAL;
    long r = set_action(arg[0], (const struct action *)arg[1], arg[2] ? &old : NULL);
    if (!r && arg[2])
        copy(arg[2], &old, NULL, sizeof old, context);
    return r;
}

static long alternate_stack(const long *arg, ucontext_t *context)
{
    const stack_t *new = (const stack_t *)arg[0];
    stack_t old = context->uc_stack;
    uintptr_t sp = context->uc_mcontext.gregs[REG_RSP];
    int on = !(old.ss_flags & SS_DISABLE) && sp - (uintptr_t)old.ss_sp < old.ss_size;
    old.ss_flags = on ? SS_ONSTACK : old.ss_flags & SS_DISABLE;
    if (new) {
        if (on)
            return -EPERM;
        if (!(new->ss_flags & SS_DISABLE)) { /* MemGuard's stays otherwise */
            if (new->ss_size < 2048)
                return -ENOMEM;
            context->uc_stack = *new; /* the handler's return sets it */
        }
    }
    if (arg[1])
        copy(arg[1], &old, NULL, sizeof old, context);
    return 0;
}

static void last_words(int status)
{
    __quasi_report();
    if (__quasi_exit_code(status) != status)
        call4(SYS_exit_group, __quasi_exit_code(status), 0, 0, 0);
}

/* One system call. It returns 1 if the program is to go on as context says. */
static int handle(long nr, long *arg, ucontext_t *context, long *r)
{
    uint64_t mask;
    switch (nr) {
    case SYS_rt_sigreturn: /* of a handler from before */
        __quasi_program_calls = 1;
        __asm__ volatile("mov %0, %%rsp\n jmp *%1" ::"r"(context->uc_mcontext.gregs[REG_RSP]), "r"(passing) : "memory");
        __builtin_unreachable();
    case SYS_clone:
    case SYS_clone3:
        return clone_call(nr, arg, context, r);
    case SYS_fork:
    case SYS_vfork:
        *r = new_process(SIGCHLD | (nr == SYS_vfork ? CLONE_VFORK : 0), (long[6]){ 0 }, context);
        return 0;
    case SYS_exit:
        __quasi_memguard_thread_ends();
        break;
    case SYS_exit_group:
        last_words(arg[0]);
        break;
    case SYS_execve:
    case SYS_execveat:
        __quasi_report();
        break;
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
        if (arg[nr == SYS_tgkill ? 2 : 1] == SIGABRT && !actions[SIGABRT].handler && arg[0] == call4(SYS_getpid, 0, 0, 0, 0))
            __quasi_report();
        break;
    case SYS_rt_sigaction:
        *r = with_action(arg, context);
        return 0;
    case SYS_rt_sigprocmask:
        *r = arg[3] != KERNEL_MASK ? -EINVAL : set_mask(arg[0], (const uint64_t *)arg[1], arg[2] ? &mask : NULL, context);
        if (!*r && arg[2])
            copy(arg[2], &mask, NULL, sizeof mask, context);
        return 0;
    case SYS_sigaltstack:
        *r = alternate_stack(arg, context);
        return 0;
    case SYS_rt_sigsuspend:
        *r = with_mask(nr, arg, 0, context);
        return 0;
    case SYS_ppoll:
        *r = with_mask(nr, arg, 3, context);
        return 0;
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
        *r = with_mask(nr, arg, 4, context);
        return 0;
    case SYS_pselect6: {
        uint64_t pair[2] = { 0, 0 }, was = arg[5];
        if (was) {
            memcpy(pair, (const void *)was, sizeof pair);
            if (pair[0]) {
                mask = *(const uint64_t *)pair[0] & ~OWN_SIGNALS;
                pair[0] = (uintptr_t)&mask;
            }
            arg[5] = (long)pair;
        }
        *r = writing(nr, arg, context);
        arg[5] = was;
        return 0;
    }
    case SYS_munmap:
        memory_ends(arg[0], arg[1]);
        break;
    case SYS_mmap:
        if (arg[3] & MAP_FIXED)
            memory_ends(arg[0], arg[1]);
        break;
    case SYS_mremap:
        memory_changes(arg[0], arg[1]);
        if (arg[3] & MREMAP_FIXED)
            memory_ends(arg[4], arg[2]);
        break;
    case SYS_mprotect:
    case SYS_pkey_mprotect:
        memory_changes(arg[0], arg[1]);
        break;
    case SYS_madvise:
        if (arg[2] == MADV_DONTNEED || arg[2] == MADV_FREE || arg[2] == MADV_REMOVE)
            memory_changes(arg[0], arg[1]);
        break;
    case SYS_brk:
        *r = change_break(arg);
        return 0;
    }
    *r = writing(nr, arg, context);
    if (*r == -EFAULT)
        explain(nr, arg);
    return 0;
}

/* on_call is the handler of SIGSYS. */
static void on_call(int sig, siginfo_t *info, void *frame)
{
    unsigned char was = __quasi_program_calls;
    __quasi_program_calls = 0;
    int saved = errno;
    ucontext_t *context = frame;
    long *regs = (long *)context->uc_mcontext.gregs;
    if (info->si_code != DISPATCHED) { /* the program's own matter */
        if (has_handler(&actions[sig]))
            on_signal(sig, info, frame);
        errno = saved;
        __quasi_program_calls = was;
        return;
    }
    long arg[6] = { regs[REG_RDI], regs[REG_RSI], regs[REG_RDX], regs[REG_R10], regs[REG_R8], regs[REG_R9] };
    long r = 0;
    if (!handle(info->si_syscall, arg, context, &r))
        regs[REG_RAX] = r;
    errno = saved;
    __quasi_program_calls = 1;
}

int __quasi_interpose(void)
{
    static const unsigned char sigreturn[] = { 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05 }; /* unwinders know it by its bytes */
    void *warm[2];
    backtrace(warm, 2); /* loads what it needs */
    passing = mmap(NULL, PASSING, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (passing == MAP_FAILED)
        return 0;
    memcpy(passing, sigreturn, sizeof sigreturn);
    if (!dispatch())
        return 0;
    for (int sig = 1; sig < SIGNALS; sig++) {
        struct action was;
        if (failed(call4(SYS_rt_sigaction, sig, 0, (long)&was, KERNEL_MASK)))
            continue;
        if ((OWN_SIGNALS & bit(sig)) && sig != SIGSYS && has_handler(&was)) {
            struct sigaction before = { 0 }; /* MemGuard */
            trap_handlers[sig] = was;
            if (sig == SIGSEGV ? __quasi_memguard_sigaction(NULL, &before) : __quasi_memguard_sigaction_trap(NULL, &before))
                return 0;
            actions[sig] = (struct action){ .handler = before.sa_sigaction, .flags = before.sa_flags };
            memcpy(&actions[sig].mask, &before.sa_mask, sizeof actions[sig].mask);
            hand_over(sig, actions[sig].mask);
            install(sig, on_trap, was.flags, was.mask);
        } else if (sig == SIGSYS) {
            actions[sig] = was;
            install(sig, on_call, SA_NODEFER, 0);
        } else if (has_handler(&was)) {
            set_action(sig, &was, NULL);
        } else {
            actions[sig] = was;
        }
    }
    __quasi_program_calls = 1;
    return 1;
}

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
#include "interpose.h"

#include <errno.h>
#include <execinfo.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { SUD_ON = 1, SUD = 59 /* PR_SET_SYSCALL_USER_DISPATCH */, DISPATCHED = 2 /* SYS_USER_DISPATCH */ };
enum { PASSING = 4096, STUB = 48, SIGNALS = 65, KERNEL_MASK = 8 };
#define RESTORER 0x04000000ul /* SA_RESTORER of the kernel */

static unsigned char *passing; /* system calls from this page pass: sigreturn, then stubs */
static int stubs;

/* given reports whether what an argument points to, if that is anything, can be read. */
static int given(long arg, size_t size) { return !arg || __quasi_interpose_readable(arg, size) == size; }

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
    if (!given(was, sizeof mask))
        return -EFAULT;
    if (was) {
        mask = *(const uint64_t *)was & ~OWN_SIGNALS;
        arg[i] = (long)&mask;
    }
    long r = __quasi_interpose_writing(nr, arg, context);
    arg[i] = was;
    return r;
}

/* Processes and threads. */

static long dispatch(void)
{
    return call(SYS_prctl, (long[6]){ SUD, SUD_ON, (long)passing, PASSING, (long)&__quasi_program_calls, 0 });
}

/* not_dispatched says that the program has seen to it that it has no dispatch in new threads or processes. */
static void not_dispatched(void)
{
    static atomic_int said;
    if (!atomic_exchange(&said, 1))
        __quasi_say("system calls of a new thread or process are not watched: the program forbids it");
}

/* A thread begins here, on its own stack, and goes on where its creator has meant it to. */
__attribute__((used, visibility("hidden"))) void quasi_interpose_thread(void)
{
    __quasi_program_calls = 0;
    __quasi_memguard_thread_starts();
    if (dispatch())
        not_dispatched();
    else
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
        if (!failed(r) && (flags & CLONE_PARENT_SETTID)) /* the kernel may not have been able to */
            __quasi_interpose_put(arg[2], &thread, NULL, sizeof thread, context);
    } else {
        __quasi_memguard_fork_child();
        __quasi_ledger_fork_child();
        int thread = (int)call4(SYS_gettid, 0, 0, 0, 0);
        if (flags & CLONE_CHILD_SETTID)
            __quasi_interpose_put(arg[3], &thread, NULL, sizeof thread, context);
        if (arg[1])
            regs[REG_RSP] = arg[1];
        if (dispatch())
            not_dispatched();
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
        if (!c || !given(arg[0], CLONE_ARGS_SIZE_VER0)) {
            *r = -EFAULT;
            return 0;
        }
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
    atomic_store(&__quasi_interpose_threads, 1);
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
    __quasi_memguard_give_back((const void *)addr, size);
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
    if (!given(arg[1], sizeof old))
        return -EFAULT;
    long r = set_action(arg[0], (const struct action *)arg[1], arg[2] ? &old : NULL);
    return !r && arg[2] ? __quasi_interpose_put(arg[2], &old, NULL, sizeof old, context) : r;
}

static long alternate_stack(const long *arg, ucontext_t *context)
{
    const stack_t *new = (const stack_t *)arg[0];
    stack_t old = context->uc_stack;
    uintptr_t sp = context->uc_mcontext.gregs[REG_RSP];
    int on = !(old.ss_flags & SS_DISABLE) && sp - (uintptr_t)old.ss_sp < old.ss_size;
    old.ss_flags = on ? SS_ONSTACK : old.ss_flags & SS_DISABLE;
    if (!given(arg[0], sizeof *new))
        return -EFAULT;
    if (new) {
        if (on)
            return -EPERM;
        if (!(new->ss_flags & SS_DISABLE)) { /* MemGuard's stays otherwise */
            if (new->ss_size < 2048)
                return -ENOMEM;
            context->uc_stack = *new; /* the handler's return sets it */
        }
    }
    return arg[1] ? __quasi_interpose_put(arg[1], &old, NULL, sizeof old, context) : 0;
}

/* The program ends, or becomes another. */
static void report(void)
{
    __quasi_report();
    __quasi_memguard_write_log();
}

static void last_words(int status)
{
    report();
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
        __quasi_interpose_thread_locks_end();
        __quasi_memguard_thread_ends();
        break;
    case SYS_futex:
        *r = __quasi_interpose_futex(arg);
        return 0;
    case SYS_exit_group:
        last_words(arg[0]);
        break;
    case SYS_execve:
    case SYS_execveat:
        report();
        break;
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
        if (arg[nr == SYS_tgkill ? 2 : 1] == SIGABRT && !actions[SIGABRT].handler && arg[0] == call4(SYS_getpid, 0, 0, 0, 0))
            report();
        break;
    case SYS_rt_sigaction:
        *r = with_action(arg, context);
        return 0;
    case SYS_rt_sigprocmask:
        *r = arg[3] != KERNEL_MASK ? -EINVAL : !given(arg[1], sizeof mask) ? -EFAULT : set_mask(arg[0], (const uint64_t *)arg[1], arg[2] ? &mask : NULL, context);
        if (!*r && arg[2])
            *r = __quasi_interpose_put(arg[2], &mask, NULL, sizeof mask, context);
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
        *r = -EFAULT;
        if (!given(was, sizeof pair))
            return 0;
        if (was) {
            memcpy(pair, (const void *)was, sizeof pair);
            if (!given(pair[0], sizeof mask))
                return 0;
            if (pair[0]) {
                mask = *(const uint64_t *)pair[0] & ~OWN_SIGNALS;
                pair[0] = (uintptr_t)&mask;
            }
            arg[5] = (long)pair;
        }
        *r = __quasi_interpose_writing(nr, arg, context);
        arg[5] = was;
        return 0;
    }
    case SYS_prctl:
        if (arg[0] == SUD) { /* there is one for each thread */
            *r = -EINVAL;
            return 0;
        }
        break;
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
    *r = __quasi_interpose_writing(nr, arg, context);
    if (*r == -EFAULT)
        __quasi_interpose_explain(nr, arg);
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
        return errno;
    memcpy(passing, sigreturn, sizeof sigreturn);
    long r = dispatch();
    if (r)
        return (int)-r;
    for (int sig = 1; sig < SIGNALS; sig++) {
        struct action was;
        if (failed(call4(SYS_rt_sigaction, sig, 0, (long)&was, KERNEL_MASK)))
            continue;
        if ((OWN_SIGNALS & bit(sig)) && sig != SIGSYS && has_handler(&was)) {
            struct sigaction before = { 0 }; /* MemGuard */
            trap_handlers[sig] = was;
            if (sig == SIGSEGV ? __quasi_memguard_sigaction(NULL, &before) : __quasi_memguard_sigaction_trap(NULL, &before))
                return errno;
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
    return 0;
}

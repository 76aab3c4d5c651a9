/*
 * memguard_trap.c: the handler of SIGSEGV: whose fault it is, and what becomes of those
 * that are the program's (T6).
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <string.h>
#include <sys/mman.h>

extern const char __quasi_memguard_probes[], __quasi_memguard_probes_end[], __quasi_memguard_probe_fails[];
extern const char __quasi_memguard_try_fails[], __quasi_memguard_entered[];

enum { WRITE_FAULT = 2 }; /* of REG_ERR */

/* What the kernel delivers must get through. */
static const uint64_t unblocked = 1ull << (SIGSEGV - 1) | 1ull << (SIGTRAP - 1) | 1ull << (SIGSYS - 1);

static void default_action(int sig)
{
    uint64_t action[4] = { 0 }; /* as the kernel has it */
    call4(SYS_rt_sigaction, sig, (long)action, 0, 8);
}

/* by_default has a signal do what it does where nobody handles it: at the next fault, or at once if it was sent. */
static void by_default(struct memguard *m, int sig, const siginfo_t *info)
{
    if (atomic_load_explicit(&m->owner, memory_order_relaxed) != self()) { /* it may have been sent at any moment */
        lock(m);
        __quasi_memguard_flush(m, 1);
        unlock(m);
    }
    default_action(sig);
    if (info->si_code <= 0 || sig == SIGTRAP)
        call4(SYS_rt_tgsigqueueinfo, call1(SYS_getpid, 0), call1(SYS_gettid, 0), sig, (long)info);
}

/*
 * chain calls the program's own handler, as the kernel would but for two things: it runs on
 * this stack, and SIGSEGV stays unblocked. The lock is not held.
 */
void __quasi_memguard_chain(struct memguard *m, int sig, struct sigaction *program, siginfo_t *info, ucontext_t *uc)
{
    struct sigaction act = *program;
    if (act.sa_handler == SIG_IGN && info->si_code <= 0)
        return;
    if (act.sa_handler == SIG_DFL || act.sa_handler == SIG_IGN) {
        by_default(m, sig, info);
        return;
    }
    if (act.sa_flags & SA_RESETHAND)
        program->sa_handler = SIG_DFL;
    uint64_t blocked, more;
    memcpy(&blocked, &uc->uc_sigmask, sizeof blocked);
    memcpy(&more, &act.sa_mask, sizeof more);
    blocked = (blocked | more) & ~unblocked;
    call4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&blocked, 0, 8);
    if (act.sa_flags & SA_SIGINFO)
        act.sa_sigaction(sig, info, uc);
    else
        act.sa_handler(sig);
}

static void chain(struct memguard *m, siginfo_t *info, ucontext_t *uc)
{
    __quasi_memguard_chain(m, SIGSEGV, &m->program, info, uc);
}

/* A thread without an alternate stack has one when it returns. */
static void prepare_thread(struct memguard *m, ucontext_t *uc)
{
    if (uc->uc_stack.ss_flags & SS_DISABLE)
        __quasi_memguard_take_stack(m, &uc->uc_stack);
    sigdelset(&uc->uc_sigmask, SIGSEGV);
}

static void hears(struct memguard *m, int generation)
{
    uint64_t heard = atomic_load(&m->heard);
    while (heard >> 32 == (uint32_t)generation && !atomic_compare_exchange_weak(&m->heard, &heard, heard + 1))
        ;
}

/*
 * stop has the thread stand still while it should. Of signals that are sent in the meantime one is kept,
 * until this one's handler returns: they would pile up on the stack if they came before a thread
 * that may go on does so.
 */
static void stop(struct memguard *m)
{
    uint64_t segv = 1ull << (SIGSEGV - 1);
    int generation, last = 0;
    call4(SYS_rt_sigprocmask, SIG_BLOCK, (long)&segv, 0, 8);
    while ((generation = atomic_load(&m->stop_generation)) & 1) {
        if (generation != last)
            hears(m, generation);
        last = generation;
        call4(SYS_futex, (long)&m->stop_generation, FUTEX_WAIT_PRIVATE, generation, 0);
    }
}

static void serve(struct memguard *m, const siginfo_t *info, ucontext_t *uc)
{
    /* the kernel keeps one signal: a request may have been dropped for an earlier one */
    prepare_thread(m, uc);
    if (info->si_errno - REQUEST_MARK == REQUEST_PREPARE)
        hears(m, info->si_value.sival_int);
    stop(m);
}

static int is_request(const siginfo_t *info)
{
    return info->si_code == SI_QUEUE && info->si_errno >= REQUEST_MARK && info->si_errno <= REQUEST_MARK + REQUEST_PREPARE &&
           info->si_pid == call1(SYS_getpid, 0);
}

/* tell calls the program's function for each hit of this thread. */
void __quasi_memguard_tell(struct memguard *m)
{
    struct quasi_memguard_hit hit;
    int thread = (int)call1(SYS_gettid, 0);
    void (*f)(const struct quasi_memguard_hit *, void *) = m->on_hit;
    while (f) {
        lock(m);
        int taken = __quasi_memguard_take(m, thread, &hit);
        unlock(m);
        if (!taken)
            return;
        f(&hit, m->on_hit_data);
    }
}

enum { PATIENCE = 2000 };

/*
 * make_room waits for threads that have not told their hits yet, and keep the ring from moving on;
 * but not for ever: one may be waiting for this thread. The lock is held, and let go meanwhile.
 */
static void make_room(struct memguard *m)
{
    for (int i = 0; m->next_hit - m->first_hit > HIT_ROOM / 2 && i < PATIENCE; i++) {
        __quasi_memguard_flush(m, 0);
        if (m->next_hit - m->first_hit <= HIT_ROOM / 2)
            return;
        unlock(m);
        call1(SYS_sched_yield, 0);
        lock(m);
    }
}

enum outcome { COMPLETED, CHAIN, STEPPING };

static enum outcome fork_writes(struct guarded_page *page)
{
    page->written = 1;
    call3(SYS_mprotect, (long)page->page, PAGE, PROT_READ | PROT_WRITE | (page->executable ? PROT_EXEC : 0));
    return COMPLETED;
}

/* complete does what faulted at addr, with the lock held. */
static enum outcome complete(struct memguard *m, siginfo_t *info, ucontext_t *uc, uintptr_t addr)
{
    struct guarded_page *page = find_page(m, addr);
    if (m->step.owner) {
        if (page && __quasi_memguard_step_more(m, page))
            return STEPPING;
        __quasi_memguard_step_ends(m, uc); /* the instruction has a fault of its own */
        return CHAIN;
    }
    if (m->forking && page) /* its own memory for now, and this is the thread that forks */
        return fork_writes(page);
    if (!page || !page->terms) { /* it may have been released, or given back, since the fault */
        struct vma v;
        return __quasi_memguard_vma(addr, &v) > 0 && v.writable ? COMPLETED : CHAIN;
    }
    if (info->si_code == SEGV_MAPERR) { /* the program has unmapped it */
        __quasi_memguard_drop(m, addr, PAGE);
        return CHAIN;
    }
    uintptr_t fault = 0;
    switch (__quasi_memguard_execute(m, uc, &fault)) {
    case 0: return __quasi_memguard_step(m, uc, page) ? STEPPING : CHAIN;
    case 1: return COMPLETED;
    }
    info->si_addr = (void *)fault;
    return CHAIN;
}

void __quasi_memguard_on_segv(int sig, siginfo_t *info, void *context)
{
    struct memguard *m = __quasi_memguard;
    ucontext_t *uc = context;
    const char *rip = (const char *)uc->uc_mcontext.gregs[REG_RIP];
    (void)sig;
    if (rip >= __quasi_memguard_probes && rip < __quasi_memguard_probes_end && info->si_code > 0) {
        uc->uc_mcontext.gregs[REG_RIP] = (greg_t)__quasi_memguard_probe_fails;
        return;
    }
    if (rip == (const char *)__quasi_memguard_enter && info->si_code > 0) {
        struct request *r = (struct request *)uc->uc_mcontext.gregs[REG_RDI];
        uc->uc_mcontext.gregs[REG_RIP] = (greg_t)__quasi_memguard_entered;
        r->run(m, r, uc);
        return;
    }
    if (is_request(info)) {
        serve(m, info, uc);
        return;
    }
    int mine = atomic_load_explicit(&m->owner, memory_order_relaxed) == self();
    int stepping = mine && m->step.owner == self();
    if (mine && m->trying && info->si_code > 0) {
        uc->uc_mcontext.gregs[REG_RIP] = (greg_t)__quasi_memguard_try_fails;
        uc->uc_mcontext.gregs[REG_RSP] = (greg_t)m->trying;
        return;
    }
    if (mine && !stepping && info->si_code > 0 && !atomic_load(&m->forking)) { /* a defect of MemGuard's own */
        default_action(SIGSEGV);
        return;
    }
    if ((info->si_code != SEGV_MAPERR && info->si_code != SEGV_ACCERR) ||
        !(uc->uc_mcontext.gregs[REG_ERR] & WRITE_FAULT)) {
        if (stepping && info->si_code > 0) { /* the instruction has a fault of its own */
            __quasi_memguard_step_ends(m, uc);
            unlock(m);
        }
        chain(m, info, uc);
        return;
    }
    struct quasi_memguard_hit hit;
    if (!mine)
        lock(m);
    if (!mine && m->on_hit)
        make_room(m);
    uint64_t hits = m->hits;
    enum outcome o = complete(m, info, uc, (uintptr_t)info->si_addr);
    hits = m->hits - hits;
    if (uc->uc_stack.ss_flags & SS_DISABLE)
        __quasi_memguard_take_stack(m, &uc->uc_stack);
    int held = mine && atomic_load(&m->forking);
    void (*f)(const struct quasi_memguard_hit *, void *) = hits && o == COMPLETED && !held ? m->on_hit : NULL;
    int taken = f && __quasi_memguard_take(m, (int)call1(SYS_gettid, 0), &hit);
    if (!held && o != STEPPING)
        unlock(m);
    if (o == CHAIN)
        chain(m, info, uc);
    else if (taken)
        f(&hit, m->on_hit_data);
    if (f && hits > 1)
        __quasi_memguard_tell(m);
}

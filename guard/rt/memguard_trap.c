/*
 * memguard_trap.c: the handler of SIGSEGV: whose fault it is, and what becomes of those
 * that are the program's (T6).
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <string.h>

extern const char __quasi_memguard_probes[], __quasi_memguard_probes_end[], __quasi_memguard_probe_fails[];
extern const char __quasi_memguard_try_fails[], __quasi_memguard_entered[];

enum { WRITE_FAULT = 2 }; /* of REG_ERR */

/* What the kernel delivers must get through. */
static const uint64_t unblocked = 1ull << (SIGSEGV - 1) | 1ull << (SIGTRAP - 1) | 1ull << (SIGSYS - 1);

static void default_action(int sig)
{
    struct action action = { 0 };
    call4(SYS_rt_sigaction, sig, (long)&action, 0, 8);
}

static void send_self(int sig, const siginfo_t *info)
{
    call4(SYS_rt_tgsigqueueinfo, call1(SYS_getpid, 0), this_thread(), sig, (long)info);
}

/* defer keeps one signal, as the kernel does. */
void __quasi_memguard_defer(struct memguard *m, const siginfo_t *info)
{
    m->deferred = *info;
    atomic_store(&m->deferred_thread, this_thread());
}

void __quasi_memguard_deliver(struct memguard *m)
{
    siginfo_t info = m->deferred;
    int me = this_thread();
    if (atomic_compare_exchange_strong(&m->deferred_thread, &me, 0))
        send_self(info.si_signo, &info);
}

/* by_default has a signal do what it does where nobody handles it: at the next fault, or at once if it was sent. */
static void by_default(struct memguard *m, int sig, const siginfo_t *info)
{
    if (!has_lock(m)) { /* it may fork */
        lock(m);
        __quasi_memguard_flush(m, 1);
        unlock(m);
    }
    default_action(sig);
    if (info->si_code <= 0 || sig == SIGTRAP)
        send_self(sig, info);
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

/* taken is a hit of this thread for the program's function; NULL: there is none. With the lock. */
struct taken {
    void (*on_hit)(const struct quasi_memguard_hit *, void *);
    void *data;
    struct quasi_memguard_hit hit;
};

static int take(struct memguard *m, struct taken *t)
{
    t->on_hit = m->on_hit;
    t->data = m->on_hit_data;
    return t->on_hit && __quasi_memguard_take(m, holder(m), &t->hit);
}

/* tell calls the program's function for each hit of this thread. */
void __quasi_memguard_tell(struct memguard *m)
{
    struct taken t;
    for (;;) {
        lock(m);
        int some = take(m, &t);
        unlock(m);
        if (!some)
            return;
        t.on_hit(&t.hit, t.data);
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
    if (page && info->si_code == SEGV_MAPERR) { /* the program has unmapped it */
        __quasi_memguard_drop(m, page->page);
        return CHAIN;
    }
    if (!page || (!page->terms && !m->forking)) { /* it may have been released, or given back, since the fault */
        if (__quasi_memguard_touch((void *)addr))
            return COMPLETED;
        if (!page || !page->stuck)
            return CHAIN;
        page->stuck = call3(SYS_mprotect, page->page, PAGE, page_protection(page, 1)) != 0;
        if (!page->stuck)
            return COMPLETED;
    }
    uintptr_t fault = 0;
    switch (__quasi_memguard_execute(m, uc, &fault)) {
    case 0: return __quasi_memguard_step(m, uc, page) ? STEPPING : CHAIN;
    case 1: return COMPLETED;
    }
    info->si_addr = (void *)fault;
    return CHAIN;
}

/* by_alias: a sanctioned write, while another thread forks. */
static int by_alias(struct memguard *m, const ucontext_t *uc, uintptr_t addr)
{
    for (uint32_t i = 0; i < m->arenas && is_sanctioned(uc); i++)
        if (addr - (uintptr_t)m->arena[i] - SANCTIONED < SANCTIONED)
            return 1;
    return 0;
}

/* write_fault completes a write. The lock is held if it is mine: the thread forks, or executes one instruction. */
static void write_fault(struct memguard *m, siginfo_t *info, ucontext_t *uc, int mine)
{
    uintptr_t addr = (uintptr_t)info->si_addr;
    if (!mine) {
        lock(m);
        if (by_alias(m, uc, addr)) { /* it is done again */
            unlock(m);
            return;
        }
        if (m->on_hit)
            make_room(m);
    }
    struct taken t;
    uint64_t hits = m->hits;
    enum outcome o = complete(m, info, uc, addr);
    hits = m->hits - hits;
    if (uc->uc_stack.ss_flags & SS_DISABLE)
        __quasi_memguard_take_stack(m, &uc->uc_stack);
    if (atomic_load(&m->forking)) { /* hits are told afterwards */
        if (o == CHAIN)
            chain(m, info, uc);
        return;
    }
    int some = hits && o == COMPLETED && take(m, &t);
    if (o != STEPPING)
        unlock(m);
    if (o == CHAIN)
        chain(m, info, uc);
    else if (some)
        t.on_hit(&t.hit, t.data);
    if (some && hits > 1)
        __quasi_memguard_tell(m);
}

void __quasi_memguard_on_segv(int sig, siginfo_t *info, void *context)
{
    struct memguard *m = __quasi_memguard;
    ucontext_t *uc = context;
    const char *rip = (const char *)uc->uc_mcontext.gregs[REG_RIP];
    int fault = info->si_code > 0; /* else it was sent */
    (void)sig;
    if (__quasi_memguard_is_asked(m, info)) {
        __quasi_memguard_answer(m, uc); /* a fault comes again */
        return;
    }
    if (fault && rip >= __quasi_memguard_probes && rip < __quasi_memguard_probes_end) {
        uc->uc_mcontext.gregs[REG_RIP] = (greg_t)__quasi_memguard_probe_fails;
        return;
    }
    int mine = has_lock(m), forking = mine && atomic_load(&m->forking), stepping = mine && m->step.owner;
    if (forking && __quasi_memguard_in_child(m)) {
        __quasi_memguard_begin_child(m, uc);
        if (fault)
            return;
        mine = forking = 0;
    }
    if (fault && rip == (const char *)__quasi_memguard_enter) {
        struct request *r = (struct request *)uc->uc_mcontext.gregs[REG_RDI];
        uc->uc_mcontext.gregs[REG_RIP] = (greg_t)__quasi_memguard_entered;
        r->run(m, r, uc);
        return;
    }
    if (mine && !fault && !forking) {
        __quasi_memguard_defer(m, info);
        return;
    }
    if (mine && m->trying && fault) {
        uc->uc_mcontext.gregs[REG_RIP] = (greg_t)__quasi_memguard_try_fails;
        uc->uc_mcontext.gregs[REG_RSP] = (greg_t)m->trying;
        return;
    }
    if (mine && !stepping && fault && !forking) { /* a defect of MemGuard's own */
        default_action(SIGSEGV);
        return;
    }
    if ((info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR) && (uc->uc_mcontext.gregs[REG_ERR] & WRITE_FAULT)) {
        write_fault(m, info, uc, mine);
        return;
    }
    if (stepping && fault) { /* the instruction has a fault of its own */
        __quasi_memguard_step_ends(m, uc);
        if (!forking)
            unlock(m);
    }
    chain(m, info, uc);
}

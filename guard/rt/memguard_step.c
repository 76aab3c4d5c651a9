/*
 * memguard_step.c: instructions that MemGuard cannot execute elsewhere (T7).
 *
 * All other threads stand still (memguard_threads.c), the pages are opened, the processor
 * executes the one instruction and traps.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <string.h>

enum { TRAP_FLAG = 0x100 };
int __quasi_memguard_step_more(struct memguard *m, struct guarded_page *page)
{
    struct single_step *s = &m->step;
    if (s->pages == STEP_PAGES || call3(SYS_mprotect, (long)page->page, PAGE, page_protection(page, 1)))
        return 0;
    memcpy(s->before[s->pages], page->alias, PAGE);
    s->page[s->pages++] = page;
    return 1;
}

/* step lets the instruction at hand go on with its page open; the lock stays held until it has trapped. */
int __quasi_memguard_step(struct memguard *m, ucontext_t *uc, struct guarded_page *page)
{
    struct single_step *s = &m->step;
    __quasi_memguard_stop_others(m);
    s->pages = 0;
    if (!__quasi_memguard_step_more(m, page)) {
        __quasi_memguard_step_ends(m, NULL);
        return 0;
    }
    static const uint64_t heard = 1ull << (SIGSEGV - 1) | 1ull << (SIGTRAP - 1);
    uint64_t blocked = ~heard;
    memcpy(&s->mask, &uc->uc_sigmask, sizeof s->mask);
    memcpy(&uc->uc_sigmask, &blocked, sizeof blocked);
    s->flags = uc->uc_mcontext.gregs[REG_EFL];
    s->rip = uc->uc_mcontext.gregs[REG_RIP];
    uc->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
    atomic_store(&s->owner, this_thread());
    return 1;
}

/* report makes a hit of each term of an open page whose bytes have changed. */
static void report(struct memguard *m, const struct single_step *s, unsigned n, const ucontext_t *uc)
{
    uintptr_t page = s->page[n]->page;
    for (size_t i = first_term(m, page); i < m->terms_used && m->terms[i].addr < page + PAGE; i++) {
        uintptr_t from = m->terms[i].addr > page ? m->terms[i].addr - page : 0;
        uintptr_t to = m->terms[i].end < page + PAGE ? m->terms[i].end - page : PAGE;
        const char *before = s->before[n], *after = s->page[n]->alias;
        while (from < to && before[from] == after[from])
            from++;
        while (to > from && before[to - 1] == after[to - 1])
            to--;
        if (from == to)
            continue;
        struct write w;
        __quasi_memguard_begin(m, &w, uc, page + from, to - from, NULL);
        for (uint64_t k = w.first; k < w.end; k++) {
            struct quasi_memguard_hit *h = &m->ring[k % HIT_ROOM];
            memcpy(h->before, before + from, h->saved);
            h->instruction = (const void *)s->rip;
        }
        __quasi_memguard_end(m, &w);
    }
}

/* step_ends closes the pages and lets the others go on. The lock is held, and stays so. */
void __quasi_memguard_step_ends(struct memguard *m, ucontext_t *uc)
{
    struct single_step *s = &m->step;
    for (unsigned i = 0; i < s->pages; i++) {
        uintptr_t page = s->page[i]->page;
        if (call3(SYS_mprotect, (long)page, PAGE, page_protection(s->page[i], 0)))
            __quasi_memguard_fails();
        if (atomic_load(&m->forking)) /* it is private memory */
            copy_bytes(s->page[i]->alias, (const void *)page, PAGE);
    }
    for (unsigned i = 0; i < s->pages; i++)
        report(m, s, i, uc);
    if (uc) {
        memcpy(&uc->uc_sigmask, &s->mask, sizeof s->mask);
        uc->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
        uc->uc_mcontext.gregs[REG_EFL] |= s->flags & TRAP_FLAG;
    }
    atomic_store(&s->owner, 0);
    __quasi_memguard_go_on(m);
}

void __quasi_memguard_on_trap(int sig, siginfo_t *info, void *context)
{
    struct memguard *m = __quasi_memguard;
    int mine = has_lock(m), forking = mine && atomic_load(&m->forking);
    if (mine && !forking && info->si_code <= 0) {
        __quasi_memguard_defer(m, info);
        return;
    }
    if (!mine || !m->step.owner || info->si_code <= 0) {
        __quasi_memguard_chain(m, sig, &m->program_trap, info, context);
        return;
    }
    uint64_t hits = m->hits;
    __quasi_memguard_step_ends(m, context);
    hits = m->hits - hits;
    if (forking)
        return;
    unlock(m);
    if (hits && m->on_hit)
        __quasi_memguard_tell(m);
}

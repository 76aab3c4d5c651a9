/*
 * memguard_fork.c: parent and child must not share what was private (T8).
 *
 * While a fork happens the pages with slots have private memory, so that the kernel
 * copies what is there at that moment; afterwards parent and child have slots again, each
 * their own. Other threads' writes wait meanwhile: for the lock, sanctioned ones too, whose
 * aliases are read-only. What the thread that forks writes, in handlers of pthread_atfork, is done
 * and reported as ever, and its page gets private memory anew (refresh).
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <string.h>

static int forks(struct memguard *m) { return atomic_load(&m->forking) && has_lock(m); }

int __quasi_memguard_in_child(const struct memguard *m) { return !*(volatile int *)m->mark; }

/* sanctioned has the aliases of sanctioned writes be written, or not. */
static void sanctioned(struct memguard *m, int writable)
{
    for (uint32_t i = 0; i < m->arenas; i++)
        call3(SYS_mprotect, (long)(m->arena[i] + SANCTIONED), SANCTIONED, PROT_READ | (writable ? PROT_WRITE : 0));
}

/*
 * The handlers may be registered twice, by enable and by wrappers: the first one of each kind does it. Signals
 * stay blocked until the lock is given back: a handler may want it.
 */
static void prepare(struct memguard *m, struct request *r, ucontext_t *uc)
{
    uint64_t blocked = ~(1ull << (SIGSEGV - 1) | 1ull << (SIGTRAP - 1) | 1ull << (SIGSYS - 1));
    (void)r;
    if (forks(m))
        return;
    lock(m);
    memcpy(&m->fork_mask, &uc->uc_sigmask, sizeof m->fork_mask);
    memcpy(&uc->uc_sigmask, &blocked, sizeof blocked);
    __asm__("mov %%fs:0, %0" : "=r"(m->forker));
    m->process = (int)call1(SYS_getpid, 0);
    *m->mark = 1;
    sanctioned(m, 0);
    for (uint32_t i = 0; i < m->pages_used; i++) {
        struct guarded_page *p = &m->pages[m->page_list[i]];
        if (p->page > 1 && !__quasi_memguard_shows_slot(p->page))
            __quasi_memguard_drop(m, p->page);
    }
    uint32_t i = 0;
    uintptr_t page;
    for (size_t n; (n = __quasi_memguard_next_run(m, &i, 0, ~0ul, &page));) {
        int common = !__quasi_memguard_make_private(m, page, n, 0);
        while (n--)
            find_page(m, page + n * PAGE)->common = common;
    }
    atomic_store(&m->forking, 1);
}

/* refresh: the pages show what has just been written. */
void __quasi_memguard_refresh(struct memguard *m, uintptr_t addr, size_t size)
{
    for (uintptr_t page = addr & -(uintptr_t)PAGE; page < addr + size; page += PAGE) {
        struct guarded_page *p = find_page(m, page);
        if (p && !p->common && !__quasi_memguard_make_private(m, page, 1, 0))
            __quasi_memguard_fails();
    }
}

/* show_slots has n pages show their slots, which nobody can write before the pages are read-only: their sanctioned aliases are. */
static int show_slots(struct memguard *m, uintptr_t page, size_t n)
{
    const struct guarded_page *p = find_page(m, page);
    const long size = (long)n * PAGE;
    if (failed(system_call(SYS_mremap, (long)(p->alias + SANCTIONED), 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, page, 0)))
        return 0;
    if (p->terms)
        return !p->executable || !call3(SYS_mprotect, page, size, page_protection(p, 0));
    int stuck = call3(SYS_mprotect, page, size, page_protection(p, 1)) != 0;
    for (size_t i = 0; i < n; i++)
        find_page(m, page + i * PAGE)->stuck = stuck;
    return 1;
}

/* restore gives pages slots that show what they do; in the child the slots are new. */
static void restore(struct memguard *m, int child)
{
    uint32_t entry = 0;
    uintptr_t page;
    for (size_t n; (n = __quasi_memguard_next_run(m, &entry, 0, ~0ul, &page));)
        for (size_t i = 0, k; i < n; i += k) {
            const struct guarded_page *p = find_page(m, page + i * PAGE), *q;
            for (k = 1; i + k < n; k++) {
                q = find_page(m, page + (i + k) * PAGE);
                if (q->alias != p->alias + k * PAGE || !q->terms != !p->terms || q->common != p->common)
                    break;
            }
            if (child && p->common) {
                __quasi_memguard_warn("a child of fork ends: its memory could not be made its own (vm.max_map_count)");
                call1(SYS_exit_group, 127);
            }
            for (size_t j = 0; child && j < k; j++)
                copy_bytes(p->alias + j * PAGE, (const void *)(page + (i + j) * PAGE), PAGE);
            if (!p->common && !show_slots(m, page + i * PAGE, k))
                __quasi_memguard_fails();
        }
    sanctioned(m, 1);
}

/* goes_on: the fork is done. */
static void goes_on(struct memguard *m, ucontext_t *uc)
{
    memcpy(&uc->uc_sigmask, &m->fork_mask, sizeof m->fork_mask);
    atomic_store(&m->forking, 0);
    unlock(m);
}

static void parent(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)r;
    if (!forks(m))
        return;
    restore(m, 0);
    goes_on(m, uc);
    if (m->on_hit)
        __quasi_memguard_tell(m);
}

/* new_slots replaces the parent's. */
static int new_slots(struct memguard *m)
{
    long fd = call3(SYS_memfd_create, (long)"quasi-memguard", MFD_CLOEXEC, 0);
    int done = fd >= 0 && !call3(SYS_ftruncate, fd, SANCTIONED * m->arenas, 0);
    for (uint32_t i = 0; i < m->arenas && done; i++)
        for (int k = 0; k < 2 && done; k++)
            done = !failed(system_call(SYS_mmap, (long)m->arena[i] + k * SANCTIONED, SANCTIONED, PROT_READ | (k ? 0 : PROT_WRITE),
                                       MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, SANCTIONED * i));
    if (fd >= 0)
        call1(SYS_close, fd);
    return done;
}

/* begin_child makes the child's memory its own, when it writes for the first time or wants something of MemGuard. */
void __quasi_memguard_begin_child(struct memguard *m, ucontext_t *uc)
{
    int me = this_thread(), before = holder(m);
    *m->mark = 1;
    m->lock = me;
    m->hits = m->lost = 0; /* those of the parent are the parent's */
    m->first_hit = m->next_hit;
    m->deferred_thread = 0;
    memset(m->standing, 0, sizeof m->standing);
    for (int i = 0; i < MOST_STACKS; i++) /* other threads are not here */
        if (m->stack_thread[i])
            m->stack_thread[i] = m->stack_thread[i] == before ? me : 0;
    if (new_slots(m))
        restore(m, 1);
    else
        __quasi_memguard_abandon(m);
    goes_on(m, uc);
}

static void child(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)m, (void)r, (void)uc; /* the fault that has brought it here has begun the child */
}

void __quasi_memguard_fork_prepare(void)
{
    struct request r = { .forks = 1 };
    if (__quasi_memguard)
        __quasi_memguard_run(prepare, &r);
}

void __quasi_memguard_fork_parent(void)
{
    struct request r = { .forks = 1 };
    if (__quasi_memguard)
        __quasi_memguard_run(parent, &r);
}

void __quasi_memguard_fork_child(void)
{
    struct request r = { .forks = 1 };
    if (__quasi_memguard)
        __quasi_memguard_run(child, &r);
}

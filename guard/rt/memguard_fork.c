/*
 * memguard_fork.c: parent and child must not share what was private (T8).
 *
 * While a fork happens the pages with slots have private memory, so that the kernel
 * copies what is there at that moment; afterwards parent and child have slots again, each
 * their own. Other threads' writes wait for the lock meanwhile. The thread that forks
 * writes into the private memory.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <string.h>
#include <sys/mman.h>

static int protection(const struct guarded_page *p, int writable)
{
    return PROT_READ | (writable ? PROT_WRITE : 0) | (p->executable ? PROT_EXEC : 0);
}

static int failed(long result) { return (unsigned long)result > -4096ul; }

int __quasi_memguard_make_private(struct guarded_page *p, int writable)
{
    uintptr_t page = p->page;
    if (failed(call3(SYS_mprotect, page, PAGE, protection(p, 0))))
        return 0;
    long made = system_call(SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (failed(made))
        return 0;
    copy_bytes((void *)made, p->alias, PAGE);
    if (!writable || p->executable)
        call3(SYS_mprotect, made, PAGE, protection(p, writable));
    if (failed(system_call(SYS_mremap, made, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page, 0))) {
        call3(SYS_munmap, made, PAGE, 0);
        return 0;
    }
    return 1;
}

int __quasi_memguard_map_slot(const struct guarded_page *p)
{
    uintptr_t page = p->page;
    if (failed(system_call(SYS_mremap, (long)p->alias, 0, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page, 0)))
        return 0;
    return (!p->terms && !p->executable) || !failed(call3(SYS_mprotect, page, PAGE, protection(p, !p->terms)));
}

/* The handlers may be registered twice, by enable and by wrappers: the first one of each kind does it. */
static int forks(struct memguard *m)
{
    return atomic_load(&m->forking) && atomic_load_explicit(&m->owner, memory_order_relaxed) == self();
}

static void prepare(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)r, (void)uc;
    if (forks(m))
        return;
    lock(m);
    for (uint32_t i = 0; i < m->pages_used; i++) {
        struct guarded_page *p = &m->pages[m->page_list[i]];
        if (p->page <= 1)
            continue;
        p->written = 0;
        if (!__quasi_memguard_make_private(p, 0))
            __quasi_memguard_drop(m, p->page, PAGE); /* it is no longer there */
    }
    atomic_store(&m->forking, 1);
}

/* The pages get their slots back; copied: from the private memory, in any case. */
static void restore(struct memguard *m, int copied)
{
    for (uint32_t i = 0; i < m->pages_used; i++) {
        struct guarded_page *p = &m->pages[m->page_list[i]];
        if (p->page <= 1)
            continue;
        if (p->written || copied) {
            call3(SYS_mprotect, p->page, PAGE, protection(p, 0));
            copy_bytes(p->alias, (const void *)p->page, PAGE);
        }
        if (!__quasi_memguard_map_slot(p))
            __quasi_memguard_drop(m, p->page, PAGE);
    }
    atomic_store(&m->forking, 0);
    unlock(m);
}

static void parent(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)r, (void)uc;
    if (forks(m))
        restore(m, 0);
}

static void child(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)uc;
    if (!forks(m))
        return;
    long fd = call3(SYS_memfd_create, (long)"quasi-memguard", MFD_CLOEXEC, 0);
    const long size = (long)ARENA_SLOTS * PAGE;
    r->result = fd < 0 || call3(SYS_ftruncate, fd, size * m->arenas, 0) < 0;
    for (uint32_t i = 0; i < m->arenas && !r->result; i++)
        r->result = failed(system_call(SYS_mmap, (long)m->arena[i], size, PROT_READ | PROT_WRITE,
                                       MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, size * i));
    if (fd >= 0)
        call1(SYS_close, fd);
    m->hits = m->lost = 0; /* those of the parent are the parent's */
    m->first_hit = m->next_hit;
    m->step.owner = 0;
    int me = (int)call1(SYS_gettid, 0);
    for (int i = 0; i < MOST_STACKS; i++) /* other threads are not here */
        if (m->stack_thread[i])
            m->stack_thread[i] = (uintptr_t)&r >= (uintptr_t)m->stacks[i] && (uintptr_t)&r < (uintptr_t)m->stacks[i + 1]
                                     ? me : 0;
    if (r->result) { /* without slots there is nothing to guard: private memory it stays */
        for (uint32_t i = 0; i < m->pages_used; i++) {
            struct guarded_page *p = &m->pages[m->page_list[i]];
            if (p->page <= 1)
                continue;
            call3(SYS_mprotect, p->page, PAGE, protection(p, 1));
            __quasi_memguard_drop(m, p->page, PAGE);
        }
        atomic_store(&m->forking, 0);
        unlock(m);
        return;
    }
    restore(m, 1);
}

void __quasi_memguard_fork_prepare(void)
{
    struct request r = { 0 };
    if (__quasi_memguard)
        __quasi_memguard_run(prepare, &r);
}

void __quasi_memguard_fork_parent(void)
{
    struct request r = { 0 };
    if (__quasi_memguard)
        __quasi_memguard_run(parent, &r);
}

void __quasi_memguard_fork_child(void)
{
    struct request r = { 0 };
    if (__quasi_memguard)
        __quasi_memguard_run(child, &r);
}

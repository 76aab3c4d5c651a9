/*
 * memguard_wrap.c: what wrappers of system calls use of MemGuard.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

size_t __quasi_memguard_span(const void *addr, size_t size, void **alias)
{
    struct memguard *m = __quasi_memguard;
    uintptr_t a = (uintptr_t)addr, end = a + size;
    *alias = NULL;
    if (!m || !size)
        return size;
    struct guarded_page *p = find_guarded(m, a);
    char *at = p ? p->alias + a % PAGE : NULL;
    *alias = at;
    for (uintptr_t page = (a | (PAGE - 1)) + 1; page < end; page += PAGE) {
        struct guarded_page *q = find_guarded(m, page);
        if (p ? !q || q->alias != at + (page - a) : q != NULL)
            return page - a;
    }
    return size;
}

static void count_terms(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)uc;
    lock(m);
    long n = 0;
    for (size_t i = first_term(m, r->addr); i < m->terms_used && m->terms[i].addr < r->addr + r->size; i++)
        n++;
    unlock(m);
    r->result = n;
}

/* guarded_pages reports whether one of the pages is guarded; without a lock. */
static int guarded_pages(struct memguard *m, uintptr_t addr, size_t size)
{
    for (uintptr_t page = addr & -(uintptr_t)PAGE; page < addr + size; page += PAGE)
        if (find_guarded(m, page))
            return 1;
    return 0;
}

size_t __quasi_memguard_terms(const void *addr, size_t size)
{
    struct request r = { .addr = (uintptr_t)addr, .size = size };
    if (!__quasi_memguard || !guarded_pages(__quasi_memguard, r.addr, size))
        return 0;
    return (size_t)__quasi_memguard_run(count_terms, &r);
}

/* It is found without a lock: a page that is about to have a slot is not. */
int __quasi_memguard_has_slots(const void *addr, size_t size)
{
    struct memguard *m = __quasi_memguard;
    uintptr_t end = (uintptr_t)addr + size;
    for (uintptr_t page = (uintptr_t)addr & -(uintptr_t)PAGE; m && page < end; page += PAGE)
        if (find_page(m, page))
            return 1;
    return 0;
}

uint64_t __quasi_memguard_slots_made(void) { return __quasi_memguard ? atomic_load(&__quasi_memguard->slots_made) : 0; }

static void settle(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)r, (void)uc;
    lock(m);
    unlock(m);
}

void __quasi_memguard_settle(void)
{
    struct request r = { 0 };
    if (__quasi_memguard)
        __quasi_memguard_run(settle, &r);
}

struct kernel_write {
    const char *from, *old;
    const void *const *caller;
    unsigned callers;
};

/* can_write is how many of the bytes can be written, with the lock. */
static size_t can_write(struct memguard *m, uintptr_t addr, size_t size)
{
    for (size_t done = 0; done < size; done += PAGE - (addr + done) % PAGE)
        if (!find_guarded(m, addr + done) && !__quasi_memguard_touch((void *)(addr + done)))
            return done;
    return size;
}

/* Without the lock a fork could make the pages private, and other threads' writes come in between. */
static void kernel_writes(struct memguard *m, struct request *r, ucontext_t *uc)
{
    const struct kernel_write *k = r->out;
    struct write w = { 0 };
    (void)uc;
    lock(m);
    size_t size = can_write(m, r->addr, r->size), n;
    if (size)
        __quasi_memguard_begin(m, &w, NULL, r->addr, size, NULL);
    for (uint64_t i = w.first; i < w.end; i++) {
        struct quasi_memguard_hit *h = &m->ring[i % HIT_ROOM];
        h->kind = QUASI_MEMGUARD_KERNEL;
        h->thread = holder(m);
        h->instruction = k->callers ? k->caller[0] : NULL;
        h->callers = 0;
        for (unsigned c = 1; c < k->callers && h->callers < QUASI_MEMGUARD_CALLERS; c++)
            h->caller[h->callers++] = k->caller[c];
    }
    for (size_t i = 0; i < size; i += n) {
        for (n = k->old ? 0 : size; i + n < size && k->from[i + n] != k->old[i + n]; n++)
            ;
        if (n)
            __quasi_memguard_put(m, r->addr + i, k->from + i, n, 0);
        else
            n = 1;
    }
    if (size)
        __quasi_memguard_end(m, &w);
    unlock(m);
    if (m->on_hit)
        __quasi_memguard_tell(m);
    r->result = (long)size;
}

size_t __quasi_memguard_kernel_writes(const void *addr, const void *from, const void *old, size_t size,
                                      const void *const *caller, unsigned callers)
{
    struct kernel_write k = { from, old, caller, callers };
    struct request r = { .addr = (uintptr_t)addr, .size = size, .out = &k };
    return __quasi_memguard && size ? (size_t)__quasi_memguard_run(kernel_writes, &r) : 0;
}

static int set_action(struct sigaction *program, const struct sigaction *act, struct sigaction *old)
{
    if (old)
        *old = *program;
    if (act)
        *program = *act;
    return 0;
}

int __quasi_memguard_sigaction(const struct sigaction *act, struct sigaction *old)
{
    return __quasi_memguard ? set_action(&__quasi_memguard->program, act, old) : sigaction(SIGSEGV, act, old);
}

int __quasi_memguard_sigaction_trap(const struct sigaction *act, struct sigaction *old)
{
    return __quasi_memguard ? set_action(&__quasi_memguard->program_trap, act, old) : sigaction(SIGTRAP, act, old);
}

static void give_back(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)uc;
    uintptr_t first = r->addr & -(uintptr_t)PAGE, end = (r->addr + r->size + PAGE - 1) & -(uintptr_t)PAGE;
    lock(m);
    r->result = (long)__quasi_memguard_give_back_pages(m, first, end);
    unlock(m);
}

size_t __quasi_memguard_give_back(const void *addr, size_t size)
{
    struct request r = { .addr = (uintptr_t)addr, .size = size };
    return __quasi_memguard ? (size_t)__quasi_memguard_run(give_back, &r) : 0;
}

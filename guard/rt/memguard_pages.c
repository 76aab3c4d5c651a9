/*
 * memguard_pages.c: pages and their slots: how a page gets one, shows it, is opened and closed,
 * and becomes private memory again.
 *
 * Each mapping may be refused by the kernel (vm.max_map_count, T9). A slot is free only when no
 * page shows it.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <errno.h>
#include <string.h>

enum { POPULATE_WRITE = 23 }; /* the kernel's MADV_POPULATE_WRITE, since Linux 5.14 */

/* add_arena maps new slots, twice. */
static int add_arena(struct memguard *m)
{
    long fd = call3(SYS_memfd_create, (long)"quasi-memguard", MFD_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    long at = -1;
    if (m->arenas < MOST_ARENAS && !call3(SYS_ftruncate, fd, SANCTIONED, 0))
        at = system_call(SYS_mmap, 0, 2 * SANCTIONED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    for (int i = 0; i < 2 && !failed(at); i++)
        if (failed(system_call(SYS_mmap, at + i * SANCTIONED, SANCTIONED, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, 0))) {
            call3(SYS_munmap, at, 2 * SANCTIONED, 0);
            at = -1;
        }
    call1(SYS_close, fd);
    if (failed(at))
        return 0;
    m->arena[m->arenas++] = (char *)at;
    return 1;
}

/* find_slot prefers the one that lies beside the slots of neighbouring pages. */
static char *find_slot(struct memguard *m, uintptr_t page)
{
    for (uint32_t i = 0;; i++) {
        if (i == m->arenas && !add_arena(m))
            return NULL;
        uint32_t slot = (page >> 12) % ARENA_SLOTS;
        if (!(m->slot_used[i][slot / 64] >> slot % 64 & 1)) {
            m->slot_used[i][slot / 64] |= 1ull << slot % 64;
            return m->arena[i] + (size_t)slot * PAGE;
        }
    }
}

static void free_slot(struct memguard *m, const char *alias)
{
    for (uint32_t i = 0; i < m->arenas; i++) {
        uint64_t slot = (uint64_t)(alias - m->arena[i]) / PAGE;
        if (alias >= m->arena[i] && slot < ARENA_SLOTS)
            m->slot_used[i][slot / 64] &= ~(1ull << slot % 64);
    }
}

/* map_slot has a page show its slot. */
static int map_slot(uintptr_t page, const char *alias, int protection)
{
    long made = system_call(SYS_mremap, (long)alias, 0, PAGE, MREMAP_MAYMOVE, 0, 0);
    if (failed(made))
        return 0;
    if (!call3(SYS_mprotect, made, PAGE, protection) &&
        !failed(system_call(SYS_mremap, made, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page, 0)))
        return 1;
    call3(SYS_munmap, made, PAGE, 0);
    return 0;
}

/* new_page has a slot with the contents of the page, which shows it from then on. */
static struct guarded_page *new_page(struct memguard *m, uintptr_t page, int executable, int *error)
{
    char *alias = find_slot(m, page);
    *error = QUASI_MEMGUARD_FULL;
    uint32_t i = (page >> 12) * 0x9e3779b97f4a7c15u >> 46;
    while (m->pages[i].page > 1)
        i = (i + 1) & (MOST_PAGES - 1);
    if (!alias || (!m->pages[i].page && m->pages_used >= MOST_PAGES / 4 * 3))
        return NULL;
    struct guarded_page *p = &m->pages[i];
    struct guarded_page made = { .page = page, .alias = alias, .executable = executable, .terms = 1 };
    *error = QUASI_MEMGUARD_SYSTEM;
    atomic_fetch_add(&m->slots_made, 1);
    /* memory for the slot now, or an error; older kernels cannot tell and send SIGBUS when there is none */
    long populated = call3(SYS_madvise, (long)alias, PAGE, POPULATE_WRITE);
    if ((failed(populated) && populated != -EINVAL) || failed(call3(SYS_mprotect, page, PAGE, page_protection(&made, 0)))) {
        free_slot(m, alias);
        return NULL;
    }
    copy_bytes(alias, (const void *)page, PAGE); /* nobody can write it now */
    if (!map_slot(page, alias, page_protection(&made, 0))) {
        call3(SYS_mprotect, page, PAGE, page_protection(&made, 1));
        free_slot(m, alias);
        return NULL;
    }
    p->alias = alias;
    p->executable = executable;
    p->terms = 0;
    p->stuck = 1; /* it is read-only */
    if (!p->page)
        m->page_list[m->pages_used++] = i;
    atomic_store_explicit(&p->page, page, memory_order_release);
    return p;
}

/* is_thread reports whether a thread's descriptor, as glibc has it, has bytes of the page: it points to itself, twice. */
static int is_thread(const struct vma *v, uintptr_t page)
{
    const uintptr_t longest = 2560;
    uintptr_t from = page - v->start > longest ? page - longest : v->start;
    for (uintptr_t at = (from + 63) & ~63ull; at < page + PAGE && at + 24 <= v->end; at += 64) {
        uint64_t self = 0;
        if (__quasi_memguard_load((const void *)at, &self) && self == at &&
            __quasi_memguard_load((const void *)(at + 16), &self) && self == at)
            return 1;
    }
    return 0;
}

/* check_page returns an error, or 0 and how it is mapped. */
int __quasi_memguard_check_page(struct memguard *m, uintptr_t page, struct vma *v)
{
    int found = __quasi_memguard_vma(page, v);
    if (found <= 0)
        return found ? QUASI_MEMGUARD_SYSTEM : QUASI_MEMGUARD_UNMAPPED;
    if (find_page(m, page)) {
        if (v->shared)
            return 0;
        __quasi_memguard_drop(m, page); /* unmapped, and mapped again, since */
    }
    if (!v->readable || !v->writable)
        return v->readable || v->writable || v->executable ? QUASI_MEMGUARD_READ_ONLY : QUASI_MEMGUARD_UNMAPPED;
    if (v->shared || v->page_size != PAGE)
        return QUASI_MEMGUARD_SHARED;
    return is_thread(v, page) ? QUASI_MEMGUARD_THREAD : 0;
}

/* might_be_stack: memory that belongs to no file, and is not the heap. */
static int might_be_stack(const struct vma *v)
{
    uintptr_t heap = (uintptr_t)call1(SYS_brk, 0);
    return !v->inode && v->end != ((heap + PAGE - 1) & -(uintptr_t)PAGE);
}

/* The frames of other signals must not lie on a guarded page: the kernel could not make them. */
static void handle_elsewhere(void)
{
    for (int sig = 1; sig < 65; sig++) {
        struct action act;
        if (!call4(SYS_rt_sigaction, sig, 0, (long)&act, 8) && act.handler > 1 && !(act.flags & SA_ONSTACK)) {
            act.flags |= SA_ONSTACK;
            call4(SYS_rt_sigaction, sig, (long)&act, 0, 8);
        }
    }
}

/* close_page: the page has one term less. If the kernel refuses to make it writable, its writes go on as before. */
void __quasi_memguard_close_page(struct memguard *m, struct guarded_page *p)
{
    if (--p->terms)
        return;
    if (!__quasi_memguard_shows_slot(p->page))
        __quasi_memguard_drop(m, p->page);
    else
        p->stuck = failed(call3(SYS_mprotect, p->page, PAGE, page_protection(p, 1)));
}

/* prepared: threads have been prepared for what is mapped below. */
int __quasi_memguard_open_page(struct memguard *m, uintptr_t page, const ucontext_t *uc, uintptr_t *prepared)
{
    struct vma v;
    int error = __quasi_memguard_check_page(m, page, &v);
    if (error)
        return error;
    struct guarded_page *p = find_page(m, page);
    if (!p) {
        uint8_t byte;
        if (v.start == page) /* a stack would not grow below it any more */
            __quasi_memguard_load_byte((void *)(page - 1), &byte);
        uintptr_t sp = uc->uc_mcontext.gregs[REG_RSP];
        int own_stack = v.start <= sp && sp < v.end;
        if (page >= *prepared && (own_stack || might_be_stack(&v))) {
            handle_elsewhere();
            if (!own_stack)
                __quasi_memguard_prepare_others(m);
            *prepared = v.end;
        }
        p = new_page(m, page, v.executable, &error);
        if (!p)
            return error;
    }
    if (!p->terms && !p->stuck && failed(call3(SYS_mprotect, page, PAGE, page_protection(p, 0))))
        return QUASI_MEMGUARD_SYSTEM;
    p->stuck = 0;
    p->terms++;
    return 0;
}

int __quasi_memguard_shows_slot(uintptr_t page)
{
    long twin = system_call(SYS_mremap, (long)page, 0, PAGE, MREMAP_MAYMOVE, 0, 0);
    if (!failed(twin))
        call3(SYS_munmap, twin, PAGE, 0);
    return twin != -EINVAL && twin != -EFAULT;
}

/* forget is for a page that no longer shows its slot. */
static void forget(struct memguard *m, struct guarded_page *p)
{
    p->terms = p->stuck = 0;
    atomic_store(&p->page, 1);
    free_slot(m, p->alias);
}

/* abandon leaves all pages as they are, private memory that can be written. Nobody can be sure what the slots are. */
void __quasi_memguard_abandon(struct memguard *m)
{
    __quasi_memguard_warn("a child of fork is not watched: the kernel refuses");
    m->terms_used = 0;
    for (uint32_t i = 0; i < m->pages_used; i++) {
        struct guarded_page *p = &m->pages[m->page_list[i]];
        if (p->page > 1 && call3(SYS_mprotect, p->page, PAGE, page_protection(p, 1)))
            __quasi_memguard_fails();
        p->terms = p->stuck = 0;
        atomic_store(&p->page, 1);
    }
    m->arenas = 0;
    memset(m->slot_used, 0, sizeof m->slot_used);
}

static size_t remove_terms(struct memguard *m, uintptr_t first, uintptr_t end)
{
    size_t lost = 0;
    for (size_t i = first_term(m, first); i < m->terms_used && m->terms[i].addr < end; lost++)
        __quasi_memguard_remove_term(m, i);
    return lost;
}

size_t __quasi_memguard_drop(struct memguard *m, uintptr_t page)
{
    forget(m, find_page(m, page));
    return remove_terms(m, page, page + PAGE);
}

/* next_run looks for pages with slots that follow each other, from entry *i of the list on; it returns how many, 0 at the end. */
size_t __quasi_memguard_next_run(struct memguard *m, uint32_t *i, uintptr_t first, uintptr_t end, uintptr_t *page)
{
    for (; *i < m->pages_used; (*i)++) {
        const struct guarded_page *p = &m->pages[m->page_list[*i]], *next = p;
        uintptr_t at = *page = p->page;
        if (at < first || at >= end || at == 1)
            continue;
        const struct guarded_page *before = at > first ? find_page(m, at - PAGE) : NULL;
        if (before && before->executable == p->executable)
            continue;
        do
            at += PAGE;
        while (at < end && (next = find_page(m, at)) && next->executable == p->executable);
        (*i)++;
        return (at - *page) / PAGE;
    }
    return 0;
}

/* The pages are read-only while they are copied, and change all at once. */
int __quasi_memguard_make_private(struct memguard *m, uintptr_t page, size_t n, int writable)
{
    const struct guarded_page *p = find_page(m, page);
    const long size = (long)n * PAGE;
    long made = system_call(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (failed(made))
        return 0;
    int done = !call3(SYS_mprotect, page, size, page_protection(p, 0));
    for (size_t i = 0; done && i < n; i++)
        copy_bytes((char *)made + i * PAGE, find_page(m, page + i * PAGE)->alias, PAGE);
    if (done && (!writable || p->executable))
        done = !call3(SYS_mprotect, made, size, page_protection(p, writable));
    if (done && !failed(system_call(SYS_mremap, made, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, page, 0)))
        return 1;
    call3(SYS_munmap, made, size, 0);
    for (size_t i = 0; i < n; i++) {
        struct guarded_page *q = find_page(m, page + i * PAGE);
        q->stuck = !q->terms && call3(SYS_mprotect, page + i * PAGE, PAGE, page_protection(q, 1));
    }
    return 0;
}

/* Of pages that the kernel does not give back the terms are lost all the same. */
size_t __quasi_memguard_give_back_pages(struct memguard *m, uintptr_t first, uintptr_t end)
{
    uint32_t i = 0;
    uintptr_t page;
    size_t n;
    while ((n = __quasi_memguard_next_run(m, &i, first, end, &page)))
        if (__quasi_memguard_make_private(m, page, n, 1))
            while (n--)
                forget(m, find_page(m, page + n * PAGE));
    return remove_terms(m, first, end);
}

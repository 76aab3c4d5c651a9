/*
 * memguard_step.c: instructions that MemGuard cannot execute elsewhere (T7).
 *
 * All other threads stand still, the pages are opened, the processor executes the one
 * instruction and traps. A thread that has SIGSEGV blocked does not hear that it should
 * stand still; it is waited for until it is clear that it does not.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { TRAP_FLAG = 0x100 };
enum { WAIT_MS = 200 };

static long milliseconds(void)
{
    struct timespec t = { 0 };
    call3(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&t, 0);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct entry { /* the kernel's struct linux_dirent64 */
    uint64_t inode, offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

/* knows reports whether a thread has got its alternate stack from us. */
static int knows(struct memguard *m, int thread)
{
    for (int i = 0; i < MOST_STACKS; i++) {
        int t = atomic_load_explicit(&m->stack_thread[i], memory_order_relaxed);
        if (t == thread)
            return 1;
    }
    return 0;
}

/* tell_threads sends a request to all other threads and returns how many have heard it. The lock is held. */
unsigned __quasi_memguard_tell_threads(struct memguard *m, int what)
{
    int me = (int)call1(SYS_gettid, 0);
    unsigned sent = 0;
    int fd = (int)call3(SYS_open, (long)"/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    char buffer[1024] __attribute__((aligned(8)));
    long n;
    unsigned generation = (unsigned)atomic_load(&m->stop_generation) + (what == REQUEST_STOP);
    atomic_store(&m->heard, (uint64_t)generation << 32);
    atomic_store(&m->stop_generation, (int)generation);
    while (fd >= 0 && (n = call3(SYS_getdents64, fd, (long)buffer, sizeof buffer)) > 0)
        for (long at = 0; at < n; at += ((struct entry *)(buffer + at))->length) {
            int thread = 0;
            for (const char *s = ((struct entry *)(buffer + at))->name; *s >= '0' && *s <= '9'; s++)
                thread = thread * 10 + (*s - '0');
            if (thread && thread != me && !(what == REQUEST_PREPARE && knows(m, thread)))
                sent += __quasi_memguard_send(thread, what, (void *)(uintptr_t)generation) == 0;
        }
    if (fd >= 0)
        call1(SYS_close, fd);
    long begin = milliseconds();
    while ((uint32_t)atomic_load(&m->heard) < sent && milliseconds() - begin < WAIT_MS)
        call1(SYS_sched_yield, 0);
    if (what == REQUEST_PREPARE) /* who hears of it later is not counted as having heard of something else */
        atomic_fetch_add(&m->stop_generation, 2);
    return (uint32_t)atomic_load(&m->heard);
}

static int protection(const struct guarded_page *p, int writable)
{
    return PROT_READ | (writable ? PROT_WRITE : 0) | (p->executable ? PROT_EXEC : 0);
}

int __quasi_memguard_step_more(struct memguard *m, struct guarded_page *page)
{
    struct single_step *s = &m->step;
    if (s->pages == STEP_PAGES || !page->terms || call3(SYS_mprotect, (long)page->page, PAGE, protection(page, 1)))
        return 0;
    memcpy(s->before[s->pages], page->alias, PAGE);
    s->page[s->pages++] = page;
    return 1;
}

/* step lets the instruction at hand go on with its page open; the lock stays held until it has trapped. */
int __quasi_memguard_step(struct memguard *m, ucontext_t *uc, struct guarded_page *page)
{
    struct single_step *s = &m->step;
    __quasi_memguard_tell_threads(m, REQUEST_STOP);
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
    atomic_store(&s->owner, self());
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
    for (unsigned i = 0; i < s->pages; i++)
        call3(SYS_mprotect, (long)s->page[i]->page, PAGE, protection(s->page[i], 0));
    for (unsigned i = 0; i < s->pages; i++)
        report(m, s, i, uc);
    if (uc) {
        memcpy(&uc->uc_sigmask, &s->mask, sizeof s->mask);
        uc->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
        uc->uc_mcontext.gregs[REG_EFL] |= s->flags & TRAP_FLAG;
    }
    atomic_store(&s->owner, 0);
    atomic_fetch_add(&m->stop_generation, 1);
    call3(SYS_futex, (long)&m->stop_generation, FUTEX_WAKE_PRIVATE, 1 << 30);
}

void __quasi_memguard_on_trap(int sig, siginfo_t *info, void *context)
{
    struct memguard *m = __quasi_memguard;
    if (atomic_load(&m->step.owner) != self()) {
        __quasi_memguard_chain(m, sig, &m->program_trap, info, context);
        return;
    }
    uint64_t hits = m->hits;
    __quasi_memguard_step_ends(m, context);
    hits = m->hits - hits;
    unlock(m);
    if (hits && m->on_hit)
        __quasi_memguard_tell(m);
}

/*
 * memguard_state.h: MemGuard's memory, its lock, and system calls that set no errno (T5).
 *
 * Any page of the program may become read-only, with whatever is on it: variables of
 * libc, of this run-time, errno. So all that MemGuard writes lies in one mapping of its
 * own, and what needs the lock is done on alternate signal stacks that lie there too:
 * in the handler of SIGSEGV, which API functions enter by sending it to themselves.
 */
#ifndef QUASI_MEMGUARD_STATE_H
#define QUASI_MEMGUARD_STATE_H

#include "memguard.h"
#include "memguard_decode.h"

#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>

#define HIDDEN __attribute__((visibility("hidden")))

enum {
    PAGE = 4096,
    MOST_PAGES = 1 << 18, /* a power of two; three quarters are used */
    MOST_TERMS = 1 << 20,
    MOST_NAMES = 1 << 15,
    NAME_BYTES = 1 << 23,
    NAME_LENGTH = 255,
    ARENA_SLOTS = 1 << 16,
    MOST_ARENAS = 16,
    MOST_STACKS = 2048,
    MOST_TOLD = 4096,
    STACK_SIZE = 128 << 10,
    HIT_ROOM = 4096,
    STUB_ROOM = 1 << 15,
    RULES = 1 << 12,
    CODE_SIZE = 3 << 20,
    LOG_BUFFER = 64 << 10,
    MOST_MODULES = 1024,
    MODULE_TEXT = 256 << 10,
};

/* Of each arena there is a second mapping behind the first: the aliases of sanctioned writes. */
#define SANCTIONED ((size_t)ARENA_SLOTS * PAGE)

/* A page that has a slot. Entries are read without the lock, so page is set last. */
struct guarded_page {
    _Atomic uintptr_t page; /* its address; 0: free, 1: forgotten */
    char *alias;
    uint32_t terms; /* that have bytes of it; it is read-only while there are any */
    uint8_t executable;
    uint8_t stuck; /* without terms, but the kernel has refused to make it writable */
    uint8_t common; /* around a fork: the kernel has refused to make it private */
};

struct term {
    uintptr_t addr, end;
    const char *name;
};

struct stub {
    uint8_t key[16]; /* the instruction, its length last */
    uint32_t at;     /* in the code, plus one; 0: free */
};

/* Where the frame of a function is at a place in its code (memguard_unwind.c). */
struct frame_rule {
    uintptr_t pc;
    const void *object; /* whose tables say so */
    int32_t frame_offset, return_offset, rbp_offset;
    uint8_t by_rbp, rbp_saved, return_undefined;
};

struct module {
    uintptr_t start, end;
    uintptr_t bias; /* of addresses against symbols' values */
    const char *path;
};

enum { STEP_PAGES = 4 };

/* A thread executes one instruction while all others stand still. */
struct single_step {
    atomic_int owner; /* 0: nobody does */
    uint64_t mask;           /* signals that it had blocked */
    uint64_t flags;
    uintptr_t rip;
    unsigned pages;
    struct guarded_page *page[STEP_PAGES]; /* that are open */
    char before[STEP_PAGES][PAGE];
};

enum { BOUNCE = 16 << 10 };
enum { WAITED_FOR = 1 << 30 }; /* beyond all threads */

struct memguard {
    atomic_int lock;          /* the thread that has it; with WAITED_FOR, if others may wait */
    atomic_int enabled, handling;
    atomic_int forking;       /* the lock is held around a fork */
    uintptr_t forker;         /* fs of the thread that forks: it is the child's as well */
    int process;              /* that forks */
    int *mark;                /* 1; the kernel makes it 0 in the child of a fork, which has memory of its own */
    uint64_t fork_mask;       /* signals that the thread had blocked before */
    uint64_t trying;          /* the stack of who has the lock and may fault now; 0: it may not */
    _Atomic uint64_t slots_made; /* counted before pages become read-only for the first time */
    uint32_t pages_used; /* entries of page_list */
    size_t terms_used;
    struct sigaction program, program_trap; /* what the program wants of SIGSEGV and SIGTRAP */
    atomic_int deferred_thread; /* to which a signal of the program's came while it had the lock; 0: to none */
    siginfo_t deferred;
    void (*on_hit)(const struct quasi_memguard_hit *, void *);
    void *on_hit_data;

    uint64_t hits, lost;           /* numbered so far; for which there was no room */
    uint64_t first_hit, next_hit;  /* of the ring, not reduced */
    uint64_t told_hits;            /* all before it are told */
    uint32_t most_callers;
    uint32_t names_used, name_count;
    uint32_t code_used;
    uint32_t arenas;
    char *arena[MOST_ARENAS];
    uint8_t *code;
    char log[4096]; /* its path, or empty */
    uint64_t log_used;
    uint32_t exit_registered;

    uint32_t xsave_size, ymm_at, opmask_at, zmm_high_at, zmm_rest_at;

    atomic_int stack_thread[MOST_STACKS]; /* whose it is, 0: free */
    atomic_char standing[MOST_STACKS];    /* the thread stands still, and blocks SIGSEGV for that */
    uint32_t name_hash[MOST_NAMES];        /* into names, plus one */
    uint64_t slot_used[MOST_ARENAS][ARENA_SLOTS / 64];
    struct single_step step;
    atomic_int stop_generation; /* odd: all but one thread are to stand still */
    atomic_int has_asked;       /* a thread for something, ever */
    atomic_int told_count;
    atomic_int told[MOST_TOLD]; /* threads that are asked for something now; negative once they have heard */

    char bounce[BOUNCE] __attribute__((aligned(64)));

    struct module modules[MOST_MODULES];
    uint32_t module_count;
    char module_text[MODULE_TEXT];
    char log_buffer[LOG_BUFFER];
    struct stub stubs[STUB_ROOM];
    uint32_t stub_count;
    struct frame_rule rules[RULES]; /* by a hash of pc */
    char names[NAME_BYTES];
    struct guarded_page pages[MOST_PAGES];
    uint32_t page_list[MOST_PAGES]; /* indices of those in use, and forgotten ones */
    struct term terms[MOST_TERMS]; /* in the order of addresses */
    struct quasi_memguard_hit ring[HIT_ROOM];
    uint8_t hit_state[HIT_ROOM]; /* of enum hit_state */
    char stacks[MOST_STACKS][STACK_SIZE] __attribute__((aligned(PAGE)));
};

enum hit_state { HIT_FREE, HIT_OPEN, HIT_DONE, HIT_TOLD }; /* HIT_TOLD: only the log lacks it */

static inline int page_protection(const struct guarded_page *p, int writable)
{
    return PROT_READ | (writable ? PROT_WRITE : 0) | (p->executable ? PROT_EXEC : 0);
}

/* Set once, before anything is protected. */
extern struct memguard *__quasi_memguard;

static inline long system_call(long n, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static inline long call1(long n, long a) { return system_call(n, a, 0, 0, 0, 0, 0); }
static inline long call3(long n, long a, long b, long c) { return system_call(n, a, b, c, 0, 0, 0); }
static inline long call4(long n, long a, long b, long c, long d) { return system_call(n, a, b, c, d, 0, 0); }

/* copy_bytes is memcpy for the program's memory, of which a sanitizer's memcpy has opinions. */
static inline void copy_bytes(void *to, const void *from, size_t size)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
}

/* A signal's action as the kernel has it. */
struct action {
    uint64_t handler, flags, restorer, mask;
};

static inline int failed(long result) { return (unsigned long)result > -4096ul; }
static inline int this_thread(void) { return (int)call1(SYS_gettid, 0); }

/* holder is the thread that has the lock, without a system call. */
static inline int holder(const struct memguard *m) { return atomic_load_explicit(&m->lock, memory_order_relaxed) & ~WAITED_FOR; }

/* has_lock reports whether the thread has the lock. One that forks has it in the child, too, and in children by vfork. */
static inline int has_lock(struct memguard *m)
{
    int owner = holder(m);
    uintptr_t fs;
    if (!owner || owner == this_thread())
        return owner != 0;
    if (!atomic_load(&m->forking))
        return 0;
    __asm__("mov %%fs:0, %0" : "=r"(fs));
    return fs == m->forker && (!*(volatile int *)m->mark || call1(SYS_getpid, 0) != m->process);
}

/* deliver sends the thread what came for the program while the thread had the lock. */
HIDDEN void __quasi_memguard_deliver(struct memguard *m);

static inline void lock(struct memguard *m)
{
    int me = this_thread(), now = 0;
    while (!atomic_compare_exchange_strong_explicit(&m->lock, &now, me, memory_order_acquire, memory_order_relaxed)) {
        me |= WAITED_FOR; /* there may be others, too */
        if (now && ((now & WAITED_FOR) || atomic_compare_exchange_strong_explicit(&m->lock, &now, now | WAITED_FOR,
                                                                                memory_order_relaxed, memory_order_relaxed)))
            call4(SYS_futex, (long)&m->lock, FUTEX_WAIT_PRIVATE, now | WAITED_FOR, 0);
        now = 0;
    }
}

static inline void unlock(struct memguard *m)
{
    if (atomic_exchange_explicit(&m->lock, 0, memory_order_release) & WAITED_FOR)
        call3(SYS_futex, (long)&m->lock, FUTEX_WAKE_PRIVATE, 1);
    if (atomic_load_explicit(&m->deferred_thread, memory_order_relaxed))
        __quasi_memguard_deliver(m);
}

/* find_page needs no lock: entries are never taken away while addresses are used. */
static inline struct guarded_page *find_page(struct memguard *m, uintptr_t addr)
{
    uintptr_t page = addr & -(uintptr_t)PAGE;
    for (uint32_t i = (page >> 12) * 0x9e3779b97f4a7c15u >> 46;; i = (i + 1) & (MOST_PAGES - 1)) {
        uintptr_t p = atomic_load_explicit(&m->pages[i].page, memory_order_acquire);
        if (!p)
            return NULL; /* also for page 0, which free entries seem to have */
        if (p == page)
            return &m->pages[i];
    }
}

/* find_guarded is find_page, for pages that cannot be written as they are. With the lock. */
static inline struct guarded_page *find_guarded(struct memguard *m, uintptr_t addr)
{
    struct guarded_page *p = find_page(m, addr);
    return p && (*(volatile uint32_t *)&p->terms || p->stuck || atomic_load_explicit(&m->forking, memory_order_relaxed)) ? p : NULL;
}

/* first_term is the index of the first term that ends after addr. */
static inline size_t first_term(const struct memguard *m, uintptr_t addr)
{
    size_t lo = 0, hi = m->terms_used;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (m->terms[mid].end <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

struct request;

/* memguard_trap.c */
HIDDEN void __quasi_memguard_on_segv(int sig, siginfo_t *info, void *context);
HIDDEN void __quasi_memguard_defer(struct memguard *m, const siginfo_t *info);
HIDDEN void __quasi_memguard_chain(struct memguard *m, int sig, struct sigaction *program, siginfo_t *info,
                                   ucontext_t *uc);
HIDDEN void __quasi_memguard_tell(struct memguard *m);
HIDDEN int __quasi_memguard_try(int (*f)(void **, int), void **a, int n, uint64_t *sp);
HIDDEN void __quasi_memguard_enter(struct request *r, uintptr_t nowhere);

/* memguard_memory.c: bytes of the program, through aliases where there are slots. */
HIDDEN char *__quasi_memguard_alias(struct memguard *m, uintptr_t addr);
HIDDEN void __quasi_memguard_read(struct memguard *m, uintptr_t addr, void *to, size_t size);
/* put writes size bytes, so far behind their aliases. */
HIDDEN void __quasi_memguard_put(struct memguard *m, uintptr_t addr, const void *from, size_t size, size_t behind);
/* copy is put for bytes of one page; a fault in it, up to copy_end, is one of a sanctioned write, if it is not MemGuard's own. */
HIDDEN void __quasi_memguard_copy(void *to, const void *from, size_t size);
HIDDEN extern const char __quasi_memguard_copy_end[];
/* is_sanctioned: quasi_memguard_write has faulted, as the thread forks, or another does, or the page has been guarded meanwhile. */
static inline int is_sanctioned(const ucontext_t *uc)
{
    const char *rip = (const char *)uc->uc_mcontext.gregs[REG_RIP];
    return rip >= (const char *)__quasi_memguard_copy && rip < __quasi_memguard_copy_end;
}

/* warn tells the user; fails says that the kernel refuses what has to be done, and ends the program. */
HIDDEN void __quasi_memguard_warn(const char *text);
HIDDEN void __quasi_memguard_fails(void);
struct vma {
    uintptr_t start, end;
    int readable, writable, executable, shared;
    uint64_t page_size, inode;
};
HIDDEN int __quasi_memguard_vma(uintptr_t addr, struct vma *v);

/* memguard_stub.c */
typedef uint64_t quasi_stub(greg_t *gregs, void *target, uint64_t flags, void *fpstate);
HIDDEN quasi_stub *__quasi_memguard_stub(struct memguard *m, const uint8_t *code, const struct quasi_insn *in);
HIDDEN int __quasi_memguard_uses_flags(const struct quasi_insn *in);
HIDDEN extern const int8_t __quasi_memguard_greg[16];

/* memguard_emulate.c: execute returns 0 if it cannot; else 1, or 2 if the program's own fault is at *fault. */
HIDDEN int __quasi_memguard_execute(struct memguard *m, ucontext_t *uc, uintptr_t *fault);

/*
 * memguard_log.c. begin opens hits for a write of the size bytes at addr, or of those that
 * selected has bits for; end completes them. Both with the lock.
 */
struct write {
    uint64_t first, end; /* of the ring */
    uintptr_t addr;
    size_t size;
};
HIDDEN void __quasi_memguard_begin(struct memguard *m, struct write *w, const ucontext_t *uc, uintptr_t addr,
                                   size_t size, const uint64_t *selected);
HIDDEN void __quasi_memguard_end(struct memguard *m, const struct write *w);
HIDDEN int __quasi_memguard_take(struct memguard *m, int thread, struct quasi_memguard_hit *hit);
/* read_environment says what it does not heed. */
HIDDEN void __quasi_memguard_read_environment(struct memguard *m);
/* flush writes to the log what nobody else waits for; all that is complete, if it is the end. */
HIDDEN void __quasi_memguard_flush(struct memguard *m, int end);

/* memguard_unwind.c */
HIDDEN int __quasi_memguard_unwind(struct memguard *m, const ucontext_t *uc, const void **to, unsigned most);

/* memguard_step.c */
HIDDEN int __quasi_memguard_step(struct memguard *m, ucontext_t *uc, struct guarded_page *page);
HIDDEN int __quasi_memguard_step_more(struct memguard *m, struct guarded_page *page);
HIDDEN void __quasi_memguard_step_ends(struct memguard *m, ucontext_t *uc);
HIDDEN void __quasi_memguard_on_trap(int sig, siginfo_t *info, void *context);

/* memguard_threads.c: alternate stacks, and what is asked of other threads. The lock is held by who asks. */
HIDDEN char *__quasi_memguard_own_stack(struct memguard *m);
HIDDEN int __quasi_memguard_take_stack(struct memguard *m, stack_t *s);
HIDDEN void __quasi_memguard_prepare_self(struct memguard *m);
HIDDEN void __quasi_memguard_on_signal(int sig, siginfo_t *info, void *context);
HIDDEN void __quasi_memguard_prepare_others(struct memguard *m);
HIDDEN void __quasi_memguard_stop_others(struct memguard *m);
HIDDEN void __quasi_memguard_go_on(struct memguard *m);
HIDDEN int __quasi_memguard_is_asked(struct memguard *m, const siginfo_t *info);
HIDDEN void __quasi_memguard_answer(struct memguard *m, ucontext_t *uc);

/* memguard.c: what a thread wants of its own handler it asks by a fault, which cannot be lost. */
struct request {
    void (*run)(struct memguard *m, struct request *r, ucontext_t *uc);
    uintptr_t addr;
    size_t size;
    const void *data;
    void *out;
    long result; /* at first what it is if the thread forks: all but what belongs to that has to wait */
    int forks;
};
HIDDEN void __quasi_memguard_remove_term(struct memguard *m, size_t i);

/* memguard_pages.c, errors as in quasi.h: */
HIDDEN int __quasi_memguard_check_page(struct memguard *m, uintptr_t page, struct vma *v);
HIDDEN int __quasi_memguard_open_page(struct memguard *m, uintptr_t page, const ucontext_t *uc, uintptr_t *prepared);
HIDDEN void __quasi_memguard_close_page(struct memguard *m, struct guarded_page *p);
/* drop forgets a page that no longer shows its slot, and returns the number of terms lost. */
HIDDEN size_t __quasi_memguard_drop(struct memguard *m, uintptr_t page);
HIDDEN void __quasi_memguard_abandon(struct memguard *m);
HIDDEN size_t __quasi_memguard_give_back_pages(struct memguard *m, uintptr_t first, uintptr_t end);
HIDDEN size_t __quasi_memguard_next_run(struct memguard *m, uint32_t *i, uintptr_t first, uintptr_t end, uintptr_t *page);
/* make_private gives n pages from page on memory of their own that is a copy of their slots; 0: the kernel refuses. */
HIDDEN int __quasi_memguard_make_private(struct memguard *m, uintptr_t page, size_t n, int writable);
/* shows_slot reports whether a page is still what it was made: only shared memory can be mapped a second time. */
HIDDEN int __quasi_memguard_shows_slot(uintptr_t page);

/* memguard_fork.c: in_child: the thread forks, and this is the child; begin_child ends that. */
HIDDEN int __quasi_memguard_in_child(const struct memguard *m);
HIDDEN void __quasi_memguard_begin_child(struct memguard *m, ucontext_t *uc);
HIDDEN void __quasi_memguard_refresh(struct memguard *m, uintptr_t addr, size_t size);

HIDDEN long __quasi_memguard_run(void (*f)(struct memguard *, struct request *, ucontext_t *), struct request *r);

#endif

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
#include <sys/syscall.h>
#include <ucontext.h>

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
    STACK_SIZE = 128 << 10,
    HIT_ROOM = 4096,
    STUB_ROOM = 1 << 15,
    RULES = 1 << 12,
    CODE_SIZE = 3 << 20,
    LOG_BUFFER = 64 << 10,
    MOST_MODULES = 1024,
    MODULE_TEXT = 256 << 10,
};

/* A page that has a slot. Entries are read without the lock, so page is set last. */
struct guarded_page {
    _Atomic uintptr_t page; /* its address; 0: free, 1: forgotten */
    char *alias;
    uint32_t terms; /* that have bytes of it; it is read-only while there are any */
    uint8_t executable;
    uint8_t written; /* around a fork, by the thread that forks */
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
    _Atomic uintptr_t owner; /* its self(); 0: nobody does */
    uint64_t mask;           /* signals that it had blocked */
    uint64_t flags;
    uintptr_t rip;
    unsigned pages;
    struct guarded_page *page[STEP_PAGES]; /* that are open */
    char before[STEP_PAGES][PAGE];
};

enum { BOUNCE = 16 << 10 };

struct memguard {
    atomic_int lock;          /* 0: free, 1: taken, 2: taken and waited for */
    _Atomic uintptr_t owner;  /* self() of who has it */
    atomic_int enabled, handling;
    atomic_int forking;       /* the lock is held around a fork */
    uint64_t trying;          /* the stack of who has the lock and may fault now; 0: it may not */
    _Atomic uint64_t slots_made; /* counted before pages become read-only for the first time */
    uint32_t pages_used; /* entries of page_list */
    size_t terms_used;
    struct sigaction program, program_trap; /* what the program wants of SIGSEGV and SIGTRAP */
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

    _Atomic int stack_thread[MOST_STACKS]; /* whose it is, 0: free */
    uint32_t name_hash[MOST_NAMES];        /* into names, plus one */
    uint64_t slot_used[MOST_ARENAS][ARENA_SLOTS / 64];
    struct single_step step;
    atomic_int stop_generation; /* odd: all but one thread are to stand still */
    _Atomic uint64_t heard;     /* by how many threads, with the generation in front */

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

/* self identifies the thread, for as long as it lives. */
static inline uintptr_t self(void)
{
    uintptr_t s;
    __asm__("mov %%fs:0, %0" : "=r"(s));
    return s;
}

static inline void lock(struct memguard *m)
{
    int free = 0;
    if (!atomic_compare_exchange_strong_explicit(&m->lock, &free, 1, memory_order_acquire, memory_order_relaxed))
        while (atomic_exchange_explicit(&m->lock, 2, memory_order_acquire))
            call4(SYS_futex, (long)&m->lock, FUTEX_WAIT_PRIVATE, 2, 0);
    atomic_store_explicit(&m->owner, self(), memory_order_relaxed);
}

static inline void unlock(struct memguard *m)
{
    atomic_store_explicit(&m->owner, 0, memory_order_relaxed);
    if (atomic_exchange_explicit(&m->lock, 0, memory_order_release) == 2)
        call3(SYS_futex, (long)&m->lock, FUTEX_WAKE_PRIVATE, 1);
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
    return p && *(volatile uint32_t *)&p->terms ? p : NULL;
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

#define HIDDEN __attribute__((visibility("hidden")))

struct request;

/* memguard_trap.c */
HIDDEN void __quasi_memguard_on_segv(int sig, siginfo_t *info, void *context);
HIDDEN void __quasi_memguard_chain(struct memguard *m, int sig, struct sigaction *program, siginfo_t *info,
                                   ucontext_t *uc);
HIDDEN void __quasi_memguard_tell(struct memguard *m);
HIDDEN int __quasi_memguard_load(const void *addr, uint64_t *value);
HIDDEN int __quasi_memguard_try(int (*f)(void **, int), void **a, int n, uint64_t *sp);
HIDDEN void __quasi_memguard_enter(struct request *r, uintptr_t nowhere);

/* memguard_memory.c: bytes of the program, through aliases where there are slots. */
HIDDEN char *__quasi_memguard_alias(struct memguard *m, uintptr_t addr);
HIDDEN void __quasi_memguard_read(struct memguard *m, uintptr_t addr, void *to, size_t size);
HIDDEN void __quasi_memguard_put(struct memguard *m, uintptr_t addr, const void *from, size_t size);
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
HIDDEN unsigned __quasi_memguard_tell_threads(struct memguard *m, int what);

/* memguard.c: requests to other threads reach the handler as a signal; those of a thread to itself as a fault, which cannot be lost. */
enum { REQUEST_MARK = 0x5155 };
enum { REQUEST_STOP, REQUEST_PREPARE };
struct request {
    void (*run)(struct memguard *m, struct request *r, ucontext_t *uc);
    uintptr_t addr;
    size_t size;
    const void *data;
    void *out;
    long result;
};
HIDDEN int __quasi_memguard_send(int thread, int what, void *request);
HIDDEN int __quasi_memguard_take_stack(struct memguard *m, stack_t *s);
/* drop forgets the pages, which are no longer what they were, and returns the number of terms lost. */
HIDDEN size_t __quasi_memguard_drop(struct memguard *m, uintptr_t addr, size_t size);

/* memguard_fork.c: make_private gives a page memory of its own that is a copy of its slot. */
HIDDEN int __quasi_memguard_make_private(struct guarded_page *p, int writable);
/* map_slot has a page show its slot, read-only if it has terms. */
HIDDEN int __quasi_memguard_map_slot(const struct guarded_page *p);
HIDDEN long __quasi_memguard_run(void (*f)(struct memguard *, struct request *, ucontext_t *), struct request *r);

#endif

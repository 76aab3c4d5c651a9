/*
 * memguard.c: MemGuard's functions: terms are made and released, by rules (T1) and (T4) of
 * package guard.
 *
 * The page of a term becomes read-only in every thread, for good as long as it has terms:
 * nothing depends on timing. It is backed by a slot (memguard.h); a write faults, and the
 * handler has it done at the slot's alias. A page keeps its slot when its last term is
 * released, so that whoever still writes by the alias writes the same memory.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <cpuid.h>
#include <errno.h>
#include <execinfo.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct memguard *__quasi_memguard;
_Thread_local volatile unsigned char __quasi_program_calls __attribute__((tls_model("initial-exec")));

static atomic_int creating;

enum { USER_TOP = 47 };       /* bits of addresses */

const char *quasi_memguard_error(int code)
{
    switch (code) {
    case 0: return "success";
    case QUASI_MEMGUARD_NOT_ENABLED: return "MemGuard is not enabled";
    case QUASI_MEMGUARD_ALREADY_ENABLED: return "MemGuard is enabled already";
    case QUASI_MEMGUARD_SIZE: return "the size is 0, or reaches beyond the address space";
    case QUASI_MEMGUARD_PROTECTED: return "this address is protected already";
    case QUASI_MEMGUARD_OVERLAPS: return "some of these bytes belong to another term";
    case QUASI_MEMGUARD_NOT_PROTECTED: return "no term begins at this address";
    case QUASI_MEMGUARD_UNMAPPED: return "there is no memory at this address";
    case QUASI_MEMGUARD_READ_ONLY: return "this memory cannot be written anyway";
    case QUASI_MEMGUARD_SHARED: return "this memory is shared, or of huge pages";
    case QUASI_MEMGUARD_THREAD: return "the kernel writes to this page: a thread's descriptor is there";
    case QUASI_MEMGUARD_OWN: return "this is memory of MemGuard, or the stack of a signal handler";
    case QUASI_MEMGUARD_FULL: return "too many terms, pages or names";
    case QUASI_MEMGUARD_SYSTEM: return "the kernel has refused";
    case QUASI_MEMGUARD_FORKING: return "this thread is about to fork";
    }
    return "unknown error";
}

/* Requests. */

long __quasi_memguard_run(void (*f)(struct memguard *, struct request *, ucontext_t *), struct request *r)
{
    struct memguard *m = __quasi_memguard;
    unsigned char was = __quasi_program_calls;
    __quasi_program_calls = 0;
    if (atomic_load(&m->forking) && !r->forks && has_lock(m) && !__quasi_memguard_in_child(m)) {
        __quasi_program_calls = was;
        return r->result;
    }
    r->run = f;
    __quasi_memguard_prepare_self(m);
    __quasi_memguard_enter(r, (uintptr_t)1 << 63);
    __quasi_program_calls = was;
    return *(volatile long *)&r->result;
}

/* Enabling. */

static void look_at_processor(struct memguard *m)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1 << 27)) /* OSXSAVE */
        return;
    if (!__get_cpuid_count(13, 0, &a, &b, &c, &d))
        return;
    m->xsave_size = b;
    uint32_t *at[] = { [2] = &m->ymm_at, [5] = &m->opmask_at, [6] = &m->zmm_high_at, [7] = &m->zmm_rest_at };
    for (unsigned i = 2; i < 8; i++)
        if (at[i] && __get_cpuid_count(13, i, &a, &b, &c, &d))
            *at[i] = b;
}

static void flush(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)r, (void)uc;
    lock(m);
    __quasi_memguard_flush(m, 1);
    unlock(m);
}

void __quasi_memguard_write_log(void)
{
    struct request r = { 0 };
    if (__quasi_memguard)
        __quasi_memguard_run(flush, &r);
}

/* Where system calls are caught, who catches them calls these, with signals blocked: a handler may make terms. */
static void fork_prepare(void)
{
    if (!__quasi_program_calls)
        __quasi_memguard_fork_prepare();
}

static void fork_parent(void)
{
    if (!__quasi_program_calls)
        __quasi_memguard_fork_parent();
}

static void fork_child(void)
{
    if (!__quasi_program_calls)
        __quasi_memguard_fork_child();
}

static struct memguard *create(void)
{
    enum { PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE }; /* a child of fork has its own */
    struct memguard *m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, PRIVATE, -1, 0);
    if (m == MAP_FAILED)
        return NULL;
    m->code = mmap(NULL, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, PRIVATE, -1, 0);
    m->mark = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, PRIVATE, -1, 0);
    if (m->code == MAP_FAILED || m->mark == MAP_FAILED || madvise(m->mark, PAGE, MADV_WIPEONFORK) ||
        pthread_atfork(fork_prepare, fork_parent, fork_child)) {
        if (m->code != MAP_FAILED)
            munmap(m->code, CODE_SIZE);
        if (m->mark != MAP_FAILED)
            munmap(m->mark, PAGE);
        munmap(m, sizeof *m);
        return NULL;
    }
    call3(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
    look_at_processor(m);
    void *warm[4];
    backtrace(warm, 4); /* loads the unwinder */
    return m;
}

/* install blocks the signals of libc's own as well while the handler runs: a thread must not be cancelled there. */
static int install(int sig, struct sigaction *before)
{
    struct sigaction now, act = { .sa_sigaction = __quasi_memguard_on_signal,
                                  .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART };
    if (sigaction(sig, NULL, &now))
        return 0;
    if (now.sa_sigaction == act.sa_sigaction)
        return 1;
    *before = now;
    struct action kernels;
    sigfillset(&act.sa_mask);
    if (sigaction(sig, &act, NULL) || call4(SYS_rt_sigaction, sig, 0, (long)&kernels, 8))
        return 0;
    kernels.mask = ~(1ull << (SIGSEGV - 1) | 1ull << (SIGTRAP - 1));
    return !call4(SYS_rt_sigaction, sig, (long)&kernels, 0, 8);
}

/* caught: who catches system calls has handlers around ours, which must stay. */
static int enable(int caught)
{
    struct memguard *m = __quasi_memguard;
    if (m && atomic_load(&m->enabled))
        return QUASI_MEMGUARD_ALREADY_ENABLED;
    if (!m && !(m = create()))
        return QUASI_MEMGUARD_SYSTEM;
    __quasi_memguard_read_environment(m);
    __quasi_memguard = m;
    if (!m->exit_registered && m->log[0] && !atexit(__quasi_memguard_write_log))
        m->exit_registered = 1;
    if (!(caught && m->handling) && (!install(SIGSEGV, &m->program) || !install(SIGTRAP, &m->program_trap)))
        return QUASI_MEMGUARD_SYSTEM;
    m->handling = 1;
    __quasi_memguard_prepare_self(m);
    atomic_store(&m->enabled, 1);
    return 0;
}

int quasi_memguard_enable(void)
{
    int saved = errno, result = QUASI_MEMGUARD_ALREADY_ENABLED;
    unsigned char was = __quasi_program_calls;
    __quasi_program_calls = 0;
    if (!atomic_exchange(&creating, 1)) {
        result = enable(was);
        atomic_store(&creating, 0);
    }
    __quasi_program_calls = was;
    errno = saved;
    return result;
}

/* Terms. */

/* intern returns a copy of the name that stays, NULL if there is no room. */
static const char *intern(struct memguard *m, const char *name)
{
    char copy[NAME_LENGTH + 1];
    unsigned length = 0;
    uint64_t hash = 14695981039346656037u;
    for (; name && length < NAME_LENGTH && name[length]; length++) {
        copy[length] = name[length];
        hash = (hash ^ (unsigned char)name[length]) * 1099511628211u;
    }
    copy[length++] = 0;
    uint32_t i = hash % MOST_NAMES;
    for (; m->name_hash[i]; i = (i + 1) % MOST_NAMES)
        if (!strcmp(m->names + m->name_hash[i] - 1, copy))
            return m->names + m->name_hash[i] - 1;
    if (m->name_count == MOST_NAMES - 1 || m->names_used + length > NAME_BYTES)
        return NULL;
    memcpy(m->names + m->names_used, copy, length);
    m->name_hash[i] = m->names_used + 1;
    m->names_used += length;
    m->name_count++;
    return m->names + m->name_hash[i] - 1;
}

static int within(uintptr_t addr, uintptr_t end, const void *from, size_t size)
{
    return addr < (uintptr_t)from + size && (uintptr_t)from < end;
}

static int is_own(const struct memguard *m, uintptr_t addr, uintptr_t end, const ucontext_t *uc)
{
    if (within(addr, end, m, sizeof *m) || within(addr, end, m->code, CODE_SIZE) || within(addr, end, m->mark, PAGE))
        return 1;
    for (uint32_t i = 0; i < m->arenas; i++)
        if (within(addr, end, m->arena[i], 2 * SANCTIONED))
            return 1;
    uintptr_t here = (uintptr_t)&here; /* the stack that this runs on */
    return within(addr, end, uc, 1) || (addr <= here && here < end) ||
           (!(uc->uc_stack.ss_flags & SS_DISABLE) && within(addr, end, uc->uc_stack.ss_sp, uc->uc_stack.ss_size));
}

static int make_term(struct memguard *m, uintptr_t addr, uintptr_t end, const char *name, const ucontext_t *uc)
{
    if (!m->enabled)
        return QUASI_MEMGUARD_NOT_ENABLED;
    size_t i = first_term(m, addr);
    if (i < m->terms_used && m->terms[i].addr < end)
        return m->terms[i].addr == addr ? QUASI_MEMGUARD_PROTECTED : QUASI_MEMGUARD_OVERLAPS;
    uintptr_t first = addr & -(uintptr_t)PAGE, page, prepared = 0;
    if (is_own(m, first, (end + PAGE - 1) & -(uintptr_t)PAGE, uc))
        return QUASI_MEMGUARD_OWN;
    struct vma v;
    for (page = first; page < end; page += PAGE) {
        int error = __quasi_memguard_check_page(m, page, &v);
        if (error)
            return error;
    }
    const char *copy = intern(m, name);
    if (!copy || m->terms_used == MOST_TERMS)
        return QUASI_MEMGUARD_FULL;
    i = first_term(m, addr); /* terms of what was unmapped are gone */
    memmove(&m->terms[i + 1], &m->terms[i], (m->terms_used - i) * sizeof *m->terms);
    m->terms[i] = (struct term){ addr, end, copy };
    m->terms_used++;
    for (page = first; page < end; page += PAGE) {
        int error = __quasi_memguard_open_page(m, page, uc, &prepared);
        if (!error)
            continue;
        while (page > first)
            __quasi_memguard_close_page(m, find_page(m, page -= PAGE));
        m->terms_used--;
        memmove(&m->terms[i], &m->terms[i + 1], (m->terms_used - i) * sizeof *m->terms);
        return error;
    }
    return 0;
}

static void protect(struct memguard *m, struct request *r, ucontext_t *uc)
{
    char name[NAME_LENGTH + 1];
    const char *from = r->data;
    uintptr_t addr = r->addr, end = addr + r->size;
    unsigned n = 0;
    for (; from && n < NAME_LENGTH && from[n]; n++)
        name[n] = from[n];
    name[n] = 0;
    lock(m);
    int result = make_term(m, addr, end, name, uc);
    unlock(m);
    r->result = result; /* may fault */
}

int quasi_memguard_protect(const void *addr, size_t size, const char *name)
{
    struct memguard *m = __quasi_memguard;
    if (!m || !atomic_load(&m->enabled))
        return QUASI_MEMGUARD_NOT_ENABLED;
    uintptr_t a = (uintptr_t)addr;
    if (!size || a + size < a || (a + size - 1) >> USER_TOP)
        return QUASI_MEMGUARD_SIZE;
    struct request r = { .addr = a, .size = size, .data = name, .result = QUASI_MEMGUARD_FORKING };
    return (int)__quasi_memguard_run(protect, &r);
}

void __quasi_memguard_remove_term(struct memguard *m, size_t i)
{
    struct term t = m->terms[i];
    m->terms_used--;
    memmove(&m->terms[i], &m->terms[i + 1], (m->terms_used - i) * sizeof *m->terms);
    for (uintptr_t page = t.addr & -(uintptr_t)PAGE; page < t.end; page += PAGE) {
        struct guarded_page *p = find_page(m, page);
        if (p)
            __quasi_memguard_close_page(m, p);
    }
}

static void release(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)uc;
    lock(m);
    size_t i = first_term(m, r->addr);
    int found = i < m->terms_used && m->terms[i].addr == r->addr;
    if (found)
        __quasi_memguard_remove_term(m, i);
    unlock(m);
    r->result = found ? 0 : QUASI_MEMGUARD_NOT_PROTECTED;
}

int quasi_memguard_release(const void *addr)
{
    struct memguard *m = __quasi_memguard;
    if (!m || !atomic_load(&m->enabled))
        return QUASI_MEMGUARD_NOT_ENABLED;
    struct request r = { .addr = (uintptr_t)addr, .result = QUASI_MEMGUARD_FORKING };
    return (int)__quasi_memguard_run(release, &r);
}

static void disable(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)uc;
    lock(m);
    int was = atomic_exchange(&m->enabled, 0);
    while (m->terms_used)
        __quasi_memguard_remove_term(m, m->terms_used - 1);
    __quasi_memguard_flush(m, 1);
    unlock(m);
    r->result = was ? 0 : QUASI_MEMGUARD_NOT_ENABLED;
}

/* The handlers stay: a fault may be under way in another thread. */
int quasi_memguard_disable(void)
{
    struct request r = { .result = QUASI_MEMGUARD_FORKING };
    if (!__quasi_memguard)
        return QUASI_MEMGUARD_NOT_ENABLED;
    return (int)__quasi_memguard_run(disable, &r);
}

int quasi_memguard_write(void *addr, const void *from, size_t size)
{
    struct memguard *m = __quasi_memguard;
    if (!m || !atomic_load_explicit(&m->enabled, memory_order_relaxed))
        return QUASI_MEMGUARD_NOT_ENABLED;
    if (!size || (uintptr_t)addr + size < (uintptr_t)addr)
        return QUASI_MEMGUARD_SIZE;
    if (atomic_load(&m->forking) && has_lock(m))
        __quasi_memguard_copy(addr, from, size); /* faults, and is done as any write, but for the report */
    else
        __quasi_memguard_put(m, (uintptr_t)addr, from, size, SANCTIONED);
    return 0;
}

/* Hits. */

static void drain(struct memguard *m, struct request *r, ucontext_t *uc)
{
    struct quasi_memguard_hit *to = r->out, hit;
    long n = 0;
    (void)uc;
    for (; n < (long)r->size; n++) {
        lock(m);
        int taken = __quasi_memguard_take(m, 0, &hit);
        unlock(m);
        if (!taken)
            break;
        to[n] = hit; /* may fault */
    }
    r->result = n;
}

size_t quasi_memguard_drain(struct quasi_memguard_hit *hits, size_t n)
{
    struct request r = { .out = hits, .size = n };
    return __quasi_memguard ? (size_t)__quasi_memguard_run(drain, &r) : 0;
}

uint64_t quasi_memguard_lost(void) { return __quasi_memguard ? *(volatile uint64_t *)&__quasi_memguard->lost : 0; }

static void set_on_hit(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)uc;
    lock(m);
    m->on_hit_data = r->out;
    memcpy(&m->on_hit, &r->data, sizeof m->on_hit);
    unlock(m);
}

void quasi_memguard_on_hit(void (*f)(const struct quasi_memguard_hit *hit, void *data), void *data)
{
    struct request r = { .out = data };
    memcpy(&r.data, &f, sizeof f);
    if (__quasi_memguard)
        __quasi_memguard_run(set_on_hit, &r);
}

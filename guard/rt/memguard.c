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
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct memguard *__quasi_memguard;
_Thread_local volatile unsigned char __quasi_program_calls __attribute__((tls_model("initial-exec")));

static atomic_int creating;

enum { USER_TOP = 47 };       /* bits of addresses */
enum { POPULATE_WRITE = 23 }; /* the kernel's MADV_POPULATE_WRITE, since Linux 5.14 */

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
    }
    return "unknown error";
}

static int failed(long result) { return (unsigned long)result > -4096ul; }

/* Requests. */

int __quasi_memguard_send(int thread, int what, void *request)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = SI_QUEUE;
    info.si_errno = REQUEST_MARK + what;
    info.si_pid = (pid_t)call1(SYS_getpid, 0);
    info.si_value.sival_ptr = request;
    return (int)call4(SYS_rt_tgsigqueueinfo, info.si_pid, thread, SIGSEGV, (long)&info);
}

/* take_stack gives the thread an alternate stack to be; 0: there is none left. */
int __quasi_memguard_take_stack(struct memguard *m, stack_t *s)
{
    int me = (int)call1(SYS_gettid, 0), pid = (int)call1(SYS_getpid, 0);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < MOST_STACKS; i++) {
            int owner = atomic_load_explicit(&m->stack_thread[i], memory_order_relaxed);
            if (owner == me || (owner && (!round || call3(SYS_tgkill, pid, owner, 0) == 0)))
                continue; /* the second round takes those of threads that have ended */
            if (!atomic_compare_exchange_strong(&m->stack_thread[i], &owner, me))
                continue;
            *s = (stack_t){ .ss_sp = m->stacks[i], .ss_size = STACK_SIZE };
            return 1;
        }
    return 0;
}

/* prepare_self makes sure that this thread hears SIGSEGV, and not on its own stack. */
static void prepare_self(struct memguard *m)
{
    uint64_t segv = 1ull << (SIGSEGV - 1);
    stack_t s;
    call4(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&segv, 0, 8);
    if (!call3(SYS_sigaltstack, 0, (long)&s, 0) && (s.ss_flags & SS_DISABLE) && __quasi_memguard_take_stack(m, &s))
        call3(SYS_sigaltstack, (long)&s, 0, 0);
}

long __quasi_memguard_run(void (*f)(struct memguard *, struct request *, ucontext_t *), struct request *r)
{
    unsigned char was = __quasi_program_calls;
    __quasi_program_calls = 0;
    r->run = f;
    prepare_self(__quasi_memguard);
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

static void at_exit(void)
{
    struct request r = { 0 };
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
    void *memory = mmap(NULL, sizeof(struct memguard), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct memguard *m = memory;
    /* private, so that a child of fork has its own */
    m->code = mmap(NULL, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m->code == MAP_FAILED) {
        munmap(memory, sizeof(struct memguard));
        return NULL;
    }
    if (pthread_atfork(fork_prepare, fork_parent, fork_child)) {
        munmap(m->code, CODE_SIZE);
        munmap(memory, sizeof(struct memguard));
        return NULL;
    }
    look_at_processor(m);
    void *warm[4];
    backtrace(warm, 4); /* loads the unwinder */
    return m;
}

static int install(int sig, void (*f)(int, siginfo_t *, void *), struct sigaction *before)
{
    struct sigaction now, act = { .sa_sigaction = f, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART };
    if (sigaction(sig, NULL, &now))
        return 0;
    if (now.sa_sigaction == f)
        return 1;
    *before = now;
    sigfillset(&act.sa_mask);
    sigdelset(&act.sa_mask, SIGSEGV);
    sigdelset(&act.sa_mask, SIGTRAP);
    return sigaction(sig, &act, NULL) == 0;
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
    if (!m->exit_registered && m->log[0] && !atexit(at_exit))
        m->exit_registered = 1;
    if (!(caught && m->handling) && (!install(SIGSEGV, __quasi_memguard_on_segv, &m->program) ||
                                     !install(SIGTRAP, __quasi_memguard_on_trap, &m->program_trap)))
        return QUASI_MEMGUARD_SYSTEM;
    m->handling = 1;
    prepare_self(m);
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

static int protection(const struct guarded_page *p, int writable)
{
    return PROT_READ | (writable ? PROT_WRITE : 0) | (p->executable ? PROT_EXEC : 0);
}

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

/* add_arena maps new slots. */
static int add_arena(struct memguard *m)
{
    const long size = (long)ARENA_SLOTS * PAGE;
    long fd = call3(SYS_memfd_create, (long)"quasi-memguard", MFD_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    long at = -1;
    if (m->arenas < MOST_ARENAS && !call3(SYS_ftruncate, fd, size, 0))
        at = system_call(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
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
    if ((failed(populated) && populated != -EINVAL) || failed(call3(SYS_mprotect, page, PAGE, protection(&made, 0)))) {
        free_slot(m, alias);
        return NULL;
    }
    copy_bytes(alias, (const void *)page, PAGE); /* nobody can write it now */
    if (!__quasi_memguard_map_slot(&made)) {
        call3(SYS_mprotect, page, PAGE, protection(&made, 1));
        free_slot(m, alias);
        return NULL;
    }
    p->alias = alias;
    p->executable = executable;
    p->terms = 0;
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
        const uintptr_t *word = (const uintptr_t *)at;
        if (word[0] == at && word[2] == at)
            return 1;
    }
    return 0;
}

static int within(uintptr_t addr, uintptr_t end, const void *from, size_t size)
{
    return addr < (uintptr_t)from + size && (uintptr_t)from < end;
}

static int is_own(const struct memguard *m, uintptr_t addr, uintptr_t end, const ucontext_t *uc)
{
    if (within(addr, end, m, sizeof *m) || within(addr, end, m->code, CODE_SIZE))
        return 1;
    for (uint32_t i = 0; i < m->arenas; i++)
        if (within(addr, end, m->arena[i], (size_t)ARENA_SLOTS * PAGE))
            return 1;
    uintptr_t here = (uintptr_t)&here; /* the stack that this runs on */
    return within(addr, end, uc, 1) || (addr <= here && here < end) ||
           (!(uc->uc_stack.ss_flags & SS_DISABLE) && within(addr, end, uc->uc_stack.ss_sp, uc->uc_stack.ss_size));
}

/* check_page returns an error, or 0 and how it is mapped. */
static int check_page(struct memguard *m, uintptr_t page, struct vma *v)
{
    int found = __quasi_memguard_vma(page, v);
    if (found <= 0)
        return found ? QUASI_MEMGUARD_SYSTEM : QUASI_MEMGUARD_UNMAPPED;
    if (find_page(m, page)) {
        if (v->shared)
            return 0;
        __quasi_memguard_drop(m, page, PAGE); /* unmapped, and mapped again, since */
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
        struct {
            uint64_t handler, flags, restorer, mask;
        } act; /* as the kernel has it */
        if (!call4(SYS_rt_sigaction, sig, 0, (long)&act, 8) && act.handler > 1 && !(act.flags & SA_ONSTACK)) {
            act.flags |= SA_ONSTACK;
            call4(SYS_rt_sigaction, sig, (long)&act, 0, 8);
        }
    }
}

static void close_page(struct memguard *m, struct guarded_page *p)
{
    if (--p->terms == 0 && failed(call3(SYS_mprotect, p->page, PAGE, protection(p, 1))))
        __quasi_memguard_drop(m, p->page, PAGE);
}

static int open_page(struct memguard *m, uintptr_t page, const ucontext_t *uc)
{
    struct vma v;
    int error = check_page(m, page, &v);
    if (error)
        return error;
    struct guarded_page *p = find_page(m, page);
    if (!p) {
        uint8_t byte;
        if (v.start == page) /* a stack would not grow below it any more */
            __quasi_memguard_load_byte((void *)(page - 1), &byte);
        uintptr_t sp = uc->uc_mcontext.gregs[REG_RSP];
        int own_stack = v.start <= sp && sp < v.end;
        if (own_stack || might_be_stack(&v))
            handle_elsewhere();
        if (!own_stack && might_be_stack(&v))
            __quasi_memguard_tell_threads(m, REQUEST_PREPARE);
        p = new_page(m, page, v.executable, &error);
        if (!p)
            return error;
    }
    if (p->terms++ == 0)
        call3(SYS_mprotect, page, PAGE, protection(p, 0));
    return 0;
}

static int make_term(struct memguard *m, uintptr_t addr, uintptr_t end, const char *name, const ucontext_t *uc)
{
    if (!m->enabled)
        return QUASI_MEMGUARD_NOT_ENABLED;
    size_t i = first_term(m, addr);
    if (i < m->terms_used && m->terms[i].addr < end)
        return m->terms[i].addr == addr ? QUASI_MEMGUARD_PROTECTED : QUASI_MEMGUARD_OVERLAPS;
    uintptr_t first = addr & -(uintptr_t)PAGE, page;
    if (is_own(m, first, (end + PAGE - 1) & -(uintptr_t)PAGE, uc))
        return QUASI_MEMGUARD_OWN;
    struct vma v;
    for (page = first; page < end; page += PAGE) {
        int error = check_page(m, page, &v);
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
        int error = open_page(m, page, uc);
        if (!error)
            continue;
        while (page > first)
            close_page(m, find_page(m, page -= PAGE));
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
    struct request r = { .addr = a, .size = size, .data = name };
    return (int)__quasi_memguard_run(protect, &r);
}

/* remove_term does not touch the pages that lie in [keep, keep_end). */
static void remove_term(struct memguard *m, size_t i, uintptr_t keep, uintptr_t keep_end)
{
    struct term t = m->terms[i];
    m->terms_used--;
    memmove(&m->terms[i], &m->terms[i + 1], (m->terms_used - i) * sizeof *m->terms);
    for (uintptr_t page = t.addr & -(uintptr_t)PAGE; page < t.end; page += PAGE) {
        struct guarded_page *p = find_page(m, page);
        if (p && (page < keep || page >= keep_end))
            close_page(m, p);
    }
}

size_t __quasi_memguard_drop(struct memguard *m, uintptr_t addr, size_t size)
{
    uintptr_t first = addr & -(uintptr_t)PAGE, end = (addr + size + PAGE - 1) & -(uintptr_t)PAGE;
    size_t lost = 0;
    for (size_t i = first_term(m, first); i < m->terms_used && m->terms[i].addr < end; lost++)
        remove_term(m, i, first, end);
    for (uint32_t i = 0; i < m->pages_used; i++) {
        struct guarded_page *p = &m->pages[m->page_list[i]];
        if (p->page < first || p->page >= end || p->page == 1)
            continue;
        p->terms = 0;
        atomic_store(&p->page, 1);
        free_slot(m, p->alias);
    }
    return lost;
}

static void release(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)uc;
    lock(m);
    size_t i = first_term(m, r->addr);
    int found = i < m->terms_used && m->terms[i].addr == r->addr;
    if (found)
        remove_term(m, i, 0, 0);
    unlock(m);
    r->result = found ? 0 : QUASI_MEMGUARD_NOT_PROTECTED;
}

int quasi_memguard_release(const void *addr)
{
    struct memguard *m = __quasi_memguard;
    if (!m || !atomic_load(&m->enabled))
        return QUASI_MEMGUARD_NOT_ENABLED;
    struct request r = { .addr = (uintptr_t)addr };
    return (int)__quasi_memguard_run(release, &r);
}

static void disable(struct memguard *m, struct request *r, ucontext_t *uc)
{
    (void)uc;
    lock(m);
    int was = atomic_exchange(&m->enabled, 0);
    while (m->terms_used)
        remove_term(m, m->terms_used - 1, 0, 0);
    __quasi_memguard_flush(m, 1);
    unlock(m);
    r->result = was ? 0 : QUASI_MEMGUARD_NOT_ENABLED;
}

/* The handlers stay: a fault may be under way in another thread. */
int quasi_memguard_disable(void)
{
    struct request r = { 0 };
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
    __quasi_memguard_put(m, (uintptr_t)addr, from, size);
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

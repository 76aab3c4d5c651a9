/*
 * ledger.c: a program under MemGuard (quasi build --memguard): what its quasi-invariants
 * read is protected (M4), and each write to it is looked up in the program's ledger (M5).
 *
 * A write is known if the instruction that does it is of a row of the term, or, where code
 * writes that is in no module of the program (libraries, the kernel), the call by which
 * the modules have come there. Rows that say that no write can happen (fresh, proven
 * disjoint) make none known.
 */
#define _GNU_SOURCE
#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCATIONS = 1 << 19, BUCKETS = 1 << 18, MOST_SIZE = 8, ON_STACK = 0, BY_LOCK = 15 /* of refused */ };
enum { STACKS = 1024 };
enum { PROTECTED = UINT32_MAX }; /* in place of a term: bytes that MemGuard protects, which do not overlap */

struct quasi_ledger __quasi_ledger;
struct quasi_misses *__quasi_misses;

/* A location is what a predicate has read, or what is protected. One that has ended may come back. */
struct location {
    uintptr_t addr;
    uint32_t size, term;
    atomic_int live;
    uint32_t next; /* in its bucket, which goes by addr; 0 ends it */
};

/* Where a thread has its variables; of all threads that are known. Nothing there is protected. */
struct stack {
    _Atomic uintptr_t low; /* 0: free */
    uintptr_t high;
};
static uintptr_t main_stack; /* from here on; nothing else is above it */

/* On pages of their own: what shares a page with a term is written slowly. */
static struct tables {
    atomic_int lock;
    uint32_t locations, live;
    _Atomic uint32_t bucket[BUCKETS];
    struct stack stack[STACKS];
    struct location location[LOCATIONS]; /* from 1; only grows */
} *tables;

/* The variables that are terms: quasi makes the table. A row of zeros ends it. */
struct variable {
    const void *addr;
    uint64_t size, term;
};
extern const struct variable __quasi_variables[] __attribute__((weak));

static void *pages(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* The lock is held with signals blocked: a handler that calls a specialized function takes it, too. */
static void take(atomic_int *lock, sigset_t *mask)
{
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGTRAP);
    sigdelset(&all, SIGSYS);
    pthread_sigmask(SIG_SETMASK, &all, mask);
    while (atomic_exchange_explicit(lock, 1, memory_order_acquire))
        sched_yield();
}

static void give(atomic_int *lock, const sigset_t *mask)
{
    atomic_store_explicit(lock, 0, memory_order_release);
    pthread_sigmask(SIG_SETMASK, mask, NULL);
}

static int meet(uintptr_t a, uint64_t n, uintptr_t b, uint64_t m) { return a < b ? b - a < n : a - b < m; }

/* Protection. */

static uint32_t bucket_of(uintptr_t addr) { return (addr >> 3) * 0x9e3779b97f4a7c15ull >> 46; }

/* find is the location, whether it is live or not; NULL if there is none. */
static struct location *find(uintptr_t addr, uint32_t size, uint32_t term)
{
    uint32_t i = atomic_load_explicit(&tables->bucket[bucket_of(addr)], memory_order_acquire);
    for (; i; i = tables->location[i].next) {
        struct location *l = &tables->location[i];
        if (l->addr == addr && l->size == size && l->term == term)
            return l;
    }
    return NULL;
}

/* revive makes a location live. The lock is held. */
static int revive(uintptr_t addr, uint32_t size, uint32_t term)
{
    struct location *l = find(addr, size, term);
    if (!l) {
        if (tables->locations + 1 == LOCATIONS)
            return QUASI_MEMGUARD_FULL;
        _Atomic uint32_t *bucket = &tables->bucket[bucket_of(addr)];
        l = &tables->location[++tables->locations];
        *l = (struct location){ .addr = addr, .size = size, .term = term, .next = *bucket };
        atomic_store_explicit(bucket, tables->locations, memory_order_release);
    }
    if (!atomic_exchange_explicit(&l->live, 1, memory_order_release))
        tables->live++;
    return 0;
}

/*
 * next_of is the next live location after l that has one of the bytes, by those of terms or
 * of what is protected; none has more than MOST_SIZE bytes. at is where the search is.
 */
struct search {
    uintptr_t addr, end, at; /* at: a multiple of 8 */
    uint32_t i;
};

static struct search search(uintptr_t addr, size_t size)
{
    uintptr_t at = (addr & ~7ul) - 8;
    return (struct search){ addr, addr + size, at, tables->bucket[bucket_of(at)] };
}

static struct location *next_of(struct search *s, int protected)
{
    for (;;) {
        while (s->i) {
            struct location *l = &tables->location[s->i];
            s->i = l->next;
            if (l->live && (l->addr & ~7ul) == s->at && (l->term == PROTECTED) == protected &&
                meet(l->addr, l->size, s->addr, s->end - s->addr))
                return l;
        }
        s->at += 8;
        if (s->at >= s->end)
            return NULL;
        s->i = tables->bucket[bucket_of(s->at)];
    }
}

static int on_stack(uintptr_t addr)
{
    if (addr >= main_stack)
        return 1;
    for (int i = 0; i < STACKS; i++) {
        const struct stack *s = &tables->stack[i];
        uintptr_t low = atomic_load_explicit(&s->low, memory_order_acquire);
        if (low && addr >= low && addr < s->high)
            return 1;
    }
    return 0;
}

void __quasi_stack_begins(uintptr_t low, uintptr_t high)
{
    for (int i = 0; tables && i < STACKS; i++)
        if (tables->stack[i].low == low && tables->stack[i].high == high)
            return; /* of a thread that has ended */
    for (int i = 0; tables && i < STACKS; i++) {
        uintptr_t none = 0;
        struct stack *s = &tables->stack[i];
        if (!atomic_compare_exchange_strong(&s->low, &none, 1)) /* empty */
            continue;
        s->high = high;
        atomic_store_explicit(&s->low, low, memory_order_release);
        return;
    }
}

void __quasi_stacks_end(uintptr_t addr, size_t size)
{
    for (int i = 0; tables && i < STACKS; i++) {
        struct stack *s = &tables->stack[i];
        if (s->low > 1 && meet(s->low, s->high - s->low, addr, size)) {
            s->high = 0;
            atomic_store_explicit(&s->low, 0, memory_order_release);
        }
    }
}

static void refuse(int why)
{
    __atomic_add_fetch(&__quasi_misses->all.refused[why & 15], 1, __ATOMIC_RELAXED);
}

void __quasi_lost_by_lock(size_t terms) { __atomic_add_fetch(&__quasi_misses->all.refused[BY_LOCK], terms, __ATOMIC_RELAXED); }

/* protect has the bytes protected that are not yet. The lock is held. */
static int protect(uintptr_t addr, size_t size, const char *name)
{
    for (uintptr_t from = addr, end = addr + size; from < end;) {
        struct search s = search(from, end - from);
        uintptr_t to = end, on = end; /* bytes up to to are not protected; go on at on */
        for (struct location *l; (l = next_of(&s, 1));)
            if (l->addr <= from ? to > from : l->addr < to) {
                to = l->addr <= from ? from : l->addr;
                on = l->addr + l->size;
            }
        if (to > from) {
            int failed = quasi_memguard_protect((const void *)from, to - from, name);
            if (!failed && (failed = revive(from, to - from, PROTECTED)))
                quasi_memguard_release((const void *)from);
            if (failed)
                return failed;
        }
        from = on;
    }
    return 0;
}

static void watch(const void *at, uint64_t size, uint64_t term)
{
    uintptr_t addr = (uintptr_t)at;
    unsigned char was = __quasi_program_calls;
    __quasi_program_calls = 0;
    sigset_t mask;
    take(&tables->lock, &mask);
    int failed = size > MOST_SIZE ? QUASI_MEMGUARD_SIZE : protect(addr, size, __quasi_ledger.strings + __quasi_ledger.terms[term]);
    if (!failed && !(failed = revive(addr, size, term)))
        __atomic_add_fetch(&__quasi_misses->term[term].locations, 1, __ATOMIC_RELAXED);
    if (failed && failed != QUASI_MEMGUARD_READ_ONLY) /* nobody writes that */
        refuse(-failed);
    give(&tables->lock, &mask);
    __quasi_program_calls = was;
}

/* Slots call this before they read a location of a term. */
void __quasi_watch(const void *at, uint64_t size, uint64_t term)
{
    if (!tables || !at)
        return;
    const struct location *l = find((uintptr_t)at, size, term);
    if (l && atomic_load_explicit(&l->live, memory_order_acquire))
        return;
    int saved = errno;
    if (on_stack((uintptr_t)at))
        refuse(ON_STACK);
    else
        watch(at, size, term);
    errno = saved;
}

static void end(struct location *l)
{
    atomic_store_explicit(&l->live, 0, memory_order_release);
    tables->live--;
    if (l->term == PROTECTED)
        quasi_memguard_release((const void *)l->addr);
}

void __quasi_instances_end(const void *at, size_t size)
{
    uintptr_t addr = (uintptr_t)at;
    if (!tables || !tables->live || !size)
        return;
    int saved = errno;
    unsigned char was = __quasi_program_calls;
    __quasi_program_calls = 0;
    sigset_t mask;
    take(&tables->lock, &mask);
    if (size / 8 < tables->locations) {
        for (int protected = 0; protected < 2; protected++) {
            struct search s = search(addr, size);
            for (struct location *l; (l = next_of(&s, protected));)
                end(l);
        }
    } else {
        for (uint32_t i = 1; i <= tables->locations; i++)
            if (tables->location[i].live && meet(tables->location[i].addr, tables->location[i].size, addr, size))
                end(&tables->location[i]);
    }
    give(&tables->lock, &mask);
    __quasi_program_calls = was;
    errno = saved;
}

/* The end of instances: the program is linked with --wrap. */
void __real_free(void *p);
void *__real_realloc(void *p, size_t size);
void __wrap_free(void *p);
void *__wrap_realloc(void *p, size_t size);

void __wrap_free(void *p)
{
    if (p && tables && tables->live)
        __quasi_instances_end(p, malloc_usable_size(p));
    __real_free(p);
}

void *__wrap_realloc(void *p, size_t size)
{
    if (p && tables && tables->live)
        __quasi_instances_end(p, malloc_usable_size(p));
    return __real_realloc(p, size);
}

/*
 * Variables of functions that have terms: they are not on the stack, whose pages all code
 * writes. Handlers have such variables, too, so malloc cannot be asked.
 */
enum { LEAST_LOCAL = 6, LOCAL_SIZES = 40, LOCAL_CHUNK = 1 << 20 }; /* powers of two */

static struct {
    atomic_int lock;
    void *free[LOCAL_SIZES];
    uintptr_t next, end;
} locals;

static int local_size(uint64_t size, uint64_t align)
{
    int n = LEAST_LOCAL;
    while (n < LOCAL_SIZES - 1 && (1ull << n < size || 1ull << n < align))
        n++;
    return n;
}

static void *new_local(uint64_t size)
{
    if (size >= LOCAL_CHUNK) {
        uintptr_t p = (uintptr_t)pages(2 * size);
        return p ? (void *)((p + size - 1) & -size) : NULL;
    }
    uintptr_t at = (locals.next + size - 1) & -size;
    if (!locals.next || at + size > locals.end) {
        locals.next = (uintptr_t)pages(LOCAL_CHUNK);
        locals.end = locals.next + LOCAL_CHUNK;
        if (!locals.next)
            return NULL;
        at = (locals.next + size - 1) & -size;
        if (at + size > locals.end)
            return NULL;
    }
    locals.next = at + size;
    return (void *)at;
}

void *__quasi_local(uint64_t size, uint64_t align)
{
    int saved = errno, n = local_size(size, align);
    unsigned char was = __quasi_program_calls;
    sigset_t mask;
    __quasi_program_calls = 0;
    take(&locals.lock, &mask);
    void *p = locals.free[n];
    if (p)
        memcpy(&locals.free[n], p, sizeof p);
    else
        p = new_local(1ull << n);
    give(&locals.lock, &mask);
    __quasi_program_calls = was;
    if (!p) {
        __quasi_say("no memory for a variable");
        abort();
    }
    errno = saved;
    return p;
}

void __quasi_local_ends(void *p, uint64_t size, uint64_t align)
{
    int saved = errno, n = local_size(size, align);
    unsigned char was = __quasi_program_calls;
    sigset_t mask;
    __quasi_instances_end(p, size);
    __quasi_program_calls = 0;
    take(&locals.lock, &mask);
    memcpy(p, &locals.free[n], sizeof p);
    locals.free[n] = p;
    give(&locals.lock, &mask);
    __quasi_program_calls = was;
    errno = saved;
}

/* Hits. */

static const struct quasi_table_place *place_of(uintptr_t pc)
{
    const struct quasi_ledger *t = &__quasi_ledger;
    uint32_t low = 0, high = t->head->ranges;
    pc -= t->bias;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (t->ranges[mid].start <= pc)
            low = mid + 1;
        else
            high = mid;
    }
    if (!low || pc - t->ranges[low - 1].start >= t->ranges[low - 1].size)
        return NULL;
    return &t->places[t->ranges[low - 1].place];
}

/* class_of is the class of the row of a term at a place: the one by which the write is known, if one is. */
static int class_of(const struct quasi_table_place *p, uint32_t term)
{
    int class = CLASS_NONE;
    for (uint32_t i = 0; p && i < p->rows; i++) {
        const struct quasi_table_row *r = &__quasi_ledger.rows[p->row + i];
        if (r->term == term && (int)r->class < class)
            class = r->class;
    }
    return class;
}

/* missed notes a write. The lock is held. */
static void missed(const struct quasi_memguard_hit *h, const struct quasi_miss *m)
{
    struct quasi_misses *all = __quasi_misses;
    all->all.missed++;
    for (uint32_t i = 0; i < all->n; i++) {
        struct quasi_miss *o = &all->list[i];
        if (o->place == m->place && o->term == m->term && o->kind == m->kind && o->class == m->class &&
            (m->place || o->instruction == m->instruction)) {
            o->count++;
            return;
        }
    }
    if (all->n == MOST_MISSES) {
        all->all.lost++;
        return;
    }
    struct quasi_miss *o = &all->list[all->n];
    *o = *m;
    o->count = 1;
    o->told = 0;
    o->saved = h->saved < sizeof o->before ? h->saved : sizeof o->before;
    memcpy(o->before, h->before, o->saved);
    memcpy(o->after, h->after, o->saved);
    __atomic_store_n(&all->n, all->n + 1, __ATOMIC_RELEASE); /* a report does not take the lock */
}

/* MemGuard calls this after each write to a term, with all signals blocked. */
static void hit(const struct quasi_memguard_hit *h, void *unused)
{
    (void)unused;
    uintptr_t addr = (uintptr_t)h->addr;
    struct quasi_miss m = { .instruction = (uintptr_t)h->instruction, .kind = h->kind };
    m.place = place_of(m.instruction - (h->kind == QUASI_MEMGUARD_KERNEL)); /* else it is what comes after the system call */
    for (uint32_t i = 0; !m.place && i < h->callers; i++) {
        m.place = place_of((uintptr_t)h->caller[i] - 1);
        m.callee = i ? (uintptr_t)h->caller[i - 1] - 1 : m.instruction;
    }
    if (!m.place)
        m.callee = 0;
    while (atomic_exchange_explicit(&__quasi_misses->lock, 1, memory_order_acquire))
        sched_yield();
    struct search s = search(addr, h->size);
    for (const struct location *l; (l = next_of(&s, 0));) {
        struct quasi_term_figures *term = &__quasi_misses->term[l->term];
        __quasi_misses->all.writes++;
        term->writes++;
        m.term = l->term;
        m.class = class_of(m.place, l->term);
        m.offset = addr < l->addr ? 0 : addr - l->addr;
        m.size = h->size;
        if (m.class <= CLASS_NOT_VISIBLE) {
            __quasi_misses->all.known++;
            term->known++;
        } else {
            missed(h, &m);
        }
    }
    atomic_store_explicit(&__quasi_misses->lock, 0, memory_order_release);
}

/* Fork: nobody else is inside while the child's memory is made. */
static sigset_t fork_mask;

void __quasi_ledger_fork_prepare(void)
{
    if (!tables)
        return;
    sigset_t mask; /* another thread may be about to fork, too */
    take(&tables->lock, &mask);
    fork_mask = mask;
    while (atomic_exchange_explicit(&locals.lock, 1, memory_order_acquire))
        sched_yield();
    while (atomic_exchange_explicit(&__quasi_misses->lock, 1, memory_order_acquire))
        sched_yield();
}

void __quasi_ledger_fork_parent(void)
{
    if (!tables)
        return;
    atomic_store_explicit(&__quasi_misses->lock, 0, memory_order_release);
    atomic_store_explicit(&locals.lock, 0, memory_order_release);
    give(&tables->lock, &fork_mask);
}

void __quasi_ledger_fork_child(void)
{
    if (!tables)
        return;
    struct quasi_misses *m = __quasi_misses;
    m->n = 0;
    m->reported = 0;
    memset(&m->all, 0, sizeof m->all);
    memset(&m->told, 0, sizeof m->told);
    memset(m->term, 0, 2 * __quasi_ledger.head->terms * sizeof *m->term);
    __quasi_ledger_fork_parent();
}

/* The table. */

static int main_bias(struct dl_phdr_info *info, size_t size, void *bias)
{
    (void)size;
    *(uintptr_t *)bias = info->dlpi_addr;
    return 1; /* the first is the program */
}

static int load_table(void)
{
    struct quasi_ledger *t = &__quasi_ledger;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return 0;
    void *file = fstat(fd, &st) ? MAP_FAILED : mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (file == MAP_FAILED)
        return 0;
    struct quasi_table_end end;
    const unsigned char *stop = (const unsigned char *)file + st.st_size - sizeof end, *at;
    if (st.st_size < (off_t)(sizeof end + sizeof *t->head))
        return 0;
    memcpy(&end, stop, sizeof end);
    if (memcmp(end.magic, QUASI_LEDGER_MAGIC, sizeof end.magic) || end.size < sizeof *t->head || end.size % 8 || end.size > (uint64_t)(stop - (const unsigned char *)file))
        return 0;
    at = stop - end.size;
    t->file = file;
    t->head = (const struct quasi_table_head *)at;
    t->ranges = (const struct quasi_table_range *)(at += sizeof *t->head);
    t->places = (const struct quasi_table_place *)(at += t->head->ranges * sizeof *t->ranges);
    t->rows = (const struct quasi_table_row *)(at += t->head->places * sizeof *t->places);
    t->calls = (const struct quasi_table_call *)(at += t->head->rows * sizeof *t->rows);
    t->terms = (const uint32_t *)(at += t->head->calls * sizeof *t->calls);
    t->strings = (const char *)(at += t->head->terms * sizeof *t->terms);
    dl_iterate_phdr(main_bias, &t->bias);
    return at + t->head->strings <= stop && stop - (at + t->head->strings) < 8;
}

static void report_at_exit(void)
{
    __quasi_report();
    if (__quasi_exit_code(0))
        _exit(__quasi_exit_code(0));
}

__attribute__((constructor(101))) static void begin(void)
{
    if (!load_table()) {
        __quasi_say("the program has no ledger of its writes (strip removes it); nothing is watched");
        return;
    }
    struct tables *t = pages(sizeof *t);
    struct rlimit limit;
    uintptr_t most = 1ul << 30, here = (uintptr_t)&limit;
    main_stack = here - (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur > most ? most : limit.rlim_cur);
    size_t terms = __quasi_ledger.head->terms;
    __quasi_misses = pages(sizeof *__quasi_misses + 2 * terms * sizeof *__quasi_misses->term);
    int failed = 0;
    if (!t || !__quasi_misses || (failed = quasi_memguard_enable())) {
        __quasi_say(failed ? quasi_memguard_error(failed) : "no memory");
        return;
    }
    __quasi_misses->term = (struct quasi_term_figures *)(__quasi_misses + 1);
    __quasi_misses->term_told = __quasi_misses->term + terms;
    tables = t;
    __quasi_prepare_report();
    quasi_memguard_on_hit(hit, NULL);
    for (const struct variable *v = __quasi_variables; v && v->addr; v++)
        watch(v->addr, v->size, v->term);
    failed = __quasi_interpose();
    if (failed) {
        char text[200];
        snprintf(text, sizeof text, "system calls are not watched, those that write what is protected fail with EFAULT: %s",
                 failed == EINVAL ? "this kernel does not dispatch them (Linux 5.11 does)" : strerror(failed));
        __quasi_say(text);
        atexit(report_at_exit);
    }
}

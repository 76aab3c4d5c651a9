/*
 * interpose_writes.c: system calls that write memory of the program. The kernel cannot write
 * to pages that are protected: it is given other memory, at the same place in its pages, and what
 * it has written is copied, as a write of its own.
 *
 * A page may become protected while a call waits. Then the kernel fails with EFAULT, and the
 * call is made again; but a call that takes away what it returns (a datagram, an event, a
 * child's status) is given other memory from the beginning, if there are threads.
 */
#define _GNU_SOURCE
#include "interpose.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "calls.h"

enum { PAGE = 4096, CALLERS = 24, FEW = 8, LITTLE = 1024 };
#define END_OF_MEMORY 0x7ffffffff000ul
enum { MOST_BYTES = 0x7ffff000, MOST_VECTOR = 1024 }; /* the kernel transfers no more */

atomic_int __quasi_interpose_threads;

/* An output is memory that the kernel writes for the program, or reads, and has been given elsewhere. */
struct output_at {
    uint64_t *where, was; /* what points to it, and did */
    size_t size, written;
    unsigned char *instead;
    unsigned char *old; /* NULL, or a copy of what was there: written is what differs */
    size_t have;        /* of it */
    void *pages[2];     /* NULL: of few bytes */
    size_t pages_size[2];
    const struct output *row; /* of calls.h, if the result says how much is written; else NULL */
};

struct outputs {
    int n, room, always, failed; /* always: whether a page is protected or not */
    struct output_at *at, few[FEW];
    size_t used;
    unsigned char bytes[LITTLE] __attribute__((aligned(16)));
};

enum keep {
    EMPTY,
    FILLED, /* with what was there */
    KEPT,   /* and written is what has changed; without regard to the result */
};

static uintptr_t page_of(uintptr_t addr) { return addr & -(uintptr_t)PAGE; }

static void *pages(size_t size)
{
    long p = call(SYS_mmap, (long[6]){ 0, (long)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0 });
    return failed(p) ? NULL : (void *)p;
}

static int guarded(uintptr_t addr, size_t size)
{
    void *alias = NULL;
    for (size_t done = 0; done < size && !alias;) {
        size_t n = __quasi_memguard_span((const void *)(addr + done), size - done, &alias);
        done += n ? n : size;
    }
    return alias != NULL;
}

static int has_slots(uintptr_t addr, size_t size) { return __quasi_memguard_has_slots((const void *)addr, size); }

size_t __quasi_interpose_readable(uintptr_t addr, size_t size)
{
    uint8_t byte;
    for (size_t done = 0; done < size; done += PAGE - (addr + done) % PAGE)
        if (!__quasi_memguard_load_byte((const void *)(addr + done), &byte))
            return done;
    return size;
}

/* mapped is how many of the bytes are mapped; no page is touched. */
static size_t mapped(uintptr_t addr, size_t size)
{
    enum { MANY = 256 };
    unsigned char in[MANY];
    for (uintptr_t page = page_of(addr), end = addr + size, step = MANY * PAGE; page < end;) {
        size_t n = end - page < step ? end - page : step;
        if (call4(SYS_mincore, (long)page, (long)n, (long)in, 0) != -ENOMEM)
            page += n;
        else if (step > PAGE)
            step = PAGE;
        else
            return page < addr ? 0 : page - addr;
    }
    return size;
}

/* The calls of the program down to the system call. */
static unsigned callers_of(const ucontext_t *context, const void **caller)
{
    void *all[CALLERS + 12];
    int n = backtrace(all, CALLERS + 12), at = 0;
    while (at < n && all[at] != (void *)context->uc_mcontext.gregs[REG_RIP])
        at++;
    if (at == n) { /* nothing but the place is known */
        caller[0] = (const void *)context->uc_mcontext.gregs[REG_RIP];
        return 1;
    }
    int count = n - at < CALLERS ? n - at : CALLERS;
    memcpy(caller, all + at, count * sizeof *caller);
    return count;
}

static void copy(unsigned char *to, const unsigned char *from, const unsigned char *old, size_t size)
{
    for (size_t i = 0, n; i < size; i += n) {
        for (n = old ? 0 : size; i + n < size && from[i + n] != old[i + n]; n++)
            ;
        memcpy(to + i, from + i, n);
        n += !n;
    }
}

long __quasi_interpose_put(uintptr_t addr, const void *what, const void *was, size_t size, const ucontext_t *context)
{
    const unsigned char *from = what, *old = was;
    for (size_t done = 0, n; done < size; done += n) {
        uintptr_t at = addr + done;
        if (has_slots(at, size - done)) {
            const void *caller[CALLERS] = { (const void *)context->uc_mcontext.gregs[REG_RIP] };
            unsigned callers = __quasi_memguard_terms((const void *)at, size - done) ? callers_of(context, caller) : 1;
            n = __quasi_memguard_kernel_writes((const void *)at, from + done, old ? old + done : NULL, size - done, caller, callers);
            if (!n)
                return -EFAULT;
        } else {
            n = PAGE - at % PAGE;
            n = n < size - done ? n : size - done;
            if (__quasi_memguard_touch((void *)at))
                copy((unsigned char *)at, from + done, old ? old + done : NULL, n);
            else if (has_slots(at, 1)) /* since then */
                n = 0;
            else
                return -EFAULT;
        }
    }
    return 0;
}

static struct output_at *new_output(struct outputs *o)
{
    if (o->n == o->room) {
        size_t size = (o->room * 2 * sizeof *o->at + PAGE - 1) & -(size_t)PAGE;
        struct output_at *more = pages(size);
        if (!more)
            return NULL;
        memcpy(more, o->at, o->n * sizeof *more);
        if (o->at != o->few)
            call4(SYS_munmap, (long)o->at, (o->room * sizeof *o->at + PAGE - 1) & -(size_t)PAGE, 0, 0);
        o->at = more;
        o->room = size / sizeof *more;
    }
    return &o->at[o->n++];
}

/* room finds memory for an output, of which only have bytes can be used, as at addr; i: the first or the second of it. */
static unsigned char *room(struct outputs *o, struct output_at *at, int i, uintptr_t addr, size_t have)
{
    if (have == at->size && o->used + have <= sizeof o->bytes) {
        unsigned char *p = o->bytes + o->used;
        o->used += (have + 15) & -(size_t)16;
        memset(p, 0, have);
        return p;
    }
    size_t usable = addr % PAGE + have, size = (addr % PAGE + at->size + PAGE - 1) & -(size_t)PAGE;
    at->pages[i] = pages(size);
    if (!at->pages[i])
        return NULL;
    at->pages_size[i] = size;
    usable = (usable + PAGE - 1) & -(size_t)PAGE;
    if (usable < size)
        call4(SYS_mprotect, (long)at->pages[i] + (long)usable, (long)(size - usable), PROT_NONE, 0);
    return (unsigned char *)at->pages[i] + addr % PAGE;
}

static int is_range(uintptr_t addr, size_t size) { return addr && size && size <= MOST_BYTES && addr + size > addr; }

/* elsewhere has the kernel use other memory than that where *where points. NULL: it is given that. */
static struct output_at *elsewhere(struct outputs *o, uint64_t *where, size_t size, enum keep keep)
{
    uintptr_t addr = *where;
    size_t have = keep == EMPTY ? mapped(addr, size) : __quasi_interpose_readable(addr, size);
    struct output_at *at = have ? new_output(o) : NULL;
    if (!have)
        return NULL; /* the kernel finds that out itself */
    if (at) {
        *at = (struct output_at){ .where = where, .was = addr, .size = size, .have = have };
        at->instead = room(o, at, 0, addr, have);
        if (keep == KEPT)
            at->old = room(o, at, 1, addr, have);
    }
    if (!at || !at->instead || (keep == KEPT && !at->old)) {
        o->failed = 1;
        return NULL;
    }
    if (keep != EMPTY)
        memcpy(at->instead, (const void *)addr, have);
    if (keep == KEPT)
        memcpy(at->old, at->instead, have);
    *where = (uintptr_t)at->instead;
    return at;
}

/* output is elsewhere, if the kernel might not be able to write there. */
static struct output_at *output(struct outputs *o, uint64_t *where, size_t size, enum keep keep)
{
    if (!is_range(*where, size) || !(o->always || has_slots(*where, size)))
        return NULL;
    return elsewhere(o, where, size, keep);
}

static long finish(struct outputs *o, long r, const ucontext_t *context)
{
    while (o->n) { /* what was made last may lie in what was made before */
        struct output_at *at = &o->at[--o->n];
        size_t from = 0, to = at->written < at->have ? at->written : at->have;
        if (at->old) { /* what the kernel has left alone other threads may have written */
            to = at->have;
            while (to > 0 && at->instead[to - 1] == at->old[to - 1])
                to--;
            while (from < to && at->instead[from] == at->old[from])
                from++;
        }
        *at->where = at->was;
        if (from < to && __quasi_interpose_put(at->was + from, at->instead + from, at->old ? at->old + from : NULL, to - from, context))
            r = -EFAULT;
        for (int i = 0; i < 2; i++)
            if (at->pages[i])
                call4(SYS_munmap, (long)at->pages[i], (long)at->pages_size[i], 0, 0);
    }
    if (o->at != o->few)
        call4(SYS_munmap, (long)o->at, (o->room * sizeof *o->at + PAGE - 1) & -(size_t)PAGE, 0, 0);
    return r;
}

/* vector has the buffers of a vector, which *where points to, given elsewhere, and the vector for that. */
static void vector(struct outputs *o, uint64_t *where, size_t count)
{
    struct iovec *v = (struct iovec *)*where;
    if (!count || count > MOST_VECTOR || __quasi_interpose_readable(*where, count * sizeof *v) < count * sizeof *v)
        return;
    int any = o->always;
    for (size_t i = 0; i < count && !any; i++)
        any = is_range((uintptr_t)v[i].iov_base, v[i].iov_len) && has_slots((uintptr_t)v[i].iov_base, v[i].iov_len);
    if (!any)
        return;
    struct output_at *at = elsewhere(o, where, count * sizeof *v, FILLED);
    v = at ? (struct iovec *)at->instead : NULL;
    for (size_t i = 0; v && i < count; i++) {
        v[i].iov_len = v[i].iov_len > MOST_BYTES && (ssize_t)v[i].iov_len > 0 ? MOST_BYTES : v[i].iov_len;
        output(o, (uint64_t *)&v[i].iov_base, v[i].iov_len, EMPTY);
    }
}

/* find is the output that where points to, after the first ones. */
static struct output_at *find(struct outputs *o, int first, const void *where)
{
    for (int i = first; i < o->n; i++)
        if (o->at[i].where == (const uint64_t *)where)
            return &o->at[i];
    return NULL;
}

/* spread shares n bytes out over the buffers of a vector, in the order in which they were made. */
static void spread(struct outputs *o, int first, const struct iovec *v, size_t count, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        size_t part = v[i].iov_len < n ? v[i].iov_len : n;
        struct output_at *at = find(o, first, &v[i].iov_base);
        if (at) {
            at->written = part;
            first = at - o->at + 1;
        }
        n -= part;
    }
}

/* Headers of messages, one or more: struct mmsghdr begins with struct msghdr. */
static struct msghdr *headers(struct outputs *o, uint64_t *where, size_t count, size_t stride)
{
    struct output_at *at = is_range(*where, count * stride) ? elsewhere(o, where, count * stride, KEPT) : NULL;
    if (!at)
        return NULL;
    unsigned char *all = at->instead;
    if (at->have < count * stride)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        struct msghdr *m = (struct msghdr *)(all + i * stride);
        output(o, (uint64_t *)&m->msg_name, m->msg_namelen, EMPTY);
        output(o, (uint64_t *)&m->msg_control, m->msg_controllen, EMPTY);
        vector(o, (uint64_t *)&m->msg_iov, m->msg_iovlen);
    }
    return (struct msghdr *)all;
}

static void received(struct outputs *o, struct msghdr *all, size_t stride, long r)
{
    int first = 0;
    for (long i = 0; i < (stride == sizeof *all ? r >= 0 : r); i++) {
        struct mmsghdr *m = (struct mmsghdr *)((unsigned char *)all + i * stride);
        struct output_at *name = find(o, first, &m->msg_hdr.msg_name), *control = find(o, first, &m->msg_hdr.msg_control);
        struct output_at *iov = find(o, first, &m->msg_hdr.msg_iov);
        if (name)
            name->written = m->msg_hdr.msg_namelen;
        if (control)
            control->written = m->msg_hdr.msg_controllen;
        if (iov)
            spread(o, iov - o->at + 1, m->msg_hdr.msg_iov, m->msg_hdr.msg_iovlen, stride == sizeof *all ? (size_t)r : m->msg_len);
        first = iov ? iov - o->at + 1 : first;
    }
}

static size_t control_size(unsigned long request)
{
    return _IOC_DIR(request) != _IOC_NONE && _IOC_SIZE(request) ? _IOC_SIZE(request) : PAGE; /* older requests do not say */
}

/* size_of is how many bytes a row is about, at most. */
static size_t size_of(const struct output *w, const uint64_t *a)
{
    uint64_t n = a[w->n], most = 1 << 24;
    uint32_t said;
    switch (w->how) {
    case RESULT:
        if (looks_at_half(w->call))
            n = (int32_t)n < 0 ? 0 : (uint32_t)n;
        if (looks_at_range(w->call) && n > END_OF_MEMORY - a[w->arg])
            n = 0;
        if (n > (uint64_t)MOST_BYTES - w->size)
            n = (uint64_t)MOST_BYTES - w->size;
        return n ? n + w->size : 0;
    case ITEMS:
        return n < most ? n * w->size : 0;
    case CHANGED:
    case ALL:
        return w->n == w->arg ? w->size : n < most ? n * w->size : 0;
    case BITS:
        return n < most ? (n + 63) / 64 * 8 : 0;
    case PAGES:
        return (n + PAGE - 1) / PAGE;
    case SIZED:
        if (__quasi_interpose_readable(a[w->arg], sizeof said) < sizeof said)
            return 0;
        memcpy(&said, (const void *)a[w->arg], sizeof said);
        return said < most ? said + w->size : 0;
    case CONTROL:
        return control_size(n);
    }
    return w->size;
}

static int concerns(const struct output *w, long nr, const uint64_t *a)
{
    return w->call == nr && (!w->only || (uint32_t)a[w->only - 1] == w->is);
}

/* once makes the call, with memory elsewhere where it is needed. */
static __attribute__((noinline)) long once(long nr, long *arg, int always, const ucontext_t *context)
{
    struct outputs o;
    o.n = o.failed = o.used = 0;
    o.room = FEW;
    o.at = o.few;
    o.always = always;
    uint64_t *a = (uint64_t *)arg;
    const struct output *vectors = NULL, *address = NULL, *messages = NULL;
    struct msghdr *header = NULL;
    struct iovec *iov = NULL;
    int by_address = -1;
    for (const struct output *w = outputs; w < outputs + sizeof outputs / sizeof *outputs; w++) {
        if (!concerns(w, nr, a) || !a[w->arg])
            continue;
        uint64_t *where = &a[w->arg];
        size_t size = size_of(w, a);
        struct output_at *at;
        switch (w->how) {
        case BYTES:
        case ALL:
        case PAGES:
        case RESULT:
        case ITEMS:
            at = output(&o, where, size, EMPTY);
            if (at)
                at->row = w;
            if (at && w->how == RESULT && a[w->n] + w->size > size)
                a[w->n] = size - w->size;
            break;
        case CHANGED:
        case BITS:
        case SIZED:
        case CONTROL:
            output(&o, where, size, KEPT);
            break;
        case ADDRESS: {
            socklen_t length;
            if (__quasi_interpose_readable(a[w->n], sizeof length) < sizeof length)
                break;
            memcpy(&length, (const void *)a[w->n], sizeof length);
            address = w;
            if (output(&o, where, length, FILLED))
                by_address = o.n - 1;
            output(&o, &a[w->n], sizeof length, KEPT);
            break;
        }
        case VECTOR:
            vectors = w;
            vector(&o, where, a[w->n]);
            iov = (struct iovec *)*where;
            break;
        case MESSAGE:
        case MESSAGES:
            messages = w;
            header = headers(&o, where, w->how == MESSAGE ? 1 : a[w->n] < MOST_VECTOR ? a[w->n] : MOST_VECTOR, w->size);
            break;
        }
    }
    long r = o.failed ? -ENOMEM : call(nr, arg);
    for (int i = 0; i < o.n && !failed(r); i++) {
        const struct output *w = o.at[i].row;
        if (w && w->how == RESULT)
            o.at[i].written = (size_t)r + w->size;
        else if (w)
            o.at[i].written = w->how == ITEMS ? (size_t)r * w->size : o.at[i].size;
    }
    if (by_address >= 0 && !failed(r))
        o.at[by_address].written = *(const socklen_t *)a[address->n];
    if (header)
        received(&o, header, messages->size, r);
    if (vectors && find(&o, 0, &a[vectors->arg]))
        spread(&o, 0, iov, a[vectors->n], failed(r) ? 0 : r);
    return finish(&o, r, context);
}

/* in_messages reports whether what is read from a file comes, and goes, as a whole. */
static int in_messages(int fd)
{
    struct stat st;
    int type = 0;
    socklen_t size = sizeof type;
    if (failed(call4(SYS_fstat, fd, (long)&st, 0, 0)))
        return 0;
    switch (st.st_mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
    case S_IFBLK:
        return 0;
    case S_IFIFO:
        return (call4(SYS_fcntl, fd, F_GETFL, 0, 0) & O_DIRECT) != 0;
    case S_IFSOCK:
        return failed(call(SYS_getsockopt, (long[6]){ fd, SOL_SOCKET, SO_TYPE, (long)&type, (long)&size, 0 })) || type != SOCK_STREAM;
    }
    return 1; /* terminals, counters, watches */
}

/* takes reports whether a call takes away what it returns: made again, it would return something else. */
static int takes(long nr, const long *arg)
{
    switch (nr) {
    case SYS_accept:
    case SYS_accept4:
    case SYS_socketpair:
    case SYS_pipe:
    case SYS_pipe2:
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_rt_sigtimedwait:
    case SYS_mq_timedreceive:
    case SYS_msgrcv:
    case SYS_recvmsg:
    case SYS_recvmmsg:
    case SYS_sendmmsg:
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
    case SYS_io_getevents:
    case SYS_io_pgetevents:
    case SYS_timer_create:
    case SYS_sendfile:
    case SYS_splice:
    case SYS_copy_file_range:
        return 1;
    case SYS_read:
    case SYS_readv:
    case SYS_recvfrom:
        return in_messages((int)arg[0]);
    }
    return 0;
}

static int writes(long nr, const long *arg)
{
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        if (concerns(&outputs[i], nr, (const uint64_t *)arg) && arg[outputs[i].arg])
            return nr != SYS_vmsplice || (call4(SYS_fcntl, arg[0], F_GETFL, 0, 0) & O_ACCMODE) == O_RDONLY;
    return 0;
}

long __quasi_interpose_writing(long nr, const long *arg, const ucontext_t *context)
{
    if (!writes(nr, arg))
        return call(nr, arg);
    int always = atomic_load(&__quasi_interpose_threads) && takes(nr, arg);
    for (;;) {
        uint64_t slots = __quasi_memguard_slots_made();
        long again[6];
        memcpy(again, arg, sizeof again);
        long r = once(nr, again, always, context);
        if (r != -EFAULT || always || __quasi_memguard_slots_made() == slots)
            return r;
        __quasi_memguard_settle();
    }
}

void __quasi_interpose_explain(long nr, const long *arg)
{
    for (int i = 0; i < 6 && !writes(nr, arg); i++) {
        if ((unsigned long)arg[i] < PAGE || !guarded(arg[i], 1))
            continue;
        char text[160];
        int n = snprintf(text, sizeof text, "quasi: memguard: system call %ld fails with EFAULT: its argument %d points to a page that is protected\n", nr, i + 1);
        call4(SYS_write, 2, (long)text, n, 0);
        return;
    }
}

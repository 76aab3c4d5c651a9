/*
 * memguard_log.c: hits (T3): made, kept in a ring, taken out of it, written as text.
 */
#define _GNU_SOURCE
#include "memguard_state.h"

#include <elf.h>
#include <execinfo.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

/* by_frames walks from frame pointer to frame pointer: what is left if there are no unwind tables. */
static unsigned by_frames(const ucontext_t *uc, const void **to, unsigned room)
{
    uintptr_t frame = uc->uc_mcontext.gregs[REG_RBP], above = uc->uc_mcontext.gregs[REG_RSP];
    unsigned n = 0;
    uint64_t next, address;
    while (n < room && frame >= above && frame - above < 64u << 20 && frame % 8 == 0 &&
           __quasi_memguard_load((void *)frame, &next) && __quasi_memguard_load((void *)(frame + 8), &address) && address) {
        to[n++] = (const void *)address;
        above = frame + 16;
        frame = next;
    }
    return n;
}

/* libc's unwinder sees the handler's frames first, then the instruction, then who called. */
static unsigned find_callers(struct memguard *m, const ucontext_t *uc, const void **to, unsigned most)
{
    void *found[QUASI_MEMGUARD_CALLERS + 8]; /* a few frames of ours */
    int known = __quasi_memguard_unwind(m, uc, to, most);
    if (known >= 0)
        return (unsigned)known;
    int n = __quasi_memguard_try(backtrace, found, (int)most + 8, &m->trying), i = 0; /* tables may be wrong */
    while (i < n && (uintptr_t)found[i] != (uintptr_t)uc->uc_mcontext.gregs[REG_RIP])
        i++;
    if (i + 1 >= n)
        return by_frames(uc, to, most);
    unsigned count = (unsigned)(n - i - 1) < most ? (unsigned)(n - i - 1) : most;
    memcpy(to, found + i + 1, count * sizeof *to);
    return count;
}

/* open_hit is a place in the ring; NULL: there is none. */
static struct quasi_memguard_hit *open_hit(struct memguard *m, struct write *w)
{
    if (m->next_hit - m->first_hit == HIT_ROOM)
        __quasi_memguard_flush(m, 0);
    m->hits++;
    if (m->next_hit - m->first_hit == HIT_ROOM) {
        m->lost++;
        return NULL;
    }
    m->hit_state[m->next_hit % HIT_ROOM] = HIT_OPEN;
    w->end = m->next_hit + 1;
    return &m->ring[m->next_hit++ % HIT_ROOM];
}

/* bounds narrows [*from, *to), offsets of a write, to the bytes that are selected. */
static int bounds(uint64_t selected, size_t *from, size_t *to)
{
    uint64_t bits = selected >> *from << *from;
    if (*to < 64)
        bits &= (1ull << *to) - 1;
    if (!bits)
        return 0;
    *from = __builtin_ctzll(bits);
    *to = 64 - __builtin_clzll(bits);
    return 1;
}

void __quasi_memguard_begin(struct memguard *m, struct write *w, const ucontext_t *uc, uintptr_t addr, size_t size,
                            const uint64_t *selected)
{
    const struct quasi_memguard_hit *first = NULL;
    *w = (struct write){ m->next_hit, m->next_hit, addr, size };
    if (uc && is_sanctioned(uc))
        return;
    for (size_t i = first_term(m, addr); i < m->terms_used && m->terms[i].addr < addr + size; i++) {
        const struct term *t = &m->terms[i];
        size_t from = t->addr > addr ? t->addr - addr : 0, to = t->end < addr + size ? t->end - addr : size;
        if (selected && !bounds(*selected, &from, &to))
            continue;
        struct quasi_memguard_hit *h = open_hit(m, w);
        if (!h)
            continue;
        h->number = m->hits;
        h->term = t->name;
        h->term_addr = (const void *)t->addr;
        h->term_size = t->end - t->addr;
        h->addr = (const void *)(addr + from);
        h->size = to - from;
        h->kind = QUASI_MEMGUARD_USER;
        h->saved = h->size < QUASI_MEMGUARD_BYTES ? h->size : QUASI_MEMGUARD_BYTES;
        __quasi_memguard_read(m, addr + from, h->before, h->saved);
        if (!uc)
            continue;
        h->instruction = (const void *)uc->uc_mcontext.gregs[REG_RIP];
        if (first) {
            h->thread = first->thread;
            h->callers = first->callers;
            memcpy(h->caller, first->caller, first->callers * sizeof *h->caller);
        } else {
            h->thread = holder(m);
            h->callers = find_callers(m, uc, h->caller, m->most_callers);
            first = h;
        }
    }
}

void __quasi_memguard_end(struct memguard *m, const struct write *w)
{
    for (uint64_t i = w->first; i < w->end; i++) {
        struct quasi_memguard_hit *h = &m->ring[i % HIT_ROOM];
        __quasi_memguard_read(m, (uintptr_t)h->addr, h->after, h->saved);
        m->hit_state[i % HIT_ROOM] = HIT_DONE;
    }
    if (atomic_load_explicit(&m->forking, memory_order_relaxed))
        __quasi_memguard_refresh(m, w->addr, w->size);
}

/*
 * take gives the first hit, of that thread unless it is 0, and removes it from the ring if it need
 * not be logged as well; 0: there is none.
 */
int __quasi_memguard_take(struct memguard *m, int thread, struct quasi_memguard_hit *hit)
{
    int told = thread && m->log[0] ? HIT_TOLD : HIT_FREE;
    uint64_t i = m->told_hits > m->first_hit ? m->told_hits : m->first_hit;
    while (i < m->next_hit && (m->hit_state[i % HIT_ROOM] == HIT_FREE || m->hit_state[i % HIT_ROOM] == HIT_TOLD))
        i++;
    m->told_hits = i;
    for (; i < m->next_hit; i++) {
        const struct quasi_memguard_hit *h = &m->ring[i % HIT_ROOM];
        if (m->hit_state[i % HIT_ROOM] != HIT_DONE || (thread && h->thread != thread))
            continue;
        *hit = *h;
        m->hit_state[i % HIT_ROOM] = told;
        while (m->first_hit < m->next_hit && m->hit_state[m->first_hit % HIT_ROOM] == HIT_FREE)
            m->first_hit++;
        return 1;
    }
    return 0;
}

/* What the environment asks for. */

void __quasi_memguard_say(const char *name, const char *value, const char *text)
{
    const char *part[] = { "quasi: ", name, "=", value, text, "\n" };
    struct iovec all[sizeof part / sizeof *part];
    for (unsigned i = 0; i < sizeof part / sizeof *part; i++)
        all[i] = (struct iovec){ (void *)part[i], strlen(part[i]) };
    call3(SYS_writev, 2, (long)all, sizeof all / sizeof *all);
}

static int open_log(struct memguard *m)
{
    return (int)call3(SYS_open, (long)m->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

/* set_log keeps the full name of the file, since the program may change its folder. */
static void set_log(struct memguard *m, const char *path)
{
    size_t n = 0;
    int fd = -1;
    m->log[0] = 0;
    if (!path || !*path)
        return;
    if (*path != '/' && call3(SYS_getcwd, (long)m->log, sizeof m->log, 0) > 0) {
        n = strlen(m->log);
        m->log[n++] = '/';
    }
    if (n + strlen(path) < sizeof m->log) {
        strcpy(m->log + n, path);
        fd = open_log(m);
    }
    if (fd >= 0) {
        call1(SYS_close, fd);
        return;
    }
    m->log[0] = 0;
    __quasi_memguard_say("QUASI_MEMGUARD_LOG", path, ": cannot be written; hits are not logged");
}

void __quasi_memguard_read_environment(struct memguard *m)
{
    const char *most = getenv("QUASI_MEMGUARD_CALLERS");
    m->most_callers = QUASI_MEMGUARD_CALLERS;
    if (most && *most) {
        char *end;
        unsigned long n = strtoul(most, &end, 10);
        if (*end || *most == '-')
            __quasi_memguard_say("QUASI_MEMGUARD_CALLERS", most, " is not a number; it is not heeded");
        else if (n < QUASI_MEMGUARD_CALLERS)
            m->most_callers = (uint32_t)n;
    }
    set_log(m, getenv("QUASI_MEMGUARD_LOG"));
}

/* Text. */

static void write_log(struct memguard *m)
{
    int fd = open_log(m);
    uint64_t at = 0;
    while (fd >= 0 && at < m->log_used) {
        long n = call3(SYS_write, fd, (long)(m->log_buffer + at), m->log_used - at);
        if (n <= 0)
            break;
        at += n;
    }
    if (at < m->log_used)
        __quasi_memguard_say("QUASI_MEMGUARD_LOG", m->log, ": not all hits could be written");
    if (fd >= 0)
        call1(SYS_close, fd);
    m->log_used = 0;
}

static void put_text(struct memguard *m, const char *s)
{
    for (; *s && m->log_used < LOG_BUFFER; s++)
        m->log_buffer[m->log_used++] = *s;
}

static void put_number(struct memguard *m, uint64_t n, unsigned base)
{
    char digits[24];
    unsigned i = sizeof digits;
    digits[--i] = 0;
    do {
        digits[--i] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n);
    put_text(m, digits + i);
}

static void put_decimal(struct memguard *m, const char *name, uint64_t n)
{
    put_text(m, name);
    put_number(m, n, 10);
}

static void put_address(struct memguard *m, const char *name, uint64_t n)
{
    put_text(m, name);
    put_text(m, "\"0x");
    put_number(m, n, 16);
    put_text(m, "\"");
}

/* put_string escapes what JSON does not allow; bytes beyond ASCII are the program's own, UTF-8 we hope. */
static void put_string(struct memguard *m, const char *s)
{
    char one[2] = "";
    put_text(m, "\"");
    for (; *s; s++) {
        unsigned char c = *s;
        if (c < 0x20) {
            put_text(m, c < 0x10 ? "\\u000" : "\\u001");
            put_number(m, c & 15, 16);
            continue;
        }
        if (c == '"' || c == '\\')
            put_text(m, "\\");
        one[0] = c;
        put_text(m, one);
    }
    put_text(m, "\"");
}

static void put_bytes(struct memguard *m, const char *name, const unsigned char *bytes, unsigned n)
{
    put_text(m, name);
    put_text(m, "\"");
    for (unsigned i = 0; i < n; i++) {
        put_number(m, bytes[i] >> 4, 16);
        put_number(m, bytes[i] & 15, 16);
    }
    put_text(m, "\"");
}

static void put_code(struct memguard *m, const void *address)
{
    uintptr_t a = (uintptr_t)address;
    put_address(m, "{\"addr\":", a);
    for (uint32_t i = 0; i < m->module_count; i++)
        if (a >= m->modules[i].start && a < m->modules[i].end) {
            put_text(m, ",\"object\":");
            put_string(m, m->modules[i].path);
            put_address(m, ",\"offset\":", a - m->modules[i].bias);
            break;
        }
    put_text(m, "}");
}

/* The files that are mapped, from /proc/self/maps: their path, and where their symbols' address 0 is. */

static uintptr_t number(char **s)
{
    uintptr_t n = 0;
    for (;; (*s)++) {
        unsigned c = (unsigned char)**s, digit = c - '0' < 10 ? c - '0' : c - 'a' < 6 ? c - 'a' + 10 : 16;
        if (digit == 16)
            return n;
        n = n << 4 | digit;
    }
}

/* bias of the object whose file begins at start, as its program headers say. */
static uintptr_t bias(uintptr_t start)
{
    uint64_t word[8];
    for (unsigned i = 0; i < 8; i++)
        if (!__quasi_memguard_load((void *)(start + 8 * i), &word[i]))
            return start;
    Elf64_Ehdr head;
    memcpy(&head, word, sizeof head);
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) || head.e_type == ET_EXEC)
        return head.e_type == ET_EXEC ? 0 : start;
    for (unsigned i = 0; i < head.e_phnum; i++) {
        uint64_t p = start + head.e_phoff + (uint64_t)i * head.e_phentsize, type, offset, addr;
        if (!__quasi_memguard_load((void *)p, &type) || !__quasi_memguard_load((void *)(p + 8), &offset) ||
            !__quasi_memguard_load((void *)(p + 16), &addr))
            break;
        if ((uint32_t)type == PT_LOAD && offset < PAGE)
            return start - (addr - offset);
    }
    return start;
}

static void read_module(struct memguard *m, char *line, uint32_t *text_used, uintptr_t *file_start)
{
    char *s = line;
    uintptr_t start = number(&s), end = (s++, number(&s));
    if (*s != ' ' || strlen(s) < 6)
        return;
    int executable = s[3] == 'x';
    s += 6;
    uintptr_t offset = number(&s);
    char *path = strchr(s, '/');
    if (!path)
        return;
    size_t length = strlen(path) + 1;
    const char *last = m->module_count ? m->modules[m->module_count - 1].path : NULL;
    if (offset == 0)
        *file_start = start;
    if (!executable || m->module_count == MOST_MODULES || *text_used + length > MODULE_TEXT)
        return;
    struct module *module = &m->modules[m->module_count++];
    module->start = start;
    module->end = end;
    module->bias = bias(*file_start);
    module->path = last && !strcmp(last, path) ? last : memcpy(m->module_text + *text_used, path, length);
    if (module->path != last)
        *text_used += length;
}

static void read_modules(struct memguard *m)
{
    int fd = (int)call3(SYS_open, (long)"/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
    char *line = m->log_buffer, *buffer = m->log_buffer + LOG_BUFFER / 2; /* nothing else is in it */
    unsigned used = 0;
    uint32_t text_used = 0;
    uintptr_t file_start = 0;
    long n;
    m->module_count = 0;
    while (fd >= 0 && (n = call3(SYS_read, fd, (long)buffer, 4096)) > 0)
        for (long i = 0; i < n; i++) {
            if (buffer[i] != '\n') {
                if (used < LOG_BUFFER / 2 - 1)
                    line[used++] = buffer[i];
                continue;
            }
            line[used] = 0;
            used = 0;
            read_module(m, line, &text_used, &file_start);
        }
    if (fd >= 0)
        call1(SYS_close, fd);
}

enum { LONGEST_LINE = 32 << 10 }; /* with paths of ordinary length */

static void put_hit(struct memguard *m, const struct quasi_memguard_hit *h, long pid)
{
    uint64_t begin = m->log_used;
    put_decimal(m, "{\"n\":", h->number);
    put_decimal(m, ",\"pid\":", pid);
    put_decimal(m, ",\"tid\":", h->thread);
    put_text(m, h->kind == QUASI_MEMGUARD_KERNEL ? ",\"kind\":\"kernel\",\"term\":" : ",\"kind\":\"user\",\"term\":");
    put_string(m, h->term);
    put_address(m, ",\"term_addr\":", (uintptr_t)h->term_addr);
    put_decimal(m, ",\"term_size\":", h->term_size);
    put_address(m, ",\"addr\":", (uintptr_t)h->addr);
    put_decimal(m, ",\"size\":", h->size);
    put_bytes(m, ",\"old\":", h->before, h->saved);
    put_bytes(m, ",\"new\":", h->after, h->saved);
    put_text(m, ",\"at\":");
    put_code(m, h->instruction);
    put_text(m, ",\"from\":[");
    for (uint32_t i = 0; i < h->callers; i++) {
        if (i)
            put_text(m, ",");
        put_code(m, h->caller[i]);
    }
    put_text(m, "]}\n");
    if (m->log_used == LOG_BUFFER) { /* did not fit: 24 very long paths */
        m->log_used = begin;
        m->lost++;
    }
}

/* The lock is held. */
void __quasi_memguard_flush(struct memguard *m, int end)
{
    long pid = call1(SYS_getpid, 0);
    if (!m->log[0] || (m->first_hit == m->next_hit && !m->lost))
        return;
    read_modules(m);
    while (m->first_hit < m->next_hit) {
        uint64_t i = m->first_hit % HIT_ROOM;
        if (m->hit_state[i] == HIT_OPEN || (m->hit_state[i] == HIT_DONE && m->on_hit && !end))
            break;
        if (m->hit_state[i] != HIT_FREE)
            put_hit(m, &m->ring[i], pid);
        m->hit_state[i] = HIT_FREE;
        m->first_hit++;
        if (m->log_used > LOG_BUFFER - LONGEST_LINE)
            write_log(m);
    }
    if (m->lost) {
        put_decimal(m, "{\"lost\":", m->lost);
        put_decimal(m, ",\"pid\":", pid);
        put_text(m, "}\n");
        m->lost = 0;
    }
    write_log(m);
}

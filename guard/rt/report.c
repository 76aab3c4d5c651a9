/*
 * report.c: the writes that the ledger has missed, as text in the form of a compiler's
 * warnings, or as lines of JSON for `quasi memguard`. It may run in a signal handler, so it
 * allocates nothing, and takes no lock: the figures only grow, and each report has what was
 * added since the one before.
 */
#define _GNU_SOURCE
#include "ledger.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is written, in one go where it fits. */
static struct {
    int fd;
    int failed; /* something was not written */
    size_t n;
    char bytes[16384];
} out;

static void flush(void)
{
    for (size_t done = 0; done < out.n;) {
        ssize_t n = write(out.fd, out.bytes + done, out.n - done);
        if (n <= 0) {
            out.failed = 1;
            break;
        }
        done += n;
    }
    out.n = 0;
}

static void put_n(const char *s, size_t n)
{
    while (n) {
        size_t room = sizeof out.bytes - out.n, part = n < room ? n : room;
        memcpy(out.bytes + out.n, s, part);
        out.n += part;
        s += part;
        n -= part;
        if (out.n == sizeof out.bytes)
            flush();
    }
}

static void put(const char *s) { put_n(s, strlen(s)); }

static void put_number(uint64_t n)
{
    char digits[24];
    int i = sizeof digits;
    do
        digits[--i] = '0' + n % 10;
    while (n /= 10);
    put_n(digits + i, sizeof digits - i);
}

static void put_hex(uint64_t n)
{
    char digits[16];
    int i = sizeof digits;
    do
        digits[--i] = "0123456789abcdef"[n % 16];
    while (n /= 16);
    put("0x");
    put_n(digits + i, sizeof digits - i);
}

/* A value is a number if it has a size that a number has; what is large may be an address. */
static void put_value(const unsigned char *bytes, uint32_t saved, uint32_t size)
{
    int64_t v = 0;
    if (size != saved || (size != 1 && size != 2 && size != 4 && size != 8)) {
        for (uint32_t i = 0; i < saved; i++) {
            put_n(&"0123456789abcdef"[bytes[i] >> 4], 1);
            put_n(&"0123456789abcdef"[bytes[i] & 15], 1);
        }
        put(size > saved ? "..." : "");
        return;
    }
    memcpy(&v, bytes, size);
    if (size < 8)
        v = v << (64 - 8 * size) >> (64 - 8 * size);
    if (v < -(1ll << 31) || v >= 1ll << 31) {
        put_hex(v);
    } else if (v < 0) {
        put("-");
        put_number(-v);
    } else {
        put_number(v);
    }
}

static void put_json(const char *s)
{
    put("\"");
    for (; *s; s++) {
        char hex[8];
        if (*s == '"' || *s == '\\') {
            put("\\");
            put_n(s, 1);
        } else if ((unsigned char)*s < ' ') {
            put_n(hex, snprintf(hex, sizeof hex, "\\u%04x", *s));
        } else {
            put_n(s, 1);
        }
    }
    put("\"");
}

static const char *string(uint32_t at) { return __quasi_ledger.strings + at; }

/* Names of code outside of the modules. */

/* symbol is the name of a function of the program itself, which the loader need not know. */
static const char *symbol(uintptr_t addr)
{
    const unsigned char *file = __quasi_ledger.file;
    const Elf64_Ehdr *e = (const Elf64_Ehdr *)file;
    const Elf64_Shdr *s = (const Elf64_Shdr *)(file + e->e_shoff);
    addr -= __quasi_ledger.bias;
    for (int i = 0; i < e->e_shnum; i++) {
        if (s[i].sh_type != SHT_SYMTAB || s[i].sh_link >= e->e_shnum)
            continue;
        const Elf64_Sym *sym = (const Elf64_Sym *)(file + s[i].sh_offset), *end = sym + s[i].sh_size / sizeof *sym;
        for (; sym < end; sym++)
            if (ELF64_ST_TYPE(sym->st_info) == STT_FUNC && addr - sym->st_value < sym->st_size)
                return (const char *)file + s[s[i].sh_link].sh_offset + sym->st_name;
    }
    return NULL;
}

/* put_function writes the name of the function at addr; the C library's forms of one for a processor are that one. */
static void put_function(uintptr_t addr)
{
    Dl_info info = { 0 };
    const char *name = symbol(addr);
    if (!name && dladdr((const void *)addr, &info))
        name = info.dli_sname;
    if (!name) {
        const char *object = info.dli_fname ? strrchr(info.dli_fname, '/') : NULL;
        put(object ? object + 1 : info.dli_fname ? info.dli_fname : "code of no object");
        return;
    }
    size_t n = strlen(name);
    static const char *const forms[] = { "_avx", "_sse", "_evex", "_erms", "_unaligned", "_chk_", "_generic" };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const char *form = strstr(name, forms[i]);
        if (form && form > name && (size_t)(form - name) < n && name[0] == '_')
            n = form - name;
    }
    for (int i = 0; i < 2 && n > 1 && *name == '_'; i++, n--)
        name++;
    put_n(name, n);
}

/* The source. */

static void put_line(const char *file, uint32_t line, uint32_t col)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s%s%s", file[0] == '/' ? "" : string(__quasi_ledger.head->dir), file[0] == '/' ? "" : "/", file);
    struct stat st;
    int fd = n < (int)sizeof path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    char *text = fstat(fd, &st) || !st.st_size ? MAP_FAILED : mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (text == MAP_FAILED)
        return;
    const char *p = text, *end = text + st.st_size;
    for (uint32_t i = 1; i < line && p; i++) {
        p = memchr(p, '\n', end - p);
        p += p != NULL;
    }
    if (p && p < end) {
        const char *stop = memchr(p, '\n', end - p);
        stop = stop ? stop : end;
        put_n(p, stop - p);
        put("\n");
        for (uint32_t i = 1; col && i < col && p < stop; i++, p++)
            put(*p == '\t' ? "\t" : (*p & 0xc0) == 0x80 ? "" : " ");
        put(col ? "^\n" : "");
    }
    munmap(text, st.st_size);
}

static void put_place(uint32_t file, uint32_t line, uint32_t col)
{
    put(*string(file) ? string(file) : "(no source)");
    if (line) {
        put(":");
        put_number(line);
    }
    if (line && col) {
        put(":");
        put_number(col);
    }
    put(": ");
}

/* Misses. */

/* The row of the term that says that the place does not write it, NULL for none. */
static const struct quasi_table_row *row_of(const struct quasi_miss *m)
{
    for (uint32_t i = 0; m->place && i < m->place->rows; i++) {
        const struct quasi_table_row *r = &__quasi_ledger.rows[m->place->row + i];
        if (r->term == m->term)
            return r;
    }
    return NULL;
}

static const char *class_name(int class) { return class == CLASS_FRESH ? "fresh" : class == CLASS_DISJOINT ? "proven-disjoint" : "missed"; }

static void put_text(const struct quasi_miss *m)
{
    const struct quasi_table_place *p = m->place;
    const struct quasi_table_row *r = row_of(m);
    if (p)
        put_place(p->file, p->line, p->col);
    else
        put("quasi: ");
    put("warning: ");
    if (m->callee || !p) {
        put("'");
        put_function(m->callee ? m->callee : m->instruction);
        put("' ");
    }
    put(m->kind == QUASI_MEMGUARD_KERNEL ? "had the kernel write " : "wrote ");
    put(string(__quasi_ledger.terms[m->term]));
    put(" (");
    put_value(m->before, m->saved, m->size);
    put(" -> ");
    put_value(m->after, m->saved, m->size);
    put(")");
    if (m->count > 1) {
        put(", ");
        put_number(m->count);
        put(" times");
    }
    if (!p)
        put(", called by no code of the program's modules");
    else if (!p->line && *string(p->function)) {
        put(" in ");
        put(string(p->function));
    }
    if (r) {
        put("; the ledger has: ");
        put(string(r->reason));
    }
    put(" [missed");
    put(r ? ", " : "");
    put(r ? class_name(r->class) : "");
    put("]\n");
    if (!p || !p->line)
        return;
    put_line(string(p->file), p->line, p->col);
    for (uint32_t i = 0; i < p->calls; i++) {
        const struct quasi_table_call *c = &__quasi_ledger.calls[p->call + i];
        put_place(c->file, c->line, c->col);
        put("note: inlined here\n");
        put_line(string(c->file), c->line, c->col);
    }
}

static void member(const char *name, const char *text)
{
    put(",\"");
    put(name);
    put("\":");
    put_json(text);
}

static void member_number(const char *name, uint64_t n)
{
    put(",\"");
    put(name);
    put("\":");
    put_number(n);
}

static void put_object(const struct quasi_miss *m)
{
    const struct quasi_table_place *p = m->place;
    const struct quasi_table_row *r = row_of(m);
    put("{\"term\":");
    put_json(string(__quasi_ledger.terms[m->term]));
    member("kind", m->kind == QUASI_MEMGUARD_KERNEL ? "kernel" : "user");
    if (p) {
        member("file", string(p->file));
        member_number("line", p->line);
        member_number("column", p->col);
        member("function", string(p->function));
        put(",\"inlined\":[");
        for (uint32_t i = 0; i < p->calls; i++) {
            const struct quasi_table_call *c = &__quasi_ledger.calls[p->call + i];
            put(i ? ",\"" : "\"");
            put(string(c->file));
            put(":");
            put_number(c->line);
            put(":");
            put_number(c->col);
            put("\"");
        }
        put("]");
    }
    if (m->callee || !p) {
        put(",\"by\":\"");
        put_function(m->callee ? m->callee : m->instruction);
        put("\"");
    }
    if (r) {
        member("class", class_name(r->class));
        member("reason", string(r->reason));
    }
    member_number("offset", m->offset);
    member_number("size", m->size);
    put(",\"old\":\"");
    put_value(m->before, m->saved, m->size);
    put("\",\"new\":\"");
    put_value(m->after, m->saved, m->size);
    put("\"");
    member_number("count", m->count);
    put("}\n");
}

static int compare(const struct quasi_miss *a, const struct quasi_miss *b)
{
    if (!a->place || !b->place)
        return (a->place != NULL) - (b->place != NULL);
    int c = strcmp(string(a->place->file), string(b->place->file));
    c = c ? c : (a->place->line > b->place->line) - (a->place->line < b->place->line);
    c = c ? c : (a->place->col > b->place->col) - (a->place->col < b->place->col);
    c = c ? c : (a->term > b->term) - (a->term < b->term);
    c = c ? c : (a->place > b->place) - (a->place < b->place);
    return c ? c : (a->kind > b->kind) - (a->kind < b->kind);
}

/* sorted_next is the first miss after prev in order, NULL for none. */
static struct quasi_miss *sorted_next(struct quasi_miss *list, uint32_t n, const struct quasi_miss *prev)
{
    struct quasi_miss *next = NULL;
    for (uint32_t i = 0; i < n; i++) {
        struct quasi_miss *m = &list[i];
        int c = prev ? compare(prev, m) : -1;
        if (c > 0 || (!c && m <= prev))
            continue;
        c = next ? compare(m, next) : -1;
        if (c < 0 || (!c && m < next))
            next = m;
    }
    return next;
}

/* refusal says why a location is not protected; 0 is of the ledger's, the rest are MemGuard's errors. */
static const char *refusal(int i)
{
    return i == 15 ? "the kernel had to write a lock on its page" : i ? quasi_memguard_error(-i) : "it is on a stack";
}

static void put_refused(const struct quasi_figures *f)
{
    for (int i = 0; i < 16; i++) {
        if (!f->refused[i])
            continue;
        put("quasi: memguard: ");
        put_number(f->refused[i]);
        put(f->refused[i] == 1 ? " time a location was read that is not protected: " : " times a location was read that is not protected: ");
        put(refusal(i));
        put("\n");
    }
}

static void put_summary(const struct quasi_figures *f, uint32_t places)
{
    put("quasi: memguard: ");
    put_number(f->writes);
    put(f->writes == 1 ? " write to terms, " : " writes to terms, ");
    put_number(f->known);
    put(" of them by rows of the ledger, ");
    put_number(f->missed);
    put(" missed");
    if (places) {
        put(" at ");
        put_number(places);
        put(places == 1 ? " place" : " places");
    }
    if (f->lost) {
        put("; for ");
        put_number(f->lost);
        put(" there was no room");
    }
    put("\n");
}

static void put_figures(const struct quasi_figures *f)
{
    put("{\"writes\":");
    put_number(f->writes);
    member_number("known", f->known);
    member_number("missed", f->missed);
    member_number("lost", f->lost);
    for (int i = 0; i < 16; i++)
        if (f->refused[i])
            member_number(refusal(i), f->refused[i]);
    put("}\n");
}

/* What the environment asks for. */
static enum { ON_MISS, NEVER, ALWAYS, TO_FILE } when;
static char path[4096]; /* with TO_FILE */
static int exit_code;   /* of a program that has missed something, 0: its own */

void __quasi_say(const char *text)
{
    static const char head[] = "quasi: memguard: ";
    if (write(2, head, sizeof head - 1) < 0 || write(2, text, strlen(text)) < 0 || write(2, "\n", 1) < 0)
        return;
}

void __quasi_prepare_report(void)
{
    const char *where = getenv("QUASI_MEMGUARD_REPORT"), *code = getenv("QUASI_MEMGUARD_EXIT");
    if (where && *where == '/' && strlen(where) < sizeof path) {
        when = TO_FILE;
        strcpy(path, where);
    } else if (where && !strcmp(where, "0")) {
        when = NEVER;
    } else if (where && !strcmp(where, "1")) {
        when = ALWAYS;
    } else if (where && *where) {
        __quasi_memguard_say("QUASI_MEMGUARD_REPORT", where, " is not 0, 1 or the full name of a file; it is not heeded");
    }
    if (code && *code) {
        char *end;
        long n = strtol(code, &end, 10);
        if (*end || n < 0 || n > 255)
            __quasi_memguard_say("QUASI_MEMGUARD_EXIT", code, " is not an exit code; it is not heeded");
        else
            exit_code = (int)n;
    }
}

int __quasi_exit_code(int status)
{
    return status == 0 && exit_code && __quasi_misses && __quasi_misses->all.missed ? exit_code : status;
}

/* since is what has happened since the last report: n counters. It is reported now. */
static void since(uint64_t *all, uint64_t *told, uint64_t *added, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t now = __atomic_load_n(&all[i], __ATOMIC_RELAXED);
        added[i] = now - told[i];
        told[i] = now;
    }
}

static struct quasi_figures added(struct quasi_misses *m)
{
    struct quasi_figures f;
    since((uint64_t *)&m->all, (uint64_t *)&m->told, (uint64_t *)&f, sizeof f / sizeof(uint64_t));
    return f;
}

/* put_terms writes what has been seen of each term, as text or as objects. */
static void put_terms(struct quasi_misses *m, int objects)
{
    for (uint32_t i = 0; i < __quasi_ledger.head->terms; i++) {
        struct quasi_term_figures f;
        since((uint64_t *)&m->term[i], (uint64_t *)&m->term_told[i], (uint64_t *)&f, sizeof f / sizeof(uint64_t));
        if (!f.locations && !f.writes)
            continue;
        if (objects) {
            put("{\"term\":");
            put_json(string(__quasi_ledger.terms[i]));
            member_number("locations", f.locations);
            member_number("writes", f.writes);
            member_number("known", f.known);
            put("}\n");
            continue;
        }
        put("quasi: memguard: ");
        put(string(__quasi_ledger.terms[i]));
        put(": ");
        put_number(f.writes);
        put(f.writes == 1 ? " write, " : " writes, ");
        put_number(f.writes - f.known);
        put(" missed; protected at ");
        put_number(f.locations);
        put(f.locations == 1 ? " location\n" : " locations\n");
    }
}

/* put_misses writes those that were added, and returns at how many places. */
static uint32_t put_misses(struct quasi_misses *all, void (*put_one)(const struct quasi_miss *m))
{
    uint32_t places = 0, n = __atomic_load_n(&all->n, __ATOMIC_ACQUIRE);
    for (struct quasi_miss *m = NULL; (m = sorted_next(all->list, n, m));) {
        struct quasi_miss one = *m;
        one.count = __atomic_load_n(&m->count, __ATOMIC_RELAXED) - m->told;
        if (!one.count)
            continue;
        m->told += one.count;
        put_one(&one);
        places++;
    }
    return places;
}

void __quasi_report(void)
{
    struct quasi_misses *all = __quasi_misses;
    if (!all)
        return;
    struct quasi_figures f = added(all);
    int refused = 0, again = all->reported;
    for (int i = 0; i < 16; i++)
        refused |= f.refused[i] != 0;
    if (again && !f.writes && !refused)
        return;
    all->reported = 1;
    if (when == TO_FILE) {
        out.fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
        out.failed = 0;
        if (out.fd >= 0) {
            put_misses(all, put_object);
            put_terms(all, 1);
            put_figures(&f);
            flush();
            close(out.fd);
            if (out.failed)
                __quasi_memguard_say("QUASI_MEMGUARD_REPORT", path, ": not all of the report could be written");
            return;
        }
        __quasi_memguard_say("QUASI_MEMGUARD_REPORT", path, ": cannot be written, so it is printed");
    }
    if (when != NEVER && (when == ALWAYS || f.missed || refused)) {
        out.fd = 2;
        uint32_t places = put_misses(all, put_text);
        if (when == ALWAYS)
            put_terms(all, 0);
        put_refused(&f);
        put_summary(&f, places);
        flush();
    }
}

// The run-time of TestWatch of cmd/quasi: it notes which instructions of a program
// write watched memory. The test puts the calls into the program's IR. Single-threaded.
//
// A mark is the place of a term in an instance, of which the program itself has told
// by accessing a member. It ends with the object: where its memory is given back or
// becomes another object.
#define _GNU_SOURCE
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MARKS = 4096, BUCKETS = 1 << 14, GRAIN = 16, LONGEST = 64, NOTES = 1 << 16 };

struct mark {
    char *addr;
    uint32_t size, term;
    uint64_t written; // time of the last write that was seen
    char value[LONGEST];
    int next; // in the list of free marks
};

static struct mark marks[MARKS];
static int used, free_marks = -1;
static uint64_t now;
static uint64_t noted[NOTES]; // hash set of term and instruction
static int out = -1;

// For each bucket of addresses, how many marks lie there: most writes meet none.
static uint16_t density[BUCKETS];

static void weigh(struct mark *m, int by) {
    for (uintptr_t a = (uintptr_t)m->addr / GRAIN; a <= ((uintptr_t)m->addr + m->size - 1) / GRAIN; a++) density[a % BUCKETS] += by;
}

static void forget(struct mark *m) {
    weigh(m, -1);
    m->addr = 0;
    m->next = free_marks;
    free_marks = (int)(m - marks);
}

// near reports whether a mark may lie in a range.
static int near_mark(char *p, uint64_t n) {
    if (n / GRAIN >= BUCKETS) return 1;
    for (uintptr_t a = (uintptr_t)p / GRAIN; a <= ((uintptr_t)p + n - 1) / GRAIN; a++)
        if (density[a % BUCKETS]) return 1;
    return 0;
}

static int meets(struct mark *m, char *p, uint64_t n) { return m->addr && m->addr < p + n && p < m->addr + m->size; }

// gone reports whether a mark lies on the part of the stack that is no longer in use:
// longjmp and exits leave them there.
static int gone(struct mark *m) {
    static char *top, *bottom;
    if (!top) {
        pthread_attr_t attr;
        size_t size;
        void *low;
        pthread_getattr_np(pthread_self(), &attr);
        pthread_attr_getstack(&attr, &low, &size);
        bottom = low;
        top = bottom + size;
    }
    return m->addr >= bottom && m->addr < top && m->addr < (char *)__builtin_frame_address(0);
}

static void note(uint32_t term, uint32_t at) {
    uint64_t key = (uint64_t)(term + 1) << 32 | at;
    unsigned h = (unsigned)(key * 0x9e3779b97f4a7c15u >> 48) % NOTES;
    for (int i = 0; i < NOTES; i++, h = (h + 1) % NOTES) {
        if (noted[h] == key) return;
        if (noted[h]) continue;
        noted[h] = key;
        break;
    }
    const char *path = getenv("QUASI_WATCH");
    if (out < 0 && path) out = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    char line[32];
    int n = snprintf(line, sizeof line, "%u %u\n", term, at);
    if (out < 0 || write(out, line, n) != n) abort();
}

// quasi_watch_fresh: memory becomes, or is no longer, an object.
void quasi_watch_fresh(char *p, uint64_t n) {
    if (!p || !n || !near_mark(p, n)) return;
    for (int i = 0; i < used; i++)
        if (meets(&marks[i], p, n)) forget(&marks[i]);
}

// quasi_watch_block is quasi_watch_fresh for a block of malloc.
void quasi_watch_block(char *p) {
    if (p) quasi_watch_fresh(p, malloc_usable_size(p));
}

// quasi_watch_mark: there is a term.
void quasi_watch_mark(char *p, uint32_t size, uint32_t term) {
    if (size > LONGEST) return;
    if (near_mark(p, size))
        for (int i = 0; i < used; i++)
            if (marks[i].addr == p && marks[i].term == term) return;
    struct mark *m;
    if (free_marks >= 0) {
        m = &marks[free_marks];
        free_marks = m->next;
    } else if (used < MARKS) {
        m = &marks[used++];
    } else {
        return;
    }
    *m = (struct mark){.addr = p, .size = size, .term = term, .written = now};
    weigh(m, 1);
}

// quasi_watch_write: the instruction at writes n bytes.
void quasi_watch_write(char *p, uint64_t n, uint32_t at) {
    now++;
    if (!n || !near_mark(p, n)) return;
    for (int i = 0; i < used; i++) {
        if (!meets(&marks[i], p, n)) continue;
        if (gone(&marks[i])) {
            forget(&marks[i]);
            continue;
        }
        marks[i].written = now;
        note(marks[i].term, at);
    }
}

// quasi_watch_before: code follows whose writes are not seen, until
// quasi_watch_after, which gets the result.
uint64_t quasi_watch_before(void) {
    now++;
    for (int i = 0; i < used; i++) {
        struct mark *m = &marks[i];
        if (!m->addr) continue;
        if (gone(m)) forget(m);
        else memcpy(m->value, m->addr, m->size);
    }
    return now;
}

void quasi_watch_after(uint64_t before, uint32_t at) {
    for (int i = 0; i < used; i++) {
        struct mark *m = &marks[i];
        // One that was made or written meanwhile, by code that is seen, says nothing.
        if (!m->addr || m->written >= before || gone(m)) continue;
        if (memcmp(m->value, m->addr, m->size)) note(m->term, at);
    }
    now++;
}

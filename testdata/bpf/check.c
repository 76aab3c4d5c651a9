/*
 * Runs every build of every filter over generated packets and compares what
 * they return with the interpreter. Usage: check N [SEED]: N packets at least.
 *
 * Each packet ends where readable memory ends, so a filter that reads beyond
 * buflen is caught: the page behind faults. Every packet is tried whole, and
 * cut; each hundredth is cut at every length. Prints "packets N", for each
 * filter "accepted F N", and "differences N"; exits 1 on any difference.
 */
#define _DEFAULT_SOURCE

#include "filters.h"
#include "packets.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct filter {
    const char *text;
    filter_fn *interpreter;
    struct {
        const char *name;
        filter_fn *fn;
    } builds[3];
} filters[] = {
#define FILTER(n, text)                                                                                                \
    { text,                                                                                                            \
      interpreter_##n,                                                                                                 \
      { { "specialized", filter_##n }, { "constant", constant_##n }, { "hand-written", handwritten_##n } } },
    FILTERS(FILTER)
#undef FILTER
};

enum { NR_FILTERS = sizeof filters / sizeof filters[0], MAX_REPORTS = 10 };

static unsigned long packets, accepted[NR_FILTERS], differences;

/* What runs at the moment, for the message of a fault. */
static volatile const char *running = "the interpreter";

static void on_fault(int sig)
{
    static const char text[] = ": read outside the packet\n";
    const char *name = (const char *)running;

    (void)sig;
    if (write(2, "check: ", 7) < 0 || write(2, name, strlen(name)) < 0 || write(2, text, sizeof text - 1) < 0)
        _exit(2);
    _exit(1);
}

static void report(const struct filter *f, const char *build, unsigned got, unsigned want, const unsigned char *p,
                   unsigned wirelen, unsigned buflen)
{
    unsigned i;

    if (++differences > MAX_REPORTS)
        return;
    fprintf(stderr, "check: %s: %s returns %u, the interpreter %u, for %u of %u bytes:", f->text, build, got, want,
            buflen, wirelen);
    for (i = 0; i < buflen; i++)
        fprintf(stderr, " %02x", p[i]);
    fprintf(stderr, "\n");
}

/* Runs all filters on the packet that ends at end. */
static void compare(const unsigned char *end, unsigned wirelen, unsigned buflen)
{
    const unsigned char *p = end - buflen;
    int i, b;

    packets++;
    for (i = 0; i < NR_FILTERS; i++) {
        const struct filter *f = &filters[i];
        unsigned want;

        running = "the interpreter";
        want = f->interpreter(p, wirelen, buflen);
        accepted[i] += want != 0;
        for (b = 0; b < 3; b++) {
            unsigned got;

            running = f->builds[b].name;
            got = f->builds[b].fn(p, wirelen, buflen);
            if (got != want)
                report(f, f->builds[b].name, got, want, p, wirelen, buflen);
        }
    }
}

/* Returns the end of a readable page that no readable memory follows. */
static unsigned char *edge(void)
{
    long page = sysconf(_SC_PAGESIZE);
    unsigned char *p = mmap(NULL, (size_t)page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED || mprotect(p + page, (size_t)page, PROT_NONE) != 0) {
        perror("check");
        exit(2);
    }
    return p + page;
}

int main(int argc, char **argv)
{
    unsigned char packet[MAX_PACKET];
    struct packets g;
    unsigned char *end;
    unsigned long i, n;
    int f;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: check N [SEED]\n");
        return 2;
    }
    n = strtoul(argv[1], NULL, 10);
    packets_seed(&g, argc == 3 ? strtoull(argv[2], NULL, 10) : 1);
    signal(SIGSEGV, on_fault);
    signal(SIGBUS, on_fault);
    end = edge();
    for (i = 0; packets < n; i++) {
        unsigned length = packets_next(&g, packet);
        unsigned cut = packets_below(&g, length + 1);

        memcpy(end - length, packet, length);
        compare(end, length, length);
        if (i % 100 != 0) {
            memcpy(end - cut, packet, cut);
            compare(end, length, cut);
            continue;
        }
        for (cut = 0; cut < length; cut++) {
            memcpy(end - cut, packet, cut);
            compare(end, length, cut);
        }
    }
    printf("packets %lu\n", packets);
    for (f = 0; f < NR_FILTERS; f++)
        printf("accepted %d %lu\n", f + 1, accepted[f]);
    printf("differences %lu\n", differences);
    return differences != 0;
}

/*
 * ledger.h: what the files share that programs of `quasi build --memguard` are linked
 * with: ledger.c knows the terms and judges hits, report.c prints, interpose.c is
 * between the program and the kernel.
 */
#ifndef QUASI_LEDGER_H
#define QUASI_LEDGER_H

#include "memguard.h"

#include <stdatomic.h>

/*
 * The table that quasi (cmd/quasi/memguard_table.go) appends to the program's file, after which comes its size: of the code of
 * the program's modules, where it is in the source, and of which rows of the ledger it is. Its parts follow each other.
 */
#define QUASI_LEDGER_MAGIC "quasiML1"
struct quasi_table_end {
    uint64_t size; /* a multiple of 8 */
    char magic[sizeof QUASI_LEDGER_MAGIC - 1];
};
struct quasi_table_head {
    uint32_t terms, ranges, places, rows, calls, strings; /* how many */
    uint32_t dir;                                         /* names of files are relative to it */
    uint32_t unused;
};
struct quasi_table_range {
    uint64_t start; /* as the program is linked */
    uint32_t size, place;
};
struct quasi_table_place {
    uint32_t file, line, col, function;
    uint32_t row, rows;
    uint32_t call, calls; /* that inlining has put it into, the innermost first */
};
struct quasi_table_row {
    uint32_t term, class, reason;
};
struct quasi_table_call {
    uint32_t file, line, col;
};

/* Classes of rows, as package guard numbers them. */
enum { CLASS_MUST, CLASS_MAY, CLASS_NOT_VISIBLE, CLASS_FRESH, CLASS_DISJOINT, CLASS_NONE };

struct quasi_ledger {
    const struct quasi_table_head *head;
    const struct quasi_table_range *ranges;
    const struct quasi_table_place *places;
    const struct quasi_table_row *rows;
    const struct quasi_table_call *calls;
    const uint32_t *terms; /* names */
    const char *strings;
    const unsigned char *file; /* the program's, mapped */
    uintptr_t bias;            /* of the program's addresses */
};
extern struct quasi_ledger __quasi_ledger;

/* Misses of one place. */
struct quasi_miss {
    const struct quasi_table_place *place; /* the innermost of the modules, NULL for none */
    uint32_t term;
    int kind, class; /* of hits, of rows */
    uint64_t count, told; /* writes; of them reported */
    uintptr_t instruction, callee; /* of the first; where it was in what place calls, 0 if place itself writes */
    uint32_t offset, size;         /* of what was written, in bytes from the term's start */
    uint32_t saved;
    unsigned char before[8], after[8];
};

enum { MOST_MISSES = 2048 };

struct quasi_figures {
    uint64_t writes, known, missed, lost; /* writes to terms: all, by rows, by none, by none and not listed */
    uint64_t refused[16];                 /* locations that were not protected, by error; 0: on a stack, 15: beside a lock */
};

/* Of one term. */
struct quasi_term_figures {
    uint64_t locations, writes, known; /* locations: that were protected, one that has ended and comes back again */
};

struct quasi_misses {
    atomic_int lock;
    int reported; /* at least once */
    struct quasi_figures all, told; /* what has happened; of it reported */
    struct quasi_term_figures *term, *term_told;
    uint32_t n;
    struct quasi_miss list[MOST_MISSES];
};
extern struct quasi_misses *__quasi_misses; /* on pages of its own */

/* __quasi_prepare_report reads the environment, once and at start: the program may change it. */
void __quasi_prepare_report(void);

/* __quasi_report prints what has not been printed yet. Any thread may call it, handlers too. */
void __quasi_report(void);

/* __quasi_exit_code is the exit code of a program that would end with status. */
int __quasi_exit_code(int status);

/* __quasi_say prints a line on standard error. */
void __quasi_say(const char *text);

/* Around fork: the ledger's locks; the child has seen nothing yet. */
void __quasi_ledger_fork_prepare(void);
void __quasi_ledger_fork_parent(void);
void __quasi_ledger_fork_child(void);

/* interpose has the program's system calls pass by interpose.c. It returns 0, or an error: EINVAL of kernels that have no way to do so. */
int __quasi_interpose(void);

/* lost_by_lock counts terms that are not protected any more, since the kernel has to write to their page. */
void __quasi_lost_by_lock(size_t terms);

/* Stacks of threads: where they are, and that memory which may have some is unmapped. */
void __quasi_stack_begins(uintptr_t low, uintptr_t high);
void __quasi_stacks_end(uintptr_t addr, size_t size);

/* instances_end releases the terms of memory that ends. */
void __quasi_instances_end(const void *addr, size_t size);

#endif

/*
 * quasi.h: the run-time of guards, for x86-64 Linux. C11, libc only.
 *
 * Programs that `quasi build` makes need no line of this: it is for structs that
 * have a member for guards, and for writes that quasi cannot see.
 */
#ifndef QUASI_H
#define QUASI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * QUASI_QUID, as a member of a struct, makes the test of a guarded write cheaper
 * where the member shares a cache line with what is written: it is NULL while no
 * member of the instance is bound. It belongs to the run-time; the program may
 * set it to NULL when it makes an instance, and copies it with the struct.
 *
 *     struct task { int uid; QUASI_QUID; };
 */
#define QUASI_QUID void *quasi_quid

/*
 * Guards by hand. quasi_begin stands before a write, or a call that writes,
 * quasi_end after it, with what quasi_begin has returned; they nest. Between them
 * the variants that rely on one of the size bytes at addr are not plugged.
 */
uint64_t quasi_begin(const void *addr, size_t size);
void quasi_end(uint64_t held);

/* What has happened to a variant so far. */
struct quasi_statistics {
    const char *name;
    int plugged;
    uint64_t armed;    /* it was plugged at a call */
    uint64_t refused;  /* it could not be: a write was under way, or a predicate no longer held */
    uint64_t kept;     /* a write to one of its terms left it plugged */
    uint64_t held;     /* it was unplugged while something was written, and plugged again */
    uint64_t violated; /* it was unplugged by a write */
};

/* quasi_statistics fills the n places at s and returns how many variants have ever been armed. */
size_t quasi_statistics(struct quasi_statistics *s, size_t n);

/*
 * MemGuard catches every write of the program's own instructions, in any thread, to
 * memory that is protected, reports it and lets it happen. Writes to other memory of
 * the same pages happen unnoticed, but take as long. It is a tool to find writes that
 * have no guard, not a part of guards.
 *
 * All functions but the last three below return 0 or one of the errors, none of them
 * sets errno, and any thread may call them at any time, signal handlers too.
 */
enum quasi_memguard_error {
    QUASI_MEMGUARD_NOT_ENABLED = -1,
    QUASI_MEMGUARD_ALREADY_ENABLED = -2,
    QUASI_MEMGUARD_SIZE = -3,          /* 0, or beyond the end of the address space */
    QUASI_MEMGUARD_PROTECTED = -4,     /* there is a term at this address already */
    QUASI_MEMGUARD_OVERLAPS = -5,      /* a term has some of these bytes */
    QUASI_MEMGUARD_NOT_PROTECTED = -6, /* no term begins at this address */
    QUASI_MEMGUARD_UNMAPPED = -7,
    QUASI_MEMGUARD_READ_ONLY = -8,
    QUASI_MEMGUARD_SHARED = -9,        /* mapped MAP_SHARED, or of huge pages */
    QUASI_MEMGUARD_THREAD = -10,       /* on the page of a thread's descriptor, which the kernel writes */
    QUASI_MEMGUARD_OWN = -11,          /* MemGuard's own memory */
    QUASI_MEMGUARD_FULL = -12,         /* too many pages, terms or names */
    QUASI_MEMGUARD_SYSTEM = -13,       /* the kernel has refused */
};

const char *quasi_memguard_error(int code);

int quasi_memguard_enable(void);
int quasi_memguard_disable(void); /* releases all terms */

/* quasi_memguard_protect makes a term of size bytes at addr, which may be on any page of
 * the program's private memory. The name is copied. */
int quasi_memguard_protect(const void *addr, size_t size, const char *name);

/* quasi_memguard_release is for the addr that a term was made with. */
int quasi_memguard_release(const void *addr);

/* quasi_memguard_write copies size bytes from from to addr, unreported. 1, 2, 4 and 8
 * bytes that are aligned are written at once. */
int quasi_memguard_write(void *addr, const void *from, size_t size);

enum quasi_memguard_kind { QUASI_MEMGUARD_USER, QUASI_MEMGUARD_KERNEL };
enum { QUASI_MEMGUARD_BYTES = 64, QUASI_MEMGUARD_CALLERS = 24 };

/* A write to a term. One that concerns several terms is reported once for each. */
struct quasi_memguard_hit {
    uint64_t number;         /* from 1, in the order of the writes */
    const char *term;        /* its name; stays valid */
    const void *term_addr;
    size_t term_size;
    const void *addr;        /* the first byte of the term that is written */
    size_t size;             /* up to the last one */
    int kind;                /* of enum quasi_memguard_kind */
    int thread;              /* gettid() */
    const void *instruction; /* that writes; the system call's, if the kernel does */
    uint32_t saved;          /* bytes in before and after: size, or as many as there is room for */
    uint32_t callers;        /* addresses in caller */
    unsigned char before[QUASI_MEMGUARD_BYTES], after[QUASI_MEMGUARD_BYTES];
    const void *caller[QUASI_MEMGUARD_CALLERS]; /* return addresses, the innermost first */
};

/*
 * Hits are kept until they are drained, or written to the file that the environment
 * names. Of those for which there is no room the first are kept and the rest counted.
 * quasi_memguard_drain takes up to n away and returns how many.
 */
size_t quasi_memguard_drain(struct quasi_memguard_hit *hits, size_t n);
uint64_t quasi_memguard_lost(void);

/*
 * quasi_memguard_on_hit has f called after each write, instead of its being kept, by the
 * thread that wrote, in a handler of SIGSEGV: on its alternate stack, all signals blocked.
 */
void quasi_memguard_on_hit(void (*f)(const struct quasi_memguard_hit *hit, void *data), void *data);

/*
 * Environment, read at program start:
 *   QUASI_STATS=1    the statistics on stderr at exit; a path that begins with / is a file to append them to
 *   QUASI_BACKOFF=0  arm at every call at which the predicates hold
 * and when MemGuard is enabled:
 *   QUASI_MEMGUARD_LOG  a file to append the hits to, when there are many, at exit and when it is disabled. A line
 *                       is an object of JSON (here broken; addresses are hexadecimal; bytes in the order of memory;
 *                       offset is in the object file, as its symbols' values are):
 *     {"n":1,"pid":7,"tid":8,"kind":"user","term":"task.uid","term_addr":"0x7f5c00001010","term_size":8,
 *      "addr":"0x7f5c00001014","size":4,"old":"e8030000","new":"00000000",
 *      "at":{"addr":"0x55d0c1101234","object":"/usr/bin/prog","offset":"0x1234"},"from":[...]}
 *                       kind is user or kernel, from are the callers, like at; where no object is, it has addr
 *                       alone. The line {"lost":N,"pid":7} tells of hits for which there was no room.
 */

#ifdef __cplusplus
}
#endif

#endif

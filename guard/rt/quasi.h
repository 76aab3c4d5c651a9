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
 * Environment, read at program start:
 *   QUASI_STATS=1    the statistics on stderr at exit; a path that begins with / is a file to append them to
 *   QUASI_BACKOFF=0  arm at every call at which the predicates hold
 */

#ifdef __cplusplus
}
#endif

#endif

/*
 * memguard.h: what MemGuard's files share, and what the wrappers of system calls and
 * of fork need of it.
 *
 * A page that holds a term, or has ever held one, is backed by a slot: a page of a
 * memory file, mapped MAP_SHARED at the page's own address, and a second time, always
 * writable, at the slot's alias. Both are the same memory from then on.
 */
#ifndef QUASI_MEMGUARD_H
#define QUASI_MEMGUARD_H

#include "quasi.h"

#include <signal.h> /* struct sigaction, with -D_GNU_SOURCE or the like */
#include <sys/types.h>

/*
 * span returns for how many of the size bytes at addr one answer holds, and the answer:
 * where they can be written without a fault (alias, NULL if addr itself is as good).
 * Safe anywhere; an alias stays valid, and stays the same memory, even if terms are released.
 */
size_t __quasi_memguard_span(const void *addr, size_t size, void **alias);

/* terms is the number of terms that have one of these bytes; 0 when MemGuard is not enabled. */
size_t __quasi_memguard_terms(const void *addr, size_t size);

/*
 * has_slots reports whether one of the bytes lies on a page with a slot. The kernel must not be given such
 * a page to write to, even if it has no terms: it is read-only while another thread forks.
 */
int __quasi_memguard_has_slots(const void *addr, size_t size);

/*
 * slots_made counts the pages that have got slots; settle waits until none is about to. So who
 * has got EFAULT from the kernel finds out whether a page has become read-only under it.
 */
uint64_t __quasi_memguard_slots_made(void);
void __quasi_memguard_settle(void);

/*
 * kernel_writes copies size bytes from from to addr, and reports that as a write of the kernel; if old is not
 * NULL, then only bytes that differ from old's. It returns how many of the bytes could be written.
 * caller are return addresses; the first is where the call was made.
 */
size_t __quasi_memguard_kernel_writes(const void *addr, const void *from, const void *old, size_t size,
                                      const void *const *caller, unsigned callers);

/* write_log writes the hits to the file of QUASI_MEMGUARD_LOG: for programs that end without running what atexit has. */
void __quasi_memguard_write_log(void);

/* load reads eight bytes, load_byte one, touch writes one as it is; 0 if that faults. */
int __quasi_memguard_load(const void *addr, uint64_t *value);
int __quasi_memguard_load_byte(const void *addr, uint8_t *value);
int __quasi_memguard_touch(void *addr);

/* sigaction is the program's for SIGSEGV: what it sets is called for faults that are its own. -1 and errno, or 0. */
int __quasi_memguard_sigaction(const struct sigaction *act, struct sigaction *old);
/* The same for SIGTRAP. */
int __quasi_memguard_sigaction_trap(const struct sigaction *act, struct sigaction *old);

/*
 * thread_starts gives the calling thread an alternate stack, if it has none, and unblocks
 * SIGSEGV; thread_ends takes the stack away. Threads that exist when MemGuard is enabled need not call it.
 */
void __quasi_memguard_thread_starts(void);
void __quasi_memguard_thread_ends(void);

/*
 * give_back has whole pages in the range become the program's private, writable memory again,
 * with what they contain: it is about to unmap them, to map them anew, or to change how they are mapped,
 * which may fail. It returns the number of terms lost.
 */
size_t __quasi_memguard_give_back(const void *addr, size_t size);

/*
 * Who catches the system calls of a thread sets this byte to 1; MemGuard's own calls are made
 * with 0, and outside of its handlers of SIGSEGV and SIGTRAP it sets the byte for them.
 */
extern _Thread_local volatile unsigned char __quasi_program_calls __attribute__((tls_model("initial-exec")));

/* say prints a line on standard error, about a variable of the environment. */
void __quasi_memguard_say(const char *name, const char *value, const char *text);

/*
 * Around fork: enable registers them with pthread_atfork. Calling them from other handlers as well, for
 * the sake of their order, does no harm.
 */
void __quasi_memguard_fork_prepare(void);
void __quasi_memguard_fork_parent(void);
void __quasi_memguard_fork_child(void);

#endif

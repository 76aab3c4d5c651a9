/*
 * interpose.h: what interpose.c, which has the program's system calls pass by, shares with
 * interpose_writes.c, which makes those that write memory, and interpose_locks.c.
 */
#ifndef QUASI_INTERPOSE_H
#define QUASI_INTERPOSE_H

#include "ledger.h"

#include <sys/syscall.h>
#include <ucontext.h>

static inline long call(long nr, const long a[6])
{
    register long r10 __asm__("r10") = a[3];
    register long r8 __asm__("r8") = a[4];
    register long r9 __asm__("r9") = a[5];
    long r;
    __asm__ volatile("syscall"
                     : "=a"(r)
                     : "0"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return r;
}

static inline long call4(long nr, long a, long b, long c, long d) { return call(nr, (long[6]){ a, b, c, d, 0, 0 }); }

static inline int failed(long r) { return r < 0 && r > -4096; }

#define HIDDEN __attribute__((visibility("hidden")))

/* writing makes a system call that writes, or may write, memory of the program, which context interrupts. */
HIDDEN long __quasi_interpose_writing(long nr, const long *arg, const ucontext_t *context);

/*
 * put writes size bytes to the program's memory as the kernel, and reports that; if old is not NULL, only those that
 * differ from old's. It returns 0, or -EFAULT.
 */
HIDDEN long __quasi_interpose_put(uintptr_t addr, const void *from, const void *old, size_t size, const ucontext_t *context);

/* readable is how many of the bytes can be read. */
HIDDEN size_t __quasi_interpose_readable(uintptr_t addr, size_t size);

/* explain says why a system call has failed that calls.h does not have. */
HIDDEN void __quasi_interpose_explain(long nr, const long *arg);

/* futex makes such a system call; thread_locks_end is told before a thread ends. */
HIDDEN long __quasi_interpose_futex(const long *arg);
HIDDEN void __quasi_interpose_thread_locks_end(void);

/* Whether the program has had several threads. */
HIDDEN extern atomic_int __quasi_interpose_threads;

#endif

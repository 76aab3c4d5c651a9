/*
 * interpose_locks.c: locks that the kernel writes itself. Under MemGuard it cannot where they
 * lie on protected pages (M7).
 */
#define _GNU_SOURCE
#include "interpose.h"

#include <errno.h>
#include <linux/futex.h>
#include <time.h>

enum { PAGE = 4096, MOST_LOCKS = 2048 /* as the kernel has it */ };

static int has_slots(uintptr_t addr) { return __quasi_memguard_has_slots((const void *)addr, 4); }

/* give_up has the page of a lock be the program's memory again, which ends what is protected there. */
static void give_up(uintptr_t addr)
{
    uintptr_t page = addr & -(uintptr_t)PAGE;
    if (!addr || !has_slots(addr))
        return;
    size_t terms = __quasi_memguard_terms((const void *)page, PAGE);
    __quasi_instances_end((const void *)page, PAGE);
    __quasi_memguard_give_back((const void *)page, PAGE);
    if (terms)
        __quasi_lost_by_lock(terms);
}

/*
 * wait is one that goes by the page, not by the address alone: nobody finds it any more when the page gets its slot
 * meanwhile. So it looks again now and then.
 */
static long wait(const long *arg)
{
    enum { SLICE = 50000000, SECOND = 1000000000 };
    long a[6] = { arg[0], FUTEX_WAIT_BITSET | (arg[1] & FUTEX_CLOCK_REALTIME), arg[2], 0, 0, FUTEX_BITSET_MATCH_ANY };
    struct timespec end = { 0 }, now;
    int relative = (arg[1] & FUTEX_CMD_MASK) == FUTEX_WAIT;
    long clock = !relative && arg[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    if (relative)
        a[1] = FUTEX_WAIT_BITSET;
    else
        a[5] = arg[5];
    if (arg[3]) {
        if (__quasi_interpose_readable(arg[3], sizeof end) < sizeof end)
            return -EFAULT;
        end = *(const struct timespec *)arg[3];
        if (end.tv_sec < 0 || end.tv_nsec < 0 || end.tv_nsec >= SECOND)
            return -EINVAL;
    }
    call4(SYS_clock_gettime, clock, (long)&now, 0, 0);
    if (arg[3] && relative) {
        end.tv_sec += now.tv_sec + (end.tv_nsec + now.tv_nsec) / SECOND;
        end.tv_nsec = (end.tv_nsec + now.tv_nsec) % SECOND;
    }
    for (;;) {
        uint64_t slots = __quasi_memguard_slots_made();
        now.tv_sec += (now.tv_nsec + SLICE) / SECOND;
        now.tv_nsec = (now.tv_nsec + SLICE) % SECOND;
        int last = arg[3] && (end.tv_sec < now.tv_sec || (end.tv_sec == now.tv_sec && end.tv_nsec <= now.tv_nsec));
        a[3] = (long)(last ? &end : &now);
        long r = call(SYS_futex, a);
        if (r != -ETIMEDOUT || last)
            return r;
        if (__quasi_memguard_slots_made() != slots)
            return 0; /* as if it had been woken: a wake may have been lost */
        call4(SYS_clock_gettime, clock, (long)&now, 0, 0);
    }
}

long __quasi_interpose_futex(const long *arg)
{
    uintptr_t lock = 0;
    switch (arg[1] & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        if (arg[1] & FUTEX_PRIVATE_FLAG)
            break;
        return wait(arg);
    case FUTEX_LOCK_PI:
    case 13 /* FUTEX_LOCK_PI2 */:
    case FUTEX_TRYLOCK_PI:
    case FUTEX_UNLOCK_PI:
        lock = arg[0];
        break;
    case FUTEX_WAKE_OP:
    case FUTEX_WAIT_REQUEUE_PI:
    case FUTEX_CMP_REQUEUE_PI:
        lock = arg[4];
        break;
    }
    for (;;) {
        give_up(lock);
        long r = call(SYS_futex, arg);
        if (r != -EFAULT || !lock || !has_slots(lock))
            return r;
    }
}

/* died does for one lock of the thread, which is about to end, what the kernel would. */
static void died(uintptr_t entry, long offset, uint32_t thread)
{
    uintptr_t addr = (entry & ~1ul) + offset;
    if (!entry || !has_slots(addr) || __quasi_interpose_readable(addr, 4) < 4)
        return;
    if (entry & 1) { /* it inherits priority, which the kernel alone can end */
        give_up(addr);
        return;
    }
    void *alias = NULL;
    __quasi_memguard_span((const void *)addr, 4, &alias);
    uint32_t *lock = alias ? alias : (uint32_t *)addr, was = __atomic_load_n(lock, __ATOMIC_RELAXED);
    while ((was & FUTEX_TID_MASK) == thread)
        if (__atomic_compare_exchange_n(lock, &was, (was & FUTEX_WAITERS) | FUTEX_OWNER_DIED, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
            if (was & FUTEX_WAITERS)
                call4(SYS_futex, addr, FUTEX_WAKE, 1, 0);
            return;
        }
}

void __quasi_interpose_thread_locks_end(void)
{
    struct robust_list_head *head = NULL, h;
    size_t size;
    if (failed(call4(SYS_get_robust_list, 0, (long)&head, (long)&size, 0)) || !head || __quasi_interpose_readable((uintptr_t)head, sizeof h) < sizeof h)
        return;
    uint32_t thread = (uint32_t)call4(SYS_gettid, 0, 0, 0, 0);
    h = *head;
    uintptr_t at = (uintptr_t)h.list.next;
    for (int i = 0; i < MOST_LOCKS && (at & ~1ul) != (uintptr_t)head; i++) {
        uint64_t next;
        if (!__quasi_memguard_load((const void *)(at & ~1ul), &next))
            break;
        if (at != (uintptr_t)h.list_op_pending)
            died(at, h.futex_offset, thread);
        at = next;
    }
    died((uintptr_t)h.list_op_pending, h.futex_offset, thread);
}

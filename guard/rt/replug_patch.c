/*
 * replug_patch.c: slots whose calls are direct, to a jump that is patched (R6).
 *
 * The jump (QUASI_PATCHED of quasi.h) has 16 bytes of its own, on a multiple of 16. To
 * change it, a copy of its page is made elsewhere, changed, made executable, and moved over
 * the page by one mremap(2): no byte that a thread may be fetching is ever written, and no page is
 * writable and executable at once. Other threads run the old page until the kernel has
 * flushed their address translations, which interrupts them, and the new one from then on; one
 * that comes while neither is there takes a page fault and waits for mremap to end.
 *
 * Why not write a breakpoint first, as kernels do? A thread that has SIGTRAP blocked, as
 * handlers often have, is killed by one, and in a debugger it stops.
 *
 * If the kernel does not let code be changed (MDWE, SELinux's execmem), or the code
 * is not what it should be, the replacement is refused.
 */
#define _GNU_SOURCE
#include "replug.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, SITE = 16, JUMP = 0xe9, FILL = 0xcc };

static const unsigned char far_jump[] = { 0xff, 0x25, 2, 0, 0, 0 }; /* to the address in the last 8 bytes */

/* The lock is held with signals blocked, so that no handler waits for its own thread. */
static atomic_uint lock; /* 2: somebody may sleep */

static uint64_t take_lock(void)
{
    static const uint64_t all = ~0ull;
    uint64_t mask = 0;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, sizeof mask);
    unsigned was = 0;
    if (!atomic_compare_exchange_strong(&lock, &was, 1))
        while (atomic_exchange(&lock, 2))
            syscall(SYS_futex, &lock, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
    return mask;
}

static void release_lock(uint64_t mask)
{
    if (atomic_exchange(&lock, 0) == 2)
        syscall(SYS_futex, &lock, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
}

static uint64_t fork_mask;

static void fork_begins(void)
{
    uint64_t mask = take_lock();
    fork_mask = mask;
}
static void fork_ends(void) { release_lock(fork_mask); }

__attribute__((constructor)) static void get_ready(void)
{
    quasi_replug_fence_code(); /* registers while there is one thread, which is fast */
    pthread_atfork(fork_begins, fork_ends, fork_ends);
}

/* is_jump reports whether code is what QUASI_PATCHED, or set_jump, has put there. */
static int is_jump(const unsigned char *code)
{
    if ((uintptr_t)code % SITE)
        return 0;
    return (code[0] == JUMP && code[5] == FILL && code[6] == FILL && code[7] == FILL) ||
           !memcmp(code, far_jump, sizeof far_jump);
}

/* make_jump writes what is to stand at site. Its last bytes are f in both forms: a thread may
 * have fetched the far jump from the old page, and find the address in the new one. */
static void make_jump(unsigned char *code, const unsigned char *site, void (*f)(void))
{
    int64_t distance = (int64_t)((uintptr_t)f - (uintptr_t)site - 5);
    int32_t near = (int32_t)distance;
    memset(code, FILL, SITE);
    if (near == distance) {
        code[0] = JUMP;
        memcpy(code + 1, &near, sizeof near);
    } else {
        memcpy(code, far_jump, sizeof far_jump);
    }
    memcpy(code + 8, &f, sizeof f);
}

static int set_jump(unsigned char *site, void (*f)(void))
{
    if (!is_jump(site))
        return 0;
    uintptr_t offset = (uintptr_t)site % PAGE;
    unsigned char *page = site - offset;
    unsigned char *copy = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (copy == MAP_FAILED)
        return 0;
    memcpy(copy, page, PAGE);
    make_jump(copy + offset, site, f);
    if (!mprotect(copy, PAGE, PROT_READ | PROT_EXEC) &&
        mremap(copy, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, page) == page)
        return 1;
    munmap(copy, PAGE);
    return 0;
}

/* quasi_replug_patch returns 1 if it has replaced, 0 if the stamp is another one by now. */
int quasi_replug_patch(struct quasi_slot *s, void (*f)(void), void (**old)(void), const uint64_t *stamp)
{
    int result = 1, e = errno;
    uint64_t mask = take_lock();
    if (stamp && s->stamp != *stamp) {
        result = 0;
    } else {
        __atomic_fetch_add(&s->stamp, 1, __ATOMIC_SEQ_CST); /* first, as in replug.c */
        if (set_jump(s->site, f))
            *old = __atomic_exchange_n(&s->target, f, __ATOMIC_SEQ_CST);
        else
            result = QUASI_NO_PATCH;
    }
    release_lock(mask);
    errno = e;
    return result;
}

/*
 * replug.c: what the replugger promises, a case each. `replug CASE` runs one and exits
 * with 0 if it holds; `replug` prints their names.
 */
#define _GNU_SOURCE
#include "quasi.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define check(what) ((what) ? (void)0 : fail(__LINE__, #what))

static void fail(int line, const char *what)
{
    fprintf(stderr, "replug.c:%d: not so: %s\n", line, what);
    abort();
}

int one(int x);
int two(int x);
int held(int x);
int (*within)(int x);
int run_within(int x);

int one(int x) { return x + 1; }
int two(int x) { return x + 2; }

/* held stays until the gate is opened. */
static atomic_int entered, gate;
int held(int x)
{
    entered++;
    while (!gate)
        sched_yield();
    return x + 100;
}

/* run_within does what a case wants done inside. */
int run_within(int x) { return within(x); }

static QUASI_SLOT(POINTER, one) pointer = QUASI_INIT(POINTER, one);
static QUASI_SLOT(SIMPLE, one) simple = QUASI_INIT(SIMPLE, one);
static QUASI_SLOT(SIMPLE, one) other_simple = QUASI_INIT(SIMPLE, one);
static QUASI_SLOT(COUNTING, one) counting = QUASI_INIT(COUNTING, one);
static QUASI_SLOT(COUNTING, one) other_counting = QUASI_INIT(COUNTING, one);
QUASI_PATCHED(patched, one);

/* The kinds that wait, behind functions. */
struct kind {
    int (*call)(int);
    int (*replug)(int (*)(int));
    int (*begin)(int (*)(int), struct quasi_replacement *);
    int (*replug_if)(int (*)(int), uint64_t);
    uint64_t (*stamp)(void);
    size_t (*inside)(void);
};
#define KIND(name, call)                                                                                          \
    static int name##_call(int x) { return call(name, x); }                                                       \
    static int name##_replug(int (*f)(int)) { return quasi_replug(name, f); }                                     \
    static int name##_begin(int (*f)(int), struct quasi_replacement *r) { return quasi_replug_begin(name, f, r); } \
    static int name##_if(int (*f)(int), uint64_t stamp) { return quasi_replug_if(name, f, stamp); }               \
    static uint64_t name##_stamp(void) { return quasi_stamp(name); }                                              \
    static size_t name##_inside(void) { return quasi_inside(name); }
#define ROW(name) { name##_call, name##_replug, name##_begin, name##_if, name##_stamp, name##_inside }

KIND(pointer, quasi_call)
KIND(simple, quasi_call)
KIND(counting, quasi_call)
KIND(patched, quasi_call_patched)

static const struct kind all_kinds[] = { ROW(simple), ROW(counting), ROW(patched), ROW(pointer) };
enum { WAITING = 3 }; /* kinds */
static const struct kind *kind;

static pthread_t start(void *(*f)(void *), void *arg)
{
    pthread_t t;
    check(!pthread_create(&t, NULL, f, arg));
    return t;
}

static void *join(pthread_t t)
{
    void *result;
    check(!pthread_join(t, &result));
    return result;
}

static void *call_once(void *arg) { return (void *)(intptr_t)kind->call((int)(intptr_t)arg); }

/* A thread that is inside held. */
static pthread_t start_held(void)
{
    gate = entered = 0;
    check(kind->replug(held) == 0);
    pthread_t t = start(call_once, (void *)7);
    while (!entered)
        sched_yield();
    return t;
}

static void *open_later(void *arg)
{
    (void)arg;
    usleep(20000);
    gate = 1;
    return NULL;
}

static void case_kinds(void)
{
    for (int i = 0; i <= WAITING; i++) {
        kind = &all_kinds[i];
        check(kind->call(5) == 6);
        check(kind->replug(two) == 0 && kind->call(5) == 7);
        uint64_t stamp = kind->stamp();
        check(kind->replug_if(one, stamp) == 1 && kind->call(5) == 6);
        check(kind->replug_if(two, stamp) == 0 && kind->call(5) == 6);
        stamp = kind->stamp();
        check(kind->replug(one) == 0 && kind->replug_if(two, stamp) == 0); /* one again, but replaced */
        struct quasi_replacement r;
        check(kind->begin(two, &r) == 0 && r.old == (void (*)(void))one && kind->call(5) == 7);
        check(kind->begin(one, NULL) == 0 && kind->call(5) == 6);
    }
    check(quasi_plugged(counting) == one && quasi_plugged(patched) == one);
    QUASI_SLOT(COUNTING, one) wrong = QUASI_INIT(POINTER, one);
    static QUASI_SLOT(SIMPLE, one) nothing;
    check(quasi_replug(wrong, two) == QUASI_NO_SLOT && quasi_plugged(wrong) == one);
    check(quasi_replug_begin(nothing, two, NULL) == QUASI_NO_SLOT && !quasi_plugged(nothing));
    check(quasi_replug_if(nothing, two, 0) == QUASI_NO_SLOT && !quasi_plugged(nothing));
}

static void case_waits(void)
{
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        pthread_t t = start_held();
        struct quasi_replacement r;
        check(kind->inside() == 1);
        check(kind->begin(two, &r) == QUASI_PENDING && r.old == (void (*)(void))held);
        check(kind->call(1) == 3); /* the new one runs while the old one does */
        check(quasi_replug_poll(&r) == QUASI_PENDING);
        pthread_t opens = start(open_later, NULL);
        check(quasi_replug_wait(&r) == 0 && gate == 1);
        check(quasi_replug_poll(&r) == 0);
        check(join(t) == (void *)107);
        join(opens);
        check(kind->inside() == 0);
        t = start_held();
        opens = start(open_later, NULL);
        check(kind->replug(one) == 0 && gate == 1);
        join(t);
        join(opens);
    }
}

/* POINTER does not wait; SIMPLE waits for all SIMPLE slots, COUNTING for its own. */
static void case_extent(void)
{
    gate = 0;
    check(quasi_replug(pointer, held) == 0);
    kind = &all_kinds[3];
    pthread_t t = start(call_once, (void *)1);
    while (!entered)
        sched_yield();
    check(quasi_replug(pointer, one) == 0);
    gate = 1;
    join(t);
    struct quasi_replacement r;
    kind = &all_kinds[0];
    t = start_held();
    check(quasi_replug_begin(other_simple, two, &r) == QUASI_PENDING);
    check(quasi_replug(counting, two) == 0);
    gate = 1;
    join(t);
    check(quasi_replug_poll(&r) == 0);
    kind = &all_kinds[1];
    t = start_held();
    check(quasi_replug(other_counting, two) == 0);
    check(quasi_replug(other_simple, two) == 0);
    check(quasi_replug(patched, two) == 0);
    gate = 1;
    join(t);
}

static int depth_reached;
static int recurse(int x)
{
    if (x == 0) {
        depth_reached = (int)kind->inside();
        struct quasi_replacement r;
        check(kind->begin(two, &r) == QUASI_INSIDE);
        return 0;
    }
    return 1 + kind->call(x - 1);
}

static void case_recursion(void)
{
    within = recurse;
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        check(kind->replug(run_within) == 0);
        check(kind->call(10000) == 10000 && depth_reached == 10001);
        check(kind->call(1) == 3 && kind->inside() == 0);
        check(kind->replug(one) == 0);
    }
}

/* Calls without an end do not keep a replacement from ending. */
static atomic_int over;
static void *call_on(void *arg)
{
    (void)arg;
    while (!over)
        kind->call(1);
    return NULL;
}

static int nested_call(int x) { return x ? kind->call(x - 1) : 0; }

static void case_progress(void)
{
    within = nested_call;
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        over = 0;
        pthread_t t[3];
        for (int j = 0; j < 3; j++)
            t[j] = start(call_on, NULL);
        for (int j = 0; j < 300; j++)
            check(kind->replug(j % 3 ? j % 3 == 1 ? one : two : run_within) == 0);
        check(kind->replug(one) == 0);
        over = 1;
        for (int j = 0; j < 3; j++)
            join(t[j]);
    }
}

static struct quasi_replacement own;
static int replug_self(int x)
{
    check(kind->replug(two) == QUASI_INSIDE);
    check(kind->begin(two, &own) == QUASI_INSIDE);
    check(quasi_replug_wait(&own) == QUASI_INSIDE && quasi_replug_poll(&own) == QUASI_INSIDE);
    return x;
}

static void *poll_own(void *arg)
{
    (void)arg;
    return (void *)(intptr_t)quasi_replug_poll(&own);
}

static int poll_elsewhere(int x)
{
    check(kind->begin(two, &own) == QUASI_INSIDE);
    check(join(start(poll_own, NULL)) == (void *)QUASI_PENDING);
    return x;
}

static int begin_only(int x)
{
    check(kind->begin(two, &own) == QUASI_PENDING); /* another is inside, too */
    return x;
}

static void case_inside(void)
{
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        within = replug_self;
        check(kind->replug(run_within) == 0);
        check(kind->call(5) == 5 && quasi_replug_wait(&own) == 0);
        within = poll_elsewhere;
        check(kind->replug(run_within) == 0);
        check(kind->call(5) == 5 && join(start(poll_own, NULL)) == NULL && quasi_replug_poll(&own) == 0);
    }
    /* while another is inside as well */
    kind = &all_kinds[1];
    pthread_t t = start_held();
    within = begin_only;
    check(kind->begin(run_within, NULL) == 0);
    check(kind->call(1) == 1 && quasi_replug_poll(&own) == QUASI_PENDING);
    gate = 1;
    join(t);
    check(quasi_replug_poll(&own) == 0);
}

/* Several threads that are inside replace at once: somebody does not wait, nobody waits for ever. */
enum { CIRCLE = 4 };
static pthread_barrier_t barrier;
static atomic_int gave_up, circles;
static int replug_in_circle(int x)
{
    pthread_barrier_wait(&barrier);
    int result = kind->replug(run_within);
    check(result == QUASI_PENDING || result == QUASI_INSIDE);
    gave_up += result == QUASI_PENDING;
    return x;
}

static void *circle(void *arg)
{
    (void)arg;
    for (int i = 0; i < 200; i++) {
        pthread_barrier_wait(&barrier);
        kind->call(1);
        circles++;
    }
    return NULL;
}

static void case_circle(void)
{
    within = replug_in_circle;
    pthread_barrier_init(&barrier, NULL, CIRCLE);
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        gave_up = circles = 0;
        check(kind->replug(run_within) == 0);
        pthread_t t[CIRCLE];
        for (int j = 0; j < CIRCLE; j++)
            t[j] = start(circle, NULL);
        for (int j = 0; j < CIRCLE; j++)
            join(t[j]);
        check(circles == 200 * CIRCLE && gave_up >= 200);
        check(kind->replug(one) == 0);
    }
}

static int handler_result;
static void handler_replugs(int sig)
{
    (void)sig;
    errno = 5;
    handler_result = kind->begin(two, NULL);
    struct quasi_replacement r;
    handler_result = kind->begin(one, &r);
    check(kind->call(1) == 2);
    check(kind->replug(two) >= 0);
    check(errno == 5);
}

static int raise_inside(int x)
{
    raise(SIGUSR1);
    return x;
}

static void *send_later(void *arg)
{
    usleep(20000);
    pthread_kill(*(pthread_t *)arg, SIGUSR1);
    usleep(20000);
    gate = 1;
    return NULL;
}

static void case_handlers(void)
{
    signal(SIGUSR1, handler_replugs);
    within = raise_inside;
    pthread_t me = pthread_self();
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        check(kind->replug(run_within) == 0);
        check(kind->call(5) == 5 && handler_result == QUASI_INSIDE && kind->call(5) == 7);
        /* the handler interrupts a replacement that waits; what it leaves behind stays */
        gate = entered = 0;
        check(kind->replug(held) == 0);
        pthread_t t = start(call_once, (void *)7);
        while (!entered)
            sched_yield();
        signal(SIGUSR1, SIG_IGN);
        pthread_t sends = start(send_later, &me);
        struct quasi_replacement r;
        check(kind->begin(one, &r) == QUASI_PENDING && quasi_replug_wait(&r) == 0 && gate == 1);
        join(t);
        join(sends);
        signal(SIGUSR1, handler_replugs);
    }
}

/* A handler that calls, and replaces without waiting, while its thread sleeps in a replacement. */
static void handler_calls(int sig)
{
    (void)sig;
    check(kind->call(1) == 2 || kind->call(1) == 3);
    kind->begin(two, NULL);
    handler_result++;
}

static void case_handler_on_sleeper(void)
{
    signal(SIGUSR1, handler_calls);
    pthread_t me = pthread_self();
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        handler_result = 0;
        pthread_t t = start_held();
        pthread_t sends = start(send_later, &me);
        check(kind->replug(one) == 0 && gate == 1);
        join(sends);
        join(t);
        check(handler_result == 1 && kind->call(1) == 3);
    }
}

/* A handler that forks while its thread sleeps: in the child nobody is inside. */
static void handler_forks(int sig)
{
    (void)sig;
    pid_t child = fork();
    if (child) {
        int status;
        check(waitpid(child, &status, 0) == child && status == 0);
        gate = 1;
    }
    handler_result = child ? 1 : 2;
}

static void *interrupt_later(void *arg)
{
    usleep(20000);
    pthread_kill(*(pthread_t *)arg, SIGUSR1);
    return NULL;
}

static void case_handler_forks(void)
{
    signal(SIGUSR1, handler_forks);
    pthread_t me = pthread_self();
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        handler_result = 0;
        pthread_t t = start_held();
        pthread_t sends = start(interrupt_later, &me);
        check(kind->replug(one) == 0 && handler_result > 0);
        check(kind->call(1) == 2 && kind->replug(two) == 0 && kind->call(1) == 3);
        if (handler_result == 2)
            _exit(0);
        check(gate == 1);
        join(sends);
        join(t);
    }
}

static int exit_inside(int x)
{
    entered++;
    usleep(20000);
    pthread_exit((void *)(intptr_t)x);
}

static int sleep_inside(int x)
{
    entered++;
    for (;;)
        usleep(1000);
    return x;
}

static void case_thread_ends(void)
{
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        for (int cancel = 0; cancel < 2; cancel++) {
            within = cancel ? sleep_inside : exit_inside;
            entered = 0;
            check(kind->replug(run_within) == 0);
            pthread_t t = start(call_once, (void *)3);
            while (!entered)
                sched_yield();
            if (cancel)
                pthread_cancel(t);
            check(kind->replug(one) == 0);
            check(join(t) == (cancel ? PTHREAD_CANCELED : (void *)3));
        }
        for (int j = 0; j < 500; j++) /* records are used again */
            join(start(call_once, (void *)3));
        check(kind->replug(two) == 0 && kind->replug(one) == 0 && kind->inside() == 0);
    }
}

static pthread_key_t keys[3];
static atomic_int destructed;
static void call_at_end(void *arg)
{
    check(kind->call(1) == 2);
    destructed++;
    pthread_setspecific(*(pthread_key_t *)arg, arg); /* once more, up to the last round */
}

static void *call_with_keys(void *arg)
{
    for (int i = 0; i < 3; i++)
        pthread_setspecific(keys[i], &keys[i]);
    return call_once(arg);
}

static void case_destructors(void)
{
    for (int i = 0; i < 3; i++)
        pthread_key_create(&keys[i], call_at_end);
    kind = &all_kinds[1];
    join(start(call_with_keys, NULL));
    within = exit_inside;
    check(kind->begin(run_within, NULL) == 0);
    check(destructed == 12);
    entered = 0;
    pthread_t t = start(call_with_keys, (void *)3);
    while (!entered)
        sched_yield();
    check(kind->replug(one) == 0);
    join(t);
    check(destructed == 24 && kind->inside() == 0);
}

static jmp_buf back;
static int jump(int x)
{
    if (x)
        return kind->call(x - 1);
    longjmp(back, 1);
}

static int jump_to_here(int x)
{
    struct quasi_mark m;
    quasi_mark(&m);
    check(kind->inside() == 1);
    within = jump;
    if (!setjmp(back))
        kind->call(x);
    check(kind->inside() > 1);
    quasi_landed(&m);
    check(kind->inside() == 1);
    return x;
}

static void *poll_for(void *r) { return (void *)(intptr_t)quasi_replug_poll(r); }

static void case_longjmp(void)
{
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        within = jump;
        check(kind->replug(run_within) == 0);
        struct quasi_mark m;
        quasi_mark(&m);
        if (!setjmp(back))
            kind->call(5);
        struct quasi_replacement r;
        check(kind->begin(run_within, &r) == QUASI_INSIDE && join(start(poll_for, &r)) == (void *)QUASI_PENDING);
        quasi_landed(&m);
        check(quasi_replug_poll(&r) == 0 && join(start(poll_for, &r)) == NULL);
        within = jump_to_here;
        check(kind->call(5) == 5 && kind->inside() == 0);
        check(kind->replug(one) == 0);
    }
}

static int fork_inside(int x)
{
    pid_t child = fork();
    if (child) {
        int status;
        check(waitpid(child, &status, 0) == child && status == 0);
        return x;
    }
    struct quasi_replacement r;
    check(kind->inside() == 1);
    check(kind->begin(two, &r) == QUASI_INSIDE);
    own = r;
    return -1;
}

static void case_fork(void)
{
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        pthread_t t = start_held();
        struct quasi_replacement r;
        check(kind->begin(one, &r) == QUASI_PENDING);
        pid_t child = fork();
        if (!child) { /* the thread that is inside is not here */
            check(quasi_replug_wait(&r) == 0);
            check(kind->call(1) == 2 && kind->replug(two) == 0 && kind->call(1) == 3);
            check(join(start(call_once, (void *)1)) == (void *)3);
            check(kind->replug(one) == 0);
            _exit(0);
        }
        int status;
        check(waitpid(child, &status, 0) == child && status == 0);
        check(kind->call(1) == 2); /* the child has replaced its own */
        check(quasi_replug_poll(&r) == QUASI_PENDING);
        gate = 1;
        join(t);
        within = fork_inside;
        check(kind->replug(run_within) == 0);
        int got = kind->call(5);
        if (got == -1) {
            check(quasi_replug_wait(&own) == 0);
            _exit(0);
        }
        check(got == 5 && kind->replug(one) == 0);
    }
}

/* Threads fork and replace at once. */
static void *fork_on(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (!child) {
            for (int j = 0; j < 20; j++)
                if (kind->replug(j % 2 ? one : two) || (kind->call(1) != (j % 2 ? 2 : 3)))
                    abort();
            _exit(0);
        }
        int status;
        check(waitpid(child, &status, 0) == child && status == 0);
    }
    over = 1;
    return NULL;
}

static void case_fork_while_replugging(void)
{
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        over = 0;
        pthread_t t = start(fork_on, NULL), c = start(call_on, NULL);
        while (!over)
            check(kind->replug(two) == 0 && kind->replug(one) == 0);
        join(t);
        join(c);
    }
}

/* Code is unloaded as soon as it is displaced, while other threads call. */
static void case_dlclose(void)
{
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        over = 0;
        pthread_t t[2] = { start(call_on, NULL), start(call_on, NULL) };
        for (int j = 0; j < 50; j++) {
            void *object = dlopen("./plugin.so", RTLD_NOW);
            check(object);
            int (*f)(int) = (int (*)(int))dlsym(object, "plugin");
            int (*slot)(int) = (int (*)(int))dlsym(object, "call_own_slot");
            check(f && slot && slot(5) == 55);
            check(kind->replug(f) == 0 && kind->call(5) == 55);
            check(kind->replug(one) == 0);
            check(!dlclose(object) && !dlopen("./plugin.so", RTLD_NOW | RTLD_NOLOAD));
        }
        over = 1;
        join(t[0]);
        join(t[1]);
    }
}

/* The run-time itself is unloaded before a thread that used it ends. */
static void *use_object(void *arg)
{
    int (*call)(int) = (int (*)(int))dlsym(arg, "call_own_slot");
    check(call(5) == 55);
    entered = 1;
    while (!gate)
        sched_yield();
    return NULL;
}

static void case_dlclose_runtime(void)
{
    void *object = dlopen("./whole.so", RTLD_NOW | RTLD_LOCAL);
    check(object);
    pthread_t t = start(use_object, object);
    while (!entered)
        sched_yield();
    check(!dlclose(object) && !dlopen("./whole.so", RTLD_NOW | RTLD_NOLOAD));
    gate = 1;
    join(t);
}

static void case_no_membarrier(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = { 4, code };
    check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        struct quasi_replacement r;
        errno = 0;
        check(kind->replug(two) == QUASI_NO_MEMBARRIER && kind->call(1) == 2);
        check(kind->begin(two, &r) == QUASI_NO_MEMBARRIER && kind->call(1) == 2);
        check(kind->begin(two, NULL) == 0 && kind->call(1) == 3);
        check(errno == 0);
    }
    check(quasi_replug(pointer, two) == 0);
}

static void case_no_patch(void)
{
    check(quasi_replug(patched, two) == 0 && quasi_replug(patched, one) == 0);
    static unsigned char data[16] __attribute__((aligned(16))) = { 0x90 };
    QUASI_SLOT(PATCHED, one) wrong = { { (void (*)(void))one, 0, QUASI_PATCHED, data, quasi_replug_patch } };
    check(quasi_replug(wrong, two) == QUASI_NO_PATCH && quasi_plugged(wrong) == one);
    QUASI_SLOT(PATCHED, one) without = QUASI_INIT(PATCHED, one);
    check(quasi_replug(without, two) == QUASI_NO_PATCH && quasi_plugged(without) == one);
    if (prctl(65 /* PR_SET_MDWE */, 1, 0, 0, 0)) {
        fprintf(stderr, "no MDWE here\n");
        return;
    }
    struct quasi_replacement r;
    errno = 0;
    check(quasi_replug(patched, two) == QUASI_NO_PATCH && quasi_call_patched(patched, 1) == 2);
    check(quasi_replug_begin(patched, two, &r) == QUASI_NO_PATCH && quasi_plugged(patched) == one);
    check(quasi_replug_if(patched, two, quasi_stamp(patched)) == QUASI_NO_PATCH && errno == 0);
}

/* A function that no 32-bit distance reaches, while others execute the jump. */
static void case_far(void)
{
    unsigned char *far = mmap((void *)((uintptr_t)one ^ (1ul << 44)), 4096, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    static const unsigned char code[] = { 0x8d, 0x47, 0x28, 0xc3 }; /* lea 40(%rdi), %eax; ret */
    check(far != MAP_FAILED && labs(far - (unsigned char *)one) > 1l << 32);
    memcpy(far, code, sizeof code);
    check(!mprotect(far, 4096, PROT_READ | PROT_EXEC));
    kind = &all_kinds[2];
    over = 0;
    pthread_t t = start(call_on, NULL);
    for (int i = 0; i < 2000; i++) {
        check(kind->replug((int (*)(int))far) == 0 && kind->call(2) == 42);
        check(kind->replug(two) == 0 && kind->call(2) == 4);
    }
    over = 1;
    join(t);
}

/* Threads that block all signals execute the jump while it changes. */
static void *call_with_blocked(void *arg)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    return call_on(arg);
}

static void case_blocked_signals(void)
{
    kind = &all_kinds[2];
    pthread_t t[2] = { start(call_with_blocked, NULL), start(call_with_blocked, NULL) };
    for (int i = 0; i < 2000; i++)
        check(kind->replug(i % 2 ? one : two) == 0 && kind->call(2) == (i % 2 ? 3 : 4));
    over = 1;
    join(t[0]);
    join(t[1]);
}

static void case_no_memory(void)
{
    struct rlimit none = { 4096, 4096 };
    check(!setrlimit(RLIMIT_AS, &none));
    check(quasi_call(counting, 1) == 2);
    check(quasi_replug(counting, two) == QUASI_UNKNOWN && quasi_call(counting, 1) == 3);
    check(quasi_replug(pointer, two) == 0);
}

static ucontext_t main_context, contexts[2];
static int switch_away(int x)
{
    swapcontext(&contexts[x], &main_context);
    return x;
}

static void coroutine(int x) { check(kind->call(x) == x); }

/* Coroutines of one thread: the first call to begin is the first to end. */
static void case_coroutines(void)
{
    within = switch_away;
    for (int i = 0; i < WAITING; i++) {
        kind = &all_kinds[i];
        check(kind->replug(run_within) == 0);
        static char stacks[2][65536];
        for (int j = 0; j < 2; j++) {
            getcontext(&contexts[j]);
            contexts[j].uc_stack.ss_sp = stacks[j];
            contexts[j].uc_stack.ss_size = sizeof stacks[j];
            contexts[j].uc_link = &main_context;
            makecontext(&contexts[j], (void (*)(void))coroutine, 1, j);
            swapcontext(&main_context, &contexts[j]);
        }
        struct quasi_replacement r;
        check(kind->inside() == 2 && kind->begin(one, &r) == QUASI_INSIDE);
        swapcontext(&main_context, &contexts[0]);
        check(kind->inside() == 1 && join(start(poll_for, &r)) == (void *)QUASI_PENDING);
        swapcontext(&main_context, &contexts[1]);
        check(kind->inside() == 0 && quasi_replug_poll(&r) == 0);
    }
}

/* Who plugs on what was valid when he looked never plugs after it has become invalid. */
static atomic_int valid, plugged;
static void *plug_if_valid(void *arg)
{
    (void)arg;
    while (!over) {
        uint64_t stamp = kind->stamp();
        if (valid)
            plugged += kind->replug_if(two, stamp) == 1;
    }
    return NULL;
}

static void case_stamp(void)
{
    for (int i = 0; i <= WAITING; i++) {
        kind = &all_kinds[i];
        plugged = over = 0;
        pthread_t t[2] = { start(plug_if_valid, NULL), start(plug_if_valid, NULL) };
        for (int j = 0; j < (i == 2 ? 1000 : 20000) || !plugged; j++) {
            valid = 1;
            if (j % 512 == 511)
                sched_yield();
            valid = 0;
            check(kind->begin(one, NULL) == 0);
            for (int k = 0; k < 4; k++)
                check(kind->call(1) == 2);
        }
        over = 1;
        join(t[0]);
        join(t[1]);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    { "kinds", case_kinds },
    { "waits", case_waits },
    { "extent", case_extent },
    { "recursion", case_recursion },
    { "progress", case_progress },
    { "inside", case_inside },
    { "circle", case_circle },
    { "handlers", case_handlers },
    { "handler_on_sleeper", case_handler_on_sleeper },
    { "handler_forks", case_handler_forks },
    { "thread_ends", case_thread_ends },
    { "destructors", case_destructors },
    { "longjmp", case_longjmp },
    { "fork", case_fork },
    { "fork_while_replugging", case_fork_while_replugging },
    { "dlclose", case_dlclose },
    { "dlclose_runtime", case_dlclose_runtime },
    { "no_membarrier", case_no_membarrier },
    { "no_patch", case_no_patch },
    { "far", case_far },
    { "blocked_signals", case_blocked_signals },
    { "stamp", case_stamp },
    { "no_memory", case_no_memory },
    { "coroutines", case_coroutines },
};

int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (argc < 2) {
            puts(cases[i].name);
        } else if (!strcmp(cases[i].name, argv[1])) {
            alarm(240); /* far longer than any takes */
            cases[i].run();
            return 0;
        }
    }
    return argc >= 2;
}

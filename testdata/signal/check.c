/*
 * Runs the standard, the generic and the specialized build over the same
 * states and compares what they return and the whole table they leave behind.
 * Usage: check SIG [SEED]. SIG is the signal of the specialization.
 *
 * Two sets of cases are generated. In the first, a state is followed by every
 * call (pid, sig, priv) on it, each on a fresh copy; states are made so that
 * the quasi-invariants hold, or exactly one is violated, or anything. In the
 * second, a state is followed by a long sequence of calls that nobody resets,
 * while processes change their user, die, and take turns as current.
 *
 * Prints "cases N", "hold N" (cases in which all quasi-invariants held), a
 * line "violated WHAT N" for each quasi-invariant that alone was violated, and
 * "differences N"; exits 1 on any difference.
 */
#include "impl.h"
#include "table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 1;
static int special; /* the signal of the specialization */

/* xorshift64*: the same numbers everywhere. */
static unsigned below(unsigned n)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (unsigned)((seed * 0x2545f4914f6cdd1dULL) >> 33) % n;
}

/* ---- states ---- */

struct snapshot {
    struct table table;
    struct task_struct *current;
};

static struct snapshot start;

static void save(struct snapshot *s)
{
    s->table = table;
    s->current = current;
}

static void restore(const struct snapshot *s)
{
    table = s->table;
    current = s->current;
}

static void handler(int sig) { (void)sig; }

static struct task_struct *any_task(void) { return &table.tasks[1 + below((unsigned)table.nr_tasks)]; }

static unsigned short any_user(void)
{
    static const unsigned short users[] = { 0, 1000, 1001, 65535 };

    return users[below(4)];
}

/* Gives p a state, signals and handlers of every kind. */
static void disturb(struct task_struct *p)
{
    static const long states[] = { TASK_RUNNING, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, TASK_STOPPED };
    static const sighandler_t handlers[] = { SIG_DFL, SIG_IGN, handler };
    int i;

    p->state = states[below(4)];
    p->counter = below(40);
    p->signal = below(2) ? below(0x7fffffff) : 0;
    p->blocked = below(2) ? below(0x7fffffff) : 0;
    p->flags = below(4) ? 0 : PF_PTRACED;
    p->exit_code = (int)below(100);
    for (i = 0; i < NSIG; i++)
        p->sig->action[i].sa_handler = handlers[below(3)];
}

/* Fills the table with n tasks. */
static void any_state(int n)
{
    int i;

    table_init();
    for (i = 0; i < n; i++) {
        struct task_struct *p = fork_task(i + 1, 1 + (int)below(4), 1 + (int)below(3), any_user(), any_user());

        disturb(p);
    }
    for (i = 0; i < n; i++) {
        struct task_struct *p = &table.tasks[1 + i];

        p->last_sig = (int)below(NSIG + 1);
        p->last_sig_to = any_task();
    }
    if (n > 1 && below(3) == 0)
        exit_task(any_task());
    current = any_task();
}

enum violation { NOTHING, LAST_SIG, TARGET, USER, ANYTHING, VIOLATIONS };

static const char *const violation_name[] = { "nothing", "last_sig", "last_sig_to", "euid", "anything" };

/* Makes the quasi-invariants hold for target, except the one named by v. */
static void arrange(struct task_struct *target, enum violation v)
{
    if (v == ANYTHING)
        return;
    current->last_sig = special;
    current->last_sig_to = target;
    current->euid = target->euid;
    switch (v) {
    case LAST_SIG: current->last_sig = special + 1; break;
    case TARGET:
        current->last_sig_to = target->next_task == &init_task ? init_task.next_task : target->next_task;
        break;
    case USER:
        /* Not if current is the target: its euid equals itself. */
        current->euid = (unsigned short)(target->euid + 1 + below(2) * 1000);
        break;
    default: break;
    }
}

/* Reports whether the specification's predicates hold for a call. */
static int holds(int pid, int sig, int priv)
{
    return sig == special && priv == 0 && current->last_sig == sig && current->last_sig_to->pid == pid &&
           current->euid == current->last_sig_to->euid;
}

/* ---- comparing ---- */

typedef int call_proc(int pid, int sig, int priv);
typedef int call_kill(int pid, int sig);

static const struct build {
    const char *name;
    call_proc *kill_proc;
    call_kill *sys_kill;
} builds[] = {
    { "standard", standard_kill_proc, standard_sys_kill },
    { "generic", generic_kill_proc, generic_sys_kill },
    { "specialized", kill_proc, sys_kill },
};

enum { BUILDS = sizeof builds / sizeof builds[0], MAX_REPORTS = 10 };

static unsigned long cases, differences, held, violated[VIOLATIONS];

/* The standard build has no cache, so it is compared without. */
static void forget_cache(struct snapshot *s)
{
    int i;

    for (i = 0; i < NR_TASKS; i++) {
        s->table.tasks[i].last_sig = 0;
        s->table.tasks[i].last_sig_to = NULL;
    }
}

static void report(const char *build, const char *what, int pid, int sig, int priv)
{
    if (++differences <= MAX_REPORTS)
        fprintf(stderr, "check: %s differs from generic in %s: pid %d, sig %d, priv %d, current %d\n", build, what, pid,
                sig, priv, start.current->pid);
}

/* Runs one call on the start state in every build; priv -1 means sys_kill. */
static void compare(int pid, int sig, int priv)
{
    static struct snapshot after[BUILDS];
    int result[BUILDS];
    int b;

    for (b = 0; b < BUILDS; b++) {
        restore(&start);
        result[b] = priv < 0 ? builds[b].sys_kill(pid, sig) : builds[b].kill_proc(pid, sig, priv);
        save(&after[b]);
    }
    ++cases;
    if (result[2] != result[1])
        report("specialized", "its result", pid, sig, priv);
    if (memcmp(&after[2], &after[1], sizeof after[1]) != 0)
        report("specialized", "the table", pid, sig, priv);
    if (result[0] != result[1])
        report("standard", "its result", pid, sig, priv);
    forget_cache(&after[0]);
    forget_cache(&after[1]);
    if (memcmp(&after[0], &after[1], sizeof after[1]) != 0)
        report("standard", "the table", pid, sig, priv);
    restore(&start);
    if (pid > 0 && holds(pid, sig, priv < 0 ? 0 : priv))
        ++held;
}

/* Every call on one state. */
static void all_calls(void)
{
    static const int odd_pids[] = { 0, -1, -2, -3, -77, 77, 1 << 30, -0x7fffffff - 1 };
    int priv, sig, pid;
    size_t i;

    for (sig = -1; sig <= NSIG + 1; sig++) {
        for (priv = -1; priv <= 1; priv++) {
            for (pid = 1; pid <= table.nr_tasks; pid++)
                compare(pid, sig, priv);
            for (i = 0; i < sizeof odd_pids / sizeof odd_pids[0]; i++)
                compare(odd_pids[i], sig, priv);
        }
    }
}

/* One call on a state in which the quasi-invariants hold, except v. */
static void one_call(int n, enum violation v)
{
    struct task_struct *target;

    any_state(n);
    target = any_task();
    arrange(target, v);
    save(&start);
    if (v != NOTHING && v != ANYTHING && holds(target->pid, special, 0))
        return;
    ++violated[v];
    compare(target->pid, special, below(2) ? 0 : -1);
}

/* ---- sequences ---- */

static uint64_t hash(uint64_t h, const void *data, size_t n)
{
    const unsigned char *p = data;

    while (n--)
        h = (h ^ *p++) * 0x100000001b3ULL;
    return h;
}

/* What a sequence leaves behind: all of it, and all but the cache. */
struct trace {
    uint64_t full, plain;
};

static struct trace sequence(const struct build *b, int steps)
{
    static struct snapshot s;
    struct trace t = { 0xcbf29ce484222325ULL, 0xcbf29ce484222325ULL };
    int pid = current->pid, sig = special;

    while (steps--) {
        int result;

        switch (below(16)) {
        case 0: current = any_task(); break;
        case 1: any_task()->euid = any_user(); break;
        case 2:
            if (below(8) == 0)
                exit_task(any_task());
            break;
        case 3: any_task()->signal = 0; break;
        case 4:
        case 5: pid = any_task()->pid; break;
        case 6: sig = (int)below(NSIG + 1); break;
        case 7: sig = special; break;
        default: break; /* the same call again */
        }
        result = b->sys_kill(pid, sig);
        save(&s);
        t.full = hash(hash(t.full, &result, sizeof result), &s, sizeof s);
        forget_cache(&s);
        t.plain = hash(hash(t.plain, &result, sizeof result), &s, sizeof s);
    }
    return t;
}

static void compare_sequences(int n, int steps)
{
    struct trace t[BUILDS];
    uint64_t before;
    int b;

    any_state(n);
    save(&start);
    before = seed;
    for (b = 0; b < BUILDS; b++) {
        restore(&start);
        seed = before;
        t[b] = sequence(&builds[b], steps);
    }
    cases += (unsigned long)steps;
    if (t[0].plain != t[1].plain)
        report("standard", "a sequence of calls", 0, 0, 0);
    if (t[2].full != t[1].full)
        report("specialized", "a sequence of calls", 0, 0, 0);
}

int main(int argc, char **argv)
{
    static const int sizes[] = { 1, 2, 3, 7 };
    int i, v;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: check SIG [SEED]\n");
        return 2;
    }
    special = atoi(argv[1]);
    if (argc == 3)
        seed = strtoull(argv[2], NULL, 10) * 2 + 1;

    for (i = 0; i < 6; i++) {
        any_state(sizes[i % 4]);
        arrange(any_task(), i % 2 ? ANYTHING : NOTHING);
        save(&start);
        all_calls();
    }
    any_state(62);
    save(&start);
    all_calls();
    for (i = 0; i < 4000; i++)
        for (v = 0; v < VIOLATIONS; v++)
            one_call(i % 8 ? sizes[i % 4] : 62, (enum violation)v);
    for (i = 0; i < 40; i++)
        compare_sequences(i % 4 ? sizes[i % 4] : 62, 50);

    printf("cases %lu\nhold %lu\n", cases, held);
    for (v = LAST_SIG; v < ANYTHING; v++)
        printf("violated %s %lu\n", violation_name[v], violated[v]);
    printf("differences %lu\n", differences);
    return differences != 0;
}

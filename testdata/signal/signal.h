/*
 * A user-space model of the kill path of Linux 2.0: the part of the process
 * table that sending a signal reads and writes.
 */
#ifndef SIGNAL_MODEL_H
#define SIGNAL_MODEL_H

#include <stddef.h>

#define NSIG 32

enum signum {
    SIGKILL = 9,
    SIGUSR1 = 10,
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGSTOP = 19,
    SIGTSTP = 20,
    SIGTTIN = 21,
    SIGTTOU = 22,
    SIGURG = 23,
    SIGWINCH = 28
};

enum { EPERM = 1, ESRCH = 3, EINVAL = 22 };

enum task_state { TASK_RUNNING, TASK_INTERRUPTIBLE, TASK_UNINTERRUPTIBLE, TASK_ZOMBIE, TASK_STOPPED };

#ifndef TASK_GUARDS
#define TASK_GUARDS
#endif

#define PF_PTRACED 0x00000010
#define PF_SUPERPRIV 0x00000100

typedef void (*sighandler_t)(int);
#define SIG_DFL ((sighandler_t)0)
#define SIG_IGN ((sighandler_t)1)

struct sigaction {
    sighandler_t sa_handler;
    unsigned long sa_mask;
    unsigned long sa_flags;
    void (*sa_restorer)(void);
};

struct signal_struct {
    int count;
    struct sigaction action[NSIG];
};

struct task_struct {
    volatile long state;
    long counter;
    long priority;
    unsigned long signal;  /* pending, bit sig-1 */
    unsigned long blocked; /* bit sig-1 */
    unsigned long flags;
    struct task_struct *next_task, *prev_task;
    struct task_struct *next_run, *prev_run;
    int exit_code, exit_signal;
    int pid, pgrp, session;
    unsigned short uid, euid, suid, fsuid;
    unsigned short gid, egid, sgid, fsgid;
    char comm[16];
    struct signal_struct *sig; /* NULL once the task is a zombie */

    /*
     * The signal this task sent last with kill(pid > 0), and to whom. Never
     * NULL: a new task points to itself, and the death of a task resets
     * whoever points to it. So the target found here is in the table.
     */
    int last_sig;
    struct task_struct *last_sig_to;

    TASK_GUARDS /* QUASI_QUID; for a build that tests the member for guards */
};

/* The head of the circular list of tasks; no target of a signal itself. */
extern struct task_struct init_task;
extern struct task_struct *current;

#define for_each_task(p) for (p = init_task.next_task; p != &init_task; p = p->next_task)

void wake_up_process(struct task_struct *p);

int send_sig(unsigned long sig, struct task_struct *p, int priv);
int kill_proc(int pid, int sig, int priv);
int kill_pg(int pgrp, int sig, int priv);
int sys_kill(int pid, int sig);

#endif

/*
 * Sending a signal, as Linux 2.0 does it: sys_kill chooses the targets,
 * kill_proc finds one of them, send_sig decides whether it may, generate makes
 * the signal pending.
 *
 * With SIGNAL_CACHE=0 kill_proc has no cache and walks the table every time;
 * that is the code Linux had before it was prepared for specialization.
 */
#include "signal.h"

#ifndef SIGNAL_CACHE
#define SIGNAL_CACHE 1
#endif

#define SIGMASK(sig) (1UL << ((sig)-1))

static int suser(void)
{
    if (current->euid == 0) {
        current->flags |= PF_SUPERPRIV;
        return 1;
    }
    return 0;
}

/* Makes sig pending in p, unless p ignores it and nobody could see it come. */
static void generate(unsigned long sig, struct task_struct *p)
{
    unsigned long mask = SIGMASK(sig);
    struct sigaction *sa = &p->sig->action[sig - 1];

    if (!(mask & p->blocked) && !(p->flags & PF_PTRACED)) {
        /* A parent that ignores SIGCHLD still has to reap its children. */
        if (sa->sa_handler == SIG_IGN && sig != SIGCHLD)
            return;
        /* SIGCONT has done its work in send_sig. */
        if (sa->sa_handler == SIG_DFL && (sig == SIGCONT || sig == SIGCHLD || sig == SIGWINCH || sig == SIGURG))
            return;
    }
    p->signal |= mask;
    if (p->state == TASK_INTERRUPTIBLE && (p->signal & ~p->blocked))
        wake_up_process(p);
}

/*
 * Sends sig to p. priv says that the kernel itself is the sender. Signal 0
 * only asks whether the sender would be allowed to.
 */
int send_sig(unsigned long sig, struct task_struct *p, int priv)
{
    if (!p || sig > NSIG)
        return -EINVAL;
    if (!priv && (sig != SIGCONT || current->session != p->session) && (current->euid ^ p->euid) &&
        (current->euid ^ p->uid) && !suser())
        return -EPERM;
    if (!sig)
        return 0;
    if (!p->sig)
        return 0;
    if (sig == SIGKILL || sig == SIGCONT) {
        if (p->state == TASK_STOPPED)
            wake_up_process(p);
        p->exit_code = 0;
        p->signal &= ~(SIGMASK(SIGSTOP) | SIGMASK(SIGTSTP) | SIGMASK(SIGTTIN) | SIGMASK(SIGTTOU));
    }
    if (sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
        p->signal &= ~SIGMASK(SIGCONT);
    generate(sig, p);
    return 0;
}

/* Sends sig to the task called pid. */
int kill_proc(int pid, int sig, int priv)
{
    struct task_struct *p;

    if (sig < 0 || sig > NSIG)
        return -EINVAL;
#if SIGNAL_CACHE
    p = current->last_sig_to;
    if (current->last_sig == sig && p->pid == pid)
        return send_sig(sig, p, priv);
#endif
    for_each_task(p)
    {
        if (p->pid == pid) {
#if SIGNAL_CACHE
            current->last_sig = sig;
            current->last_sig_to = p;
#endif
            return send_sig(sig, p, priv);
        }
    }
    return -ESRCH;
}

/* Sends sig to a process group; done if one of its tasks got it. */
int kill_pg(int pgrp, int sig, int priv)
{
    struct task_struct *p;
    int err, retval = -ESRCH;
    int found = 0;

    if (sig < 0 || sig > NSIG || pgrp <= 0)
        return -EINVAL;
    for_each_task(p)
    {
        if (p->pgrp == pgrp) {
            err = send_sig(sig, p, priv);
            if (err)
                retval = err;
            else
                found++;
        }
    }
    return found ? 0 : retval;
}

int sys_kill(int pid, int sig)
{
    struct task_struct *p;
    int err, retval = 0, count = 0;

    if (pid == 0)
        return kill_pg(current->pgrp, sig, 0);
    if (pid == -1) {
        for_each_task(p)
        {
            if (p->pid > 1 && p != current) {
                ++count;
                err = send_sig(sig, p, 0);
                if (err != -EPERM)
                    retval = err;
            }
        }
        return count ? retval : -ESRCH;
    }
    if (pid < 0)
        return kill_pg((int)-(unsigned)pid, sig, 0);
    return kill_proc(pid, sig, 0);
}

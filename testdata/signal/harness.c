/* The cases of subject.yaml: one signal, sent by one process to another. */
#include "case.h"
#include "table.h"

/* A handler that is neither the default nor "ignore". */
static void handler(int sig) { (void)sig; }

/* What is looked at after a call. */
struct outcome {
    int result, wakeups, last_sig, last_pid;
    long state;
    unsigned long signal;
};

void signal_setup(void)
{
    int pid;

    table_init();
    for (pid = 1; pid <= LAST_PID; pid++) {
        struct task_struct *p = fork_task(pid, pid, 1, 1000, 1000);

        p->sig->action[SIGUSR1 - 1].sa_handler = handler;
    }
}

static long send(const struct message *m, int sig, struct outcome *o)
{
    struct task_struct *to = &table.tasks[m->to];

    current = &table.tasks[m->from];
    current->euid = m->euid;
    to->state = m->state;
    to->blocked = m->blocked;
    to->signal = 0;
    o->result = sys_kill(m->pid, sig);
    o->wakeups = table.wakeups;
    o->last_sig = current->last_sig;
    o->last_pid = current->last_sig_to->pid;
    o->state = to->state;
    o->signal = to->signal;
    return sizeof *o;
}

long usr1(const void *in, long n, void *out)
{
    (void)n;
    return send(in, SIGUSR1, out);
}

long zero(const void *in, long n, void *out)
{
    (void)n;
    return send(in, 0, out);
}

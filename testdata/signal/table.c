/* The task table and the run queue; see table.h. */
#include "table.h"

#include <string.h>

struct table table;
struct task_struct *current;

/* signal.h speaks of the head as an object of its own, as Linux does. */
extern struct task_struct init_task __attribute__((alias("table")));

void table_init(void)
{
    struct task_struct *head = &table.tasks[0];

    memset(&table, 0, sizeof table);
    head->next_task = head->prev_task = head;
    head->next_run = head->prev_run = head;
    head->sig = &table.signals[0];
    head->last_sig_to = head;
    current = head;
}

struct task_struct *fork_task(int pid, int pgrp, int session, unsigned short uid, unsigned short euid)
{
    struct task_struct *head = &table.tasks[0];
    struct task_struct *p;

    if (table.nr_tasks + 1 == NR_TASKS)
        return NULL;
    ++table.nr_tasks;
    p = &table.tasks[table.nr_tasks];
    p->state = TASK_INTERRUPTIBLE;
    p->counter = p->priority = 20;
    p->pid = pid;
    p->pgrp = pgrp;
    p->session = session;
    p->uid = p->suid = uid;
    p->euid = p->fsuid = euid;
    p->exit_signal = SIGCHLD;
    p->sig = &table.signals[table.nr_tasks];
    p->sig->count = 1;
    p->last_sig_to = p;
    p->next_task = head;
    p->prev_task = head->prev_task;
    p->prev_task->next_task = p;
    head->prev_task = p;
    return p;
}

void exit_task(struct task_struct *p)
{
    struct task_struct *q;

    p->state = TASK_ZOMBIE;
    p->sig = NULL;
    for_each_task(q) if (q->last_sig_to == p) q->last_sig_to = q;
}

void wake_up_process(struct task_struct *p)
{
    struct task_struct *head = &table.tasks[0];

    ++table.wakeups;
    p->state = TASK_RUNNING;
    if (p->next_run)
        return;
    p->next_run = head;
    p->prev_run = head->prev_run;
    p->prev_run->next_run = p;
    head->prev_run = p;
    ++table.nr_running;
    if (p->counter > current->counter + 3)
        table.need_resched = 1;
}

/*
 * The rest of the model: the tasks themselves, what creates and ends them, and
 * the run queue. All of it is one object, so that a program can save, restore
 * and compare the state of the whole machine.
 */
#ifndef SIGNAL_TABLE_H
#define SIGNAL_TABLE_H

#include "signal.h"

#define NR_TASKS 64 /* the head of the list included */

struct table {
    struct task_struct tasks[NR_TASKS]; /* tasks[0] is the head */
    struct signal_struct signals[NR_TASKS];
    int nr_tasks; /* the head not counted */
    int nr_running;
    int need_resched;
    int wakeups;
};

extern struct table table;

/* Empties the table: only the head is left, and it is current. */
void table_init(void);

/* Adds a task at the end of the list: interruptible, nothing pending. */
struct task_struct *fork_task(int pid, int pgrp, int session, unsigned short uid, unsigned short euid);

/* Makes p a zombie, which no task's cache points to. It stays in the list. */
void exit_task(struct task_struct *p);

#endif

/*
 * The kill path in its three builds. The names are given by -D when signal.c
 * is compiled; the specialized build keeps its own.
 */
#ifndef SIGNAL_IMPL_H
#define SIGNAL_IMPL_H

/* SIGNAL_CACHE=0: walks the table every time, as Linux did. */
int standard_sys_kill(int pid, int sig);
int standard_kill_proc(int pid, int sig, int priv);

/* The generic program that is specialized. */
int generic_sys_kill(int pid, int sig);
int generic_kill_proc(int pid, int sig, int priv);

/* The specialized program: variants first, generic code behind them. */
int sys_kill(int pid, int sig);
int kill_proc(int pid, int sig, int priv);

/* The generic program with the signals visible to the compiler. */
int constant_sys_kill(int pid, int sig);

/* Returns at once. */
int null_sys_kill(int pid, int sig);

#endif

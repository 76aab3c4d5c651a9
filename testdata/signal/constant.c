/*
 * What a C programmer gets without a specializer: the signal is a constant
 * where the call is written. BENCH_SIG is the signal of the run.
 */
#include "signal.c"

int constant_sys_kill(int pid, int sig);

int constant_sys_kill(int pid, int sig)
{
    if (pid > 0 && sig == BENCH_SIG)
        return kill_proc(pid, BENCH_SIG, 0);
    return sys_kill(pid, sig);
}

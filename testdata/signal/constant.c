/*
 * What a C programmer gets without a specializer: the signals are constants
 * where the call is written, in the same file as what is called.
 */
#include "signal.c"

int constant_sys_kill(int pid, int sig);

int constant_sys_kill(int pid, int sig)
{
    if (pid > 0) {
        if (sig == SIGUSR1)
            return kill_proc(pid, SIGUSR1, 0);
        if (sig == 0)
            return kill_proc(pid, 0, 0);
    }
    return sys_kill(pid, sig);
}

/*
 * Inputs: messages between few processes, so that the cached target is often
 * the right one; some of other users, to none, and to those that stop or block.
 */
#include "case.h"
#include "signal.h"
#include "subject.h"

static long put(const struct message *m, void *in)
{
    *(struct message *)in = *m;
    return 1;
}

long check_input(const char *name, struct random *r, unsigned i, void *in)
{
    struct message m = { .from = 60 + (int)random_below(r, 3), .to = 60 + (int)random_below(r, 3), .euid = 1000 };

    (void)name;
    (void)i;
    m.pid = random_below(r, 16) ? m.to : (int)random_below(r, 70);
    if (random_below(r, 8) == 0)
        m.euid = (unsigned short)(random_below(r, 2) ? 0 : 1001);
    m.state = (long)random_below(r, TASK_STOPPED + 1);
    m.blocked = random_below(r, 8) ? 0 : 1UL << (SIGUSR1 - 1);
    return put(&m, in);
}

long bench_input(const char *name, int input, void *in)
{
    struct message m = { .from = 61, .to = 62, .pid = 62, .euid = 1000, .state = TASK_RUNNING };

    (void)name;
    (void)input;
    return put(&m, in);
}

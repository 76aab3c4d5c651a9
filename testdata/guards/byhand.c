/*
 * A variant by hand: the fast path of a filter is right while debugging is off and the
 * limit of the current task is small. Prints what it does, and "wrong" where that is not
 * what it should be; exit code 1 then.
 */
#include "quasi.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct task {
    short limit;
    QUASI_QUID;
    char name[200];
};

static int debug;
static struct task tasks[2] = { { .limit = 5 }, { .limit = 50 } }, *current;

static struct quasi_variant quiet;
static struct quasi_place places[2];

static int is_quiet(const uint64_t *value, void *arg) { return value[0] == 0 && (short)value[1] < *(short *)arg; }
static short small = 10;

/* The filter: with the slot, its callers test nothing. */
static long generic(long x)
{
    if (debug)
        return -1;
    return x < current->limit ? x : current->limit;
}

static long wrong;

static long specialized(long x)
{
    if (debug || current->limit >= small)
        wrong++;
    return x < current->limit ? x : current->limit;
}

static QUASI_SLOT(SIMPLE, generic) filter = QUASI_INIT(SIMPLE, generic);

#define EXPECT(what, want)                                                                \
    do {                                                                                  \
        long got = (what);                                                                \
        int ok = got == (want);                                                           \
        printf("%s: %ld%s\n", #what, got, ok ? "" : " (wrong)");                           \
        wrong += !ok;                                                                     \
    } while (0)

static struct quasi_statistics statistics(void)
{
    struct quasi_statistics s[4];
    size_t n = quasi_statistics(s, 4);
    for (size_t i = 0; i < n && i < 4; i++)
        if (!strcmp(s[i].name, "quiet"))
            return s[i];
    return (struct quasi_statistics){ .name = NULL };
}

/* The instance that is current changes: the variant is bound to the other one. */
static void make_current(struct task *t)
{
    current = t;
    quasi_bind(&quiet, 1, &t->limit, sizeof t->limit, &t->quasi_quid);
}

/* Threads: one writes, two call; a mutex orders them, as it would without guards, and they keep pace. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
enum { TURNS = 5000 };
static long writes, calls;

static int may_write(void) { return writes <= calls / 2; }
static int may_call(void) { return writes == TURNS || calls < 2 * writes + 2; }

static void enter(int (*may)(void))
{
    pthread_mutex_lock(&lock);
    while (!may()) {
        pthread_mutex_unlock(&lock);
        sched_yield();
        pthread_mutex_lock(&lock);
    }
}

static void *writer(void *arg)
{
    for (; writes < TURNS;) {
        enter(may_write);
        if (writes % 3)
            QUASI_WRITE(current->limit, writes % 20);
        else
            QUASI_WRITE(debug, writes % 2);
        writes++;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void *caller(void *arg)
{
    for (int over = 0; !over;) {
        enter(may_call);
        if (quasi_call(filter, calls) != generic(calls))
            wrong++;
        if (quasi_holds(&quiet) && (debug || current->limit >= small))
            wrong++;
        if (!quasi_holds(&quiet) && quasi_plug(&quiet) < 0)
            wrong++;
        calls++;
        over = writes == TURNS;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

int main(void)
{
    EXPECT(quasi_declare(&quiet, "quiet", is_quiet, &small, places, 0), -EINVAL);
    EXPECT(quasi_plug(&quiet), -EINVAL); /* not declared */
    EXPECT(quasi_declare(&quiet, "quiet", is_quiet, &small, places, 2), 0);
    EXPECT(quasi_declare(&quiet, "quiet", is_quiet, &small, places, 2), -EINVAL);
    EXPECT(quasi_backoff(0, 0), 0);
    EXPECT(quasi_bind(&quiet, 2, &debug, sizeof debug, NULL), -EINVAL);
    EXPECT(quasi_bind(&quiet, 0, tasks, sizeof tasks, NULL), -EINVAL);
    EXPECT(quasi_bind(&quiet, 0, &debug, sizeof debug, NULL), 0);
    EXPECT(quasi_plug(&quiet), -EINVAL);
    make_current(&tasks[0]);
    EXPECT(quasi_holds(&quiet), 0);
    EXPECT(quasi_plug(&quiet), 1);
    EXPECT(quasi_holds(&quiet), 1);
    EXPECT(tasks[0].quasi_quid != NULL, 1);

    QUASI_WRITE(tasks[0].limit, 7); /* still small */
    EXPECT(quasi_holds(&quiet), 1);
    QUASI_WRITE(tasks[0].limit, 12);
    EXPECT(quasi_holds(&quiet), 0);
    EXPECT(quasi_plug(&quiet), 0);
    QUASI_WRITE(tasks[0].limit, 3);
    EXPECT(quasi_plug(&quiet), 1);
    QUASI_WRITE(tasks[1].limit, 60); /* another instance */
    EXPECT(quasi_holds(&quiet), 1);

    uint64_t held = quasi_begin(&tasks[0], sizeof tasks[0]); /* a call that writes */
    EXPECT(quasi_holds(&quiet), 0);
    EXPECT(quasi_plug(&quiet), -EBUSY);
    memcpy(&tasks[0].limit, &small, sizeof small);
    tasks[0].limit--;
    quasi_end(held);
    EXPECT(quasi_holds(&quiet), 1);

    make_current(&tasks[1]);
    EXPECT(quasi_holds(&quiet), 0);
    EXPECT(quasi_plug(&quiet), 0);

    EXPECT(quasi_follow(&quiet, filter, specialized, generic), 0);
    EXPECT(quasi_call(filter, 70), 60);
    QUASI_WRITE(tasks[1].limit, 6);
    EXPECT(quasi_plug(&quiet), 1);
    EXPECT(quasi_plugged(filter) == specialized, 1);
    EXPECT(quasi_call(filter, 70), 6);
    QUASI_WRITE(debug, 1);
    EXPECT(quasi_plugged(filter) == generic, 1);
    EXPECT(quasi_call(filter, 70), -1);
    QUASI_WRITE(debug, 0);

    struct task *made = malloc(sizeof *made);
    made->limit = 2;
    make_current(made);
    EXPECT(quasi_plug(&quiet), 1);
    quasi_gone(made, sizeof *made);
    EXPECT(quasi_holds(&quiet), 0);
    make_current(&tasks[0]);
    free(made);

    struct quasi_statistics s = statistics();
    EXPECT(s.guarded && !s.counted, 1);
    EXPECT(s.armed, 4);
    EXPECT(s.kept, 1);
    EXPECT(s.held, 1);
    EXPECT(s.violated, 3);
    EXPECT(s.ticks_plugged > 0 && s.ticks_unplugged > 0 && s.ticks_held > 0, 1);
    EXPECT(quasi_ns(s.ticks_plugged) > 0, 1);

    pthread_t threads[3];
    pthread_create(&threads[0], NULL, writer, NULL);
    pthread_create(&threads[1], NULL, caller, NULL);
    pthread_create(&threads[2], NULL, caller, NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    s = statistics();
    EXPECT(s.armed > 100 && s.violated > 100, 1);
    printf("wrong: %ld\n", wrong);

    EXPECT(quasi_unbind(&quiet, 0), 0);
    EXPECT(quasi_plug(&quiet), -EINVAL);
    EXPECT(quasi_unplug(&quiet), 0);
    EXPECT(quasi_retire(&quiet), 0);
    EXPECT(quasi_plug(&quiet), -EINVAL);
    EXPECT(quasi_bind(&quiet, 0, &debug, sizeof debug, NULL), -EINVAL);
    EXPECT(statistics().armed == s.armed, 1);
    memset(&quiet, 255, sizeof quiet);
    memset(places, 255, sizeof places);
    QUASI_WRITE(debug, 1);
    return wrong != 0;
}

// One thread alone has guarded writes, then others come for a while and go, in turns;
// a timer's handler writes as well, and children are forked. A mutex orders what matters to
// the results. What spare and noise are does not, and all write them at any time;
// --check-guards sees what was written without a guard.
//
// quasi: -e rate --when 'level == 1' --when 'limits.top >= 10' --guards=table --check-guards
// quasi: -e rate --when 'spare <= 5' --when 'noise[0] + noise[1] <= 13' --when 'limits.top >= 10' --guards=table --check-guards
// run: 40
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

struct limits {
    int bottom, top;
} limits = { 1, 10 };

int level = 1, spare, noise[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long wrong;

__attribute__((noinline)) int rate(int x)
{
    int r = level == 1 ? x + 1 : x * level;
    r += spare <= 5 ? 2 : 1 + (spare > 0);
    r += noise[0] + noise[1] <= 13 ? 1 : 2 - (noise[0] > 0);
    return r > limits.top ? limits.top : r;
}

static void work(unsigned n, unsigned seed, int guest)
{
    for (unsigned i = seed; i < seed + n; i++) {
        for (unsigned j = 0; j < 20; j++)
            noise[guest] = (i + j) % 8;
        pthread_mutex_lock(&lock);
        switch (i % 64) {
        case 0: level = 2; break;
        case 3: level = 1; break;
        case 20: limits.top = 5; break;
        case 22: limits.top = 12; break;
        case 40: limits = (struct limits){ 0, 11 }; break;
        default: limits.top = 10 + i % 8;
        }
        int x = i % 16, want = (level == 1 ? x + 1 : x * level) + 3;
        wrong += rate(x) != (want > limits.top ? limits.top : want);
        pthread_mutex_unlock(&lock);
    }
}

static void *guest(void *arg)
{
    work(30, *(unsigned *)arg, 1);
    return arg;
}

static void alarmed(int sig)
{
    static unsigned n;
    spare = ++n % 8 + sig - sig;
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 0, failed = 0;
    struct itimerval every = { { 0, 300 }, { 0, 300 } };
    signal(SIGALRM, alarmed);
    setitimer(ITIMER_REAL, &every, 0);
    for (int i = 0; i < rounds; i++) {
        pthread_t threads[2];
        unsigned seeds[2] = { i * 7, i * 13 };
        work(500, i, 0); /* alone */
        for (int j = 0; j < 1 + i % 2; j++)
            pthread_create(&threads[j], 0, guest, &seeds[j]);
        work(200, i, 0);
        for (int j = 0; j < 1 + i % 2; j++)
            pthread_join(threads[j], 0);
        if (i % 8 == 0) {
            pid_t child = fork();
            if (child == 0) {
                pthread_create(&threads[0], 0, guest, &seeds[0]);
                work(100, i, 0);
                pthread_join(threads[0], 0);
                _exit(wrong != 0);
            }
            int status = 1;
            while (waitpid(child, &status, 0) < 0)
                ;
            failed += status != 0;
        }
    }
    signal(SIGALRM, SIG_IGN);
    printf("%ld %d\n", wrong, failed);
    return 0;
}

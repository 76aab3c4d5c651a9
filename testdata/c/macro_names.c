// Macros of the source and of headers name values in a specification.
//
// quasi: -e deliver --static sig=SIGUSR1
// quasi: -e deliver --when 'sig == SIGKILL' --when 'level < LIMIT'
// run: 10 3
// run: 9 3
// run: 9 8
// run: 0 1
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define LIMIT 7

int deliver(int sig, int level)
{
    if (sig == SIGKILL)
        return level < LIMIT ? 100 : 200;
    return sig == SIGUSR1 ? level : -level * LIMIT;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d\n", deliver(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

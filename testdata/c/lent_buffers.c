// What a library function only borrows stays known: a buffer that is printed, written
// to a file or filled by sprintf keeps what is known of it.
//
// quasi: -e labels --static n=3
// quasi: -e filled
// run: 5
// run: -2
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The buffer is printed each time, and read again. */
int labels(int n, int x)
{
    char line[16] = "item ";
    int sum = 0;
    for (int i = 0; i < n; i++) {
        line[5] = '0' + i;
        line[6] = 0;
        printf("%s %d\n", line, x + i);
        sum = sum * 3 + line[4] + line[5];
    }
    return sum + x;
}

/* What sprintf writes is not known; what lies beside the buffer still is. */
int filled(int x)
{
    struct { char head[4], body[12], tail[4]; } s;
    memcpy(s.head, "abc", 4);
    memcpy(s.tail, "xyz", 4);
    char *copy = malloc(32);
    if (!copy)
        return -1;
    memset(copy, '-', 32);
    int n = sprintf(s.body, "%d", x);
    snprintf(copy, 32, "%s<%s>%s", s.head, s.body, s.tail);
    puts(copy);
    int r = n * 100 + copy[0] + copy[3] + copy[4];
    char *other = realloc(copy, 64);
    if (!other) {
        free(copy);
        return -1;
    }
    strcat(other, s.tail);
    puts(other);
    r += strlen(other);
    free(other);
    return r;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d\n", labels(3, x));
    printf("%d\n", filled(x));
    return 0;
}

// What the library does with strings that are not static, with numbers that do not
// fit, and with the locale is left to run time.
//
// quasi: -e odd
// quasi: -e partly --static prefix='"ab"'
// has: @strtol
// run: 7 tail
// run: 0 x
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Errors and ends are those of the library that the program runs with. */
int odd(int x)
{
    char *end;
    int n = 0;
    errno = 0;
    n += strtol("9223372036854775808", &end, 10) == LONG_MAX && errno == ERANGE;
    errno = 0;
    n = n * 10 + (int)strtol("none", &end, 10) + (*end == 'n');
    n = n * 10 + (int)strtol("0b11", &end, 0) + *end;
    n = n * 10 + (strtoul("18446744073709551616", NULL, 0) == ULONG_MAX);
    n = n * 10 + (int)strtol("-0x8000000000000000", NULL, 16);
    return n + x + toupper('q') + !!isalpha('1');
}

/* The strings are dynamic in part: what cannot be known stays a call. */
int partly(const char *prefix, const char *rest)
{
    char buf[32];
    strcpy(buf, prefix);
    strcat(buf, rest);
    strncat(buf, rest, 2);
    return (int)strlen(buf) * 10 + (strstr(buf, prefix) == buf) + atoi(rest) + (strchr(buf, 'l') ? strcspn(buf, "l") : 0);
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d\n", odd(x));
    printf("%d\n", partly("ab", argc > 2 ? argv[2] : ""));
    return 0;
}

// Pointer difference, comparison and walking from both ends.
//
// quasi: -e palindrome --static n=5
// quasi: -e span --static limit=4
// run: level
// run: abcde
// run: abba
// run: x
#include <stdio.h>
#include <string.h>

int palindrome(const char *s, int n)
{
    const char *lo = s, *hi = s + n;
    while (lo < --hi)
        if (*lo++ != *hi)
            return (int)(lo - s);
    return lo >= hi ? 0 : -1;
}

long span(const char *s, int limit)
{
    char buffer[8];
    char *out = buffer;
    while (*s && out - buffer < limit)
        *out++ = *s++;
    *out = 0;
    return (out - buffer) * 1000 + (out == buffer + limit) + buffer[0];
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    printf("%d %d\n", palindrome(argv[1], (int)strlen(argv[1])), palindrome("level", 5));
    printf("%ld %ld\n", span(argv[1], 4), span(argv[1], 2));
    return 0;
}

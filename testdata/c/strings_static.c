// A string parameter that is static: a pattern matcher over a format.
//
// quasi: -e match --static pattern='"a*b?d"'
// quasi: -e match --static pattern='""'
// run: a*b?d ab1d
// run: a*b?d axxbxd
// run: a*b?d axxbx
// run: x*y xy
// run: a*b?d abbbbbd
#include <stdio.h>
#include <string.h>

int match(const char *pattern, const char *text)
{
    for (; *pattern; pattern++) {
        if (*pattern == '*') {
            for (size_t skip = 0; skip <= strlen(text); skip++)
                if (match(pattern + 1, text + skip))
                    return 1;
            return 0;
        }
        if (*text == 0 || (*pattern != '?' && *pattern != *text))
            return 0;
        text++;
    }
    return *text == 0;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d %d\n", match(argv[1], argv[2]), match("a*b?d", argv[2]));
    return 0;
}

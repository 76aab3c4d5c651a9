// A filter over standard input with a static command: external calls stay, in
// order.
//
// quasi: -e filter --static command='"ul2"'
// quasi: -e main
// run: ul2 < "Hello World\n"
// run: ul2 < ""
// run: x < "abc\nDEF\n"
#include <ctype.h>
#include <stdio.h>

static int letter(int c, char command)
{
    switch (command) {
    case 'u':
        return isalpha(c) ? c & ~32 : c;
    case 'l':
        return c >= 'M' && c <= 'Z' ? c | 32 : c;
    case 'x':
        return c == '\n' ? c : c ^ 1;
    }
    return c;
}

int filter(const char *command)
{
    int c, n = 0;
    while ((c = getchar()) != EOF) {
        int copies = 1;
        for (const char *p = command; *p; p++) {
            if (*p >= '0' && *p <= '9')
                copies = *p - '0';
            else
                c = letter(c, *p);
        }
        for (int i = 0; i < copies; i++)
            putchar(c);
        n++;
    }
    return n;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    return filter(argv[1]) + 0 * filter("ul2");
}

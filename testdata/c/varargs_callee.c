// A variadic callee of one's own, and one of the library, with a static format.
//
// quasi: -e report --static level=2
// quasi: -e total --static n=3
// run: 2 40
// run: 1 40
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int total(int n, ...)
{
    va_list ap;
    int s = 0;
    va_start(ap, n);
    for (int i = 0; i < n; i++)
        s += i % 2 ? (int)va_arg(ap, long) : va_arg(ap, int);
    va_end(ap);
    return s;
}

int report(int level, int x)
{
    const char *format = level > 1 ? "level %d: %d and %ld\n" : "%d %d\n";
    int n = level > 1 ? printf(format, level, x, (long)x * 3) : printf(format, level, x);
    return n + total(3, x, (long)level, 5) + total(level, x, 7L);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    printf("%d\n", report(atoi(argv[1]), atoi(argv[2])));
    return 0;
}

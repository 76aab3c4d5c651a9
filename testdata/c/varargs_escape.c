// Variable arguments that residual code reads: a va_list handed to the library, a
// dynamic number of arguments, dynamic control between them, a list that is kept
// in a global, recursion, a call through a pointer.
//
// quasi: -e run --static level=2
// quasi: -e counted
// quasi: -e counted --static n=3
// quasi: -e kept
// quasi: -e deep --static x=1
// quasi: -e pointed --static which=1
// run: 5 2.5 3
// run: -7 0.25 1
// run: 9 3 0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int say(int level, const char *format, ...)
{
    va_list ap;
    char text[100];
    if (level < 2)
        return 0;
    va_start(ap, format);
    int n = vsnprintf(text, sizeof text, format, ap);
    n += va_arg(ap, int) == 77;
    va_end(ap);
    fputs(text, stdout);
    return n;
}

int run(int level, int x, double y)
{
    const char *name = "name";
    return say(level, "%d %g %s %ld;", x, y, name, 4L) + say(level - 1, "%d\n", x) +
           say(level, "%d %d %d %d %d %d %g\n", 1, 2, 3, x, 5, 6, y, 77);
}

static int total(int n, ...)
{
    va_list ap;
    int s = 0;
    va_start(ap, n);
    for (int i = 0; i < n; i++) {
        int v = va_arg(ap, int);
        s = s * 5 + v;
        if (s & 1)
            s += va_arg(ap, long) > 3;
    }
    va_end(ap);
    return s;
}

int counted(int n, int x)
{
    return total(n, 1, 2L, x, x, 5, 6, 7, 8, 9, 10, 11) + total(2, x, 3L, x, 4L) * 3;
}

static va_list *list;
static int next(void)
{
    return va_arg(*list, int);
}

static int keep(int first, ...)
{
    va_list ap;
    va_start(ap, first);
    list = &ap;
    int r = first + next() * 3 + next() * 7;
    r += va_arg(ap, int);
    va_end(ap);
    return r;
}

int kept(int x)
{
    return keep(x, 4, x, 6) + keep(1, 2, 3, 4);
}

static int nest(int n, ...)
{
    va_list ap;
    va_start(ap, n);
    int x = va_arg(ap, int), y = va_arg(ap, int);
    va_end(ap);
    if (x <= 0)
        return y;
    return nest(n, x - 1, y + n) + nest(n + 1, 0, x);
}

int deep(int x, int n)
{
    return nest(1, x, n) + nest(n & 3, n & 7, 1);
}

int pointed(int which, int x)
{
    int (*const f[])(int, ...) = { total, nest };
    return f[which](2, 2, x, 4, x, 6) + f[!which](1, 1, x, 3, 4);
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    double y = argc > 2 ? atof(argv[2]) : 2;
    int n = argc > 3 ? atoi(argv[3]) : 2;
    printf("%d\n", run(2, x, y));
    printf("%d %d %d %d %d\n", counted(n, x), counted(3, x), kept(x), deep(1, x), pointed(1, x));
    return 0;
}

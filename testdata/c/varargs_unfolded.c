// Variadic functions unfold: va_arg of ints, longs, doubles, pointers, structs in
// registers and in memory, more of each than registers hold; va_copy; a va_list
// handed on. With a static format nothing is left of the parsing.
//
// quasi: -e render
// quasi: -e mixed
// quasi: -e many
// lacks: va_start|br label|phi|va_arg|va_copy|switch|alloca|call i32 \(|@emit|@vemit
// run: 5 2.5
// run: -7 0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct pair { long a; double b; };
struct big { int v[5]; };
struct ints { int a, b, c; };

static char *vemit(char *out, const char *format, va_list ap)
{
    for (; *format; format++) {
        if (*format != '%') {
            *out++ = *format;
            continue;
        }
        switch (*++format) {
        case 'd': {
            int n = va_arg(ap, int);
            *out++ = n < 0 ? '-' : '+';
            *out++ = '0' + (n < 0 ? -n : n) % 10;
            break;
        }
        case 'f':
            *out++ = va_arg(ap, double) < 1 ? 's' : 'l';
            break;
        case 's':
            for (const char *s = va_arg(ap, const char *); *s; s++)
                *out++ = *s;
            break;
        }
    }
    *out = 0;
    return out;
}

static char *emit(char *out, const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    out = vemit(out, format, ap);
    out = vemit(out, format, again);
    va_end(again);
    va_end(ap);
    return out;
}

int render(char *out, int x, double y)
{
    return emit(out, "<%d|%f|%s>", x, y, "text") - out;
}

static double sum(int n, ...)
{
    va_list ap;
    double s = n;
    va_start(ap, n);
    for (int i = 0; i < n; i++) {
        s = s * 3 + va_arg(ap, int);
        s = s * 3 + va_arg(ap, double);
        struct pair p = va_arg(ap, struct pair);
        s = s * 3 + p.a - p.b;
        struct big b = va_arg(ap, struct big);
        s = s * 3 + b.v[0] + b.v[4];
        struct ints t = va_arg(ap, struct ints);
        s = s * 3 + t.a - t.b + t.c;
        s = s * 3 + (double)va_arg(ap, long double);
    }
    va_end(ap);
    return s;
}

double mixed(int x, double y)
{
    struct pair p = { x, y };
    struct big b = { { x, 2, 3, 4, 5 } };
    struct ints t = { x, 8, 9 };
    return sum(3, x, y, p, b, t, (long double)2, 4, 5.0, p, b, t, (long double)y, x, y, p, b, t, 1.5L);
}

static long weigh(long a, const char *kinds, ...)
{
    va_list ap;
    va_start(ap, kinds);
    for (; *kinds; kinds++)
        a = a * 7 + (*kinds == 'i' ? va_arg(ap, int) : *kinds == 'l' ? va_arg(ap, long) : (long)va_arg(ap, double));
    va_end(ap);
    return a;
}

long many(long x, double y)
{
    return weigh(x, "ilddilddilddilddil", 1, x, y, 2., (int)x, 3L, y, y, 4, x, 5., y, (int)x, x, y, 6., 7, x + 1);
}

int main(int argc, char **argv)
{
    char text[64];
    int x = argc > 1 ? atoi(argv[1]) : 1;
    double y = argc > 2 ? atof(argv[2]) : 2;
    int n = render(text, x, y);
    printf("%d %s %.17g %ld\n", n, text, mixed(x, y), many(x, y));
    return 0;
}

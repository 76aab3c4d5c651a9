/* The two patterns as a C programmer would write them. */
#include <string.h>

static int is_small(char c)
{
    return c >= 'a' && c <= 'z';
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_word(char c)
{
    return is_small(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

/* White space as a pattern has it, without that outside ASCII. */
static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static long groups(int *out, const char *in, const char *const *at, int n)
{
    int i;

    for (i = 0; i < n; i++)
        out[i] = (int)(at[i] - in);
    return n * (long)sizeof *out;
}

long mail(const void *in, long n, void *out)
{
    const char *p = in;

    (void)n;
    for (;; p++) {
        const char *user = p, *at, *dot;

        while (is_small(*p))
            p++;
        at = p;
        if (at > user && *at == '@') {
            for (dot = at + 1; is_small(*dot); dot++)
                ;
            if (dot > at + 1 && *dot == '.' &&
                (strncmp(dot + 1, "com", 3) == 0 || strncmp(dot + 1, "org", 3) == 0 || strncmp(dot + 1, "net", 3) == 0)) {
                const char *const found[] = { user, dot + 4, user, at, at + 1, dot, dot + 1, dot + 4 };

                return groups(out, in, found, 8);
            }
        }
        if (!*p)
            return -1;
    }
}

long setting(const void *in, long n, void *out)
{
    const char *p = in, *name, *name_end, *value, *value_end;

    (void)n;
    while (is_space(*p))
        p++;
    name = p;
    if (!is_word(*p) || is_digit(*p))
        return -1;
    while (is_word(*p))
        p++;
    name_end = p;
    while (is_space(*p))
        p++;
    if (*p++ != '=')
        return -1;
    while (is_space(*p))
        p++;
    value = p;
    if (is_digit(*p)) {
        while (is_digit(*p))
            p++;
    } else if (*p++ == '"') {
        while (*p && *p != '"')
            p++;
        if (*p++ != '"')
            return -1;
    } else {
        return -1;
    }
    value_end = p;
    while (is_space(*p))
        p++;
    if (*p)
        return -1;
    {
        const char *const found[] = { in, p, name, name_end, value, value_end };

        return groups(out, in, found, 6);
    }
}

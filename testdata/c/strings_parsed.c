// Functions of <string.h> and <stdlib.h> that search static strings, put them together
// and read numbers.
//
// quasi: -e numbers
// quasi: -e path --static dir='"/usr/lib"' --static name='"libquasi.so.1"'
// quasi: -e search --static text='"key = value; other = 12"'
// lacks: @str|@ato
// run: 7
// run: 0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long numbers(int x)
{
    char *end, *text = "  42,-17, 0x1F, 077, zz, +9";
    long r = x;
    while (*text) {
        r = r * 7 + strtol(text, &end, *text == ' ' && text[1] == 'z' ? 36 : 0);
        text = *end ? end + 1 : end;
    }
    r = r * 3 + atoi("123abc") + atol("-5") + atoll(" 8");
    r ^= (long)strtoul("-1", NULL, 10) ^ strtol("0xg", &end, 16);
    return r + *end + strtol("9223372036854775807", NULL, 10);
}

/* A path is put together. */
int path(const char *dir, const char *name, int x)
{
    char full[64], first[8] = "", padded[12];
    strcpy(full, dir);
    strcat(full, "/");
    char *end = stpcpy(full + strlen(full), name);
    *strrchr(full, '.') = '-';
    strncat(first, full, 4);
    strncpy(padded, name, sizeof padded);
    int h = x + (int)(end - full);
    for (char *p = full; *p; p++)
        h = h * 31 + *p;
    for (int i = 0; i < 12; i++)
        h = h * 7 + padded[i];
    return h * 5 + first[3] + first[4] + (int)strnlen(full, 5);
}

int search(const char *text, int x)
{
    const char *eq = strstr(text, " = "), *semi = strpbrk(text, ";,");
    int r = (int)strcspn(text, " =") * 100 + (int)strspn(text, "eky") * 10;
    if (!eq || !semi || strstr(text, "none") || strpbrk(text, "#%") || strrchr(text, '!'))
        return x;
    r += (int)(eq - text) + (int)(semi - eq);
    for (const char *p = semi; (p = strchr(p, ' ')); p++)
        r = r * 3 + (strncmp(p + 1, "other", 5) == 0);
    return r + (strrchr(text, 0)[-1] - '0') * x + strstr(text, "")[0];
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%ld\n", numbers(x));
    printf("%d\n", path("/usr/lib", "libquasi.so.1", x));
    printf("%d\n", search("key = value; other = 12", x));
    return 0;
}

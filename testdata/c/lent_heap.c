// Memory of malloc that is only printed need not be allocated.
//
// quasi: -e report --static n=4
// has: alloca \[5 x i8\]
// lacks: @malloc|@free
// run: 5
// run: -2
#include <stdio.h>
#include <stdlib.h>

int report(int n, int x)
{
    char *text = malloc(n + 1);
    if (!text)
        return -1;
    for (int i = 0; i < n; i++)
        text[i] = 'a' + i;
    text[n] = 0;
    puts(text);
    fputs(text + 1, stdout);
    text[0] = x > 2 ? 'X' : 'Y';
    printf("%s|%.*s\n", text, 2, text + 1);
    int r = text[1] + text[n - 1];
    free(text);
    return r * x;
}

int main(int argc, char **argv)
{
    int x = argc > 1 ? atoi(argv[1]) : 1;
    printf("%d\n", report(4, x));
    return 0;
}

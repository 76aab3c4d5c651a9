/* Calls each function of start.c once, and again after changes. */
#include <stdio.h>

int start_mode(int x), start_level(int x), start_hidden(int x), start_chased(int x);
void start_change(int to);

static int early;
__attribute__((constructor)) static void before_main(void) { early = start_mode(40); }

int main(void)
{
    for (int to = 3; to < 6; to++) {
        printf("%d %d %d %d\n", start_mode(1), start_level(2), start_hidden(3), start_chased(4));
        start_change(to);
    }
    printf("%d %d %d %d %d\n", early, start_mode(1), start_level(2), start_hidden(3), start_chased(4));
    return 0;
}

/*
 * Variants of globals: those whose predicates hold for the initial values are plugged
 * before main begins. Built with main.c alone, from several modules, and as a library
 * that is loaded and unloaded.
 */
int mode = 3, level;
static int hidden[4] = { 0, 0, 7, 0 };
static struct cell {
    int value;
} cell = { 7 }, *chased = &cell;

__attribute__((noinline)) int start_mode(int x) { return mode == 3 ? x + 1 : x + mode - 2; }
__attribute__((noinline)) int start_level(int x) { return level == 1 ? x : x + level - 1; }
__attribute__((noinline)) int start_hidden(int x) { return hidden[2] == 7 ? x * 2 : x * 3; }
__attribute__((noinline)) int start_chased(int x) { return chased->value == 7 ? x * 2 : x * 3; }

void start_change(int to)
{
    mode = to;
    level = to - 2;
    hidden[2] = to + 4;
    chased->value = to + 4;
}

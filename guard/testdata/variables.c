// Variables as terms.
// term: counter
// term: settings.level
// term: grid[1][2]
// term: hidden
// term: where.total
// term: table[1].mode
#include <string.h>
struct settings { int level; int mode; };
int counter;
struct settings settings;
short grid[3][4];
static long hidden;
struct settings table[2];
void change(int i, int j, struct settings *s) {
	counter = 1; // guard: O0,O1: must-guard by-field
	counter += i; // guard: O0,O1: must-guard by-field
	settings.level = i; // guard: [2] must-guard by-field
	settings.mode = i;
	grid[1][2] = 3; // guard: [3] must-guard by-field
	grid[1][3] = 3;
	grid[i][2] = 3; // guard: [3] may-write by-field
	grid[i][j] = 3; // guard: [3] may-write by-field
	hidden += i; // guard: [4] must-guard by-field
	counter = (int)hidden; // guard: must-guard by-field
}
void whole(struct settings *s) {
	settings = *s; // guard: O0,O1: [2] must-guard by-copy; O2: [2] must-guard by-field
	memset(grid, 0, sizeof grid); // guard: [3] must-guard by-fill
}
void where(void) {
	static int total;
	total++; // guard: [5] must-guard by-field
}
void bytes(long n) {
	((char *)&table[0])[n] = 1; // guard: [6] may-write by-field
	for (char *p = (char *)&table[0]; p < (char *)&table[2]; p += n)
		*p += 1; // guard: [6] may-write by-field
	for (struct settings *p = table; p < &table[2]; p++) {
		p->level = 1;
		p->mode += n; // guard: O0,O1: [6] may-write by-field; O2: [6] must-guard by-field
	}
}

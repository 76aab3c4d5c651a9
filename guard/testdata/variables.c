// Variables as terms.
// term: counter
// term: settings.level
// term: grid[1][2]
// term: hidden
// term: where.total
#include <string.h>
struct settings { int level; int mode; };
int counter;
struct settings settings;
short grid[3][4];
static long hidden;
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

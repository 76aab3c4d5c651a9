// Stores through pointers that have no record type.
// term: struct point.x
// config: whole
#include <stdlib.h>
struct point { int x; int y; double d; };
struct point here, there;
static int table[10];
static int *cursor;
static float weight;
static float *heavy = &weight;

// Where the pointer comes from is known, and no point is there.
static void count(int *p, int i) {
	p[i] = 3; // guard: O0,O1: proven-disjoint by-unknown
}
static void into(int *p) {
	*p = 4; // guard: must-guard by-field
}
static void tune(float *f) {
	*f = 1; // guard: O0,O1: proven-disjoint by-unknown
}
static void bytes(char *p) {
	*p = 1; // guard: may-write by-field
}
int main(int argc, char **argv) {
	cursor = &table[2];
	count(cursor, argc);
	into(&here.x);
	tune(heavy);
	bytes((char *)&there + argc);
	(&here.x)[1] = 3;
	return here.x + table[3] + (int)weight;
}

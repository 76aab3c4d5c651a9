// The address of a variable as an integer.
// term: level
int level;
static unsigned long place;
void keep(void) {
	place = (unsigned long)&level;
}
void put(void) {
	*(int *)place = 1; // guard: O0,O1: may-write by-unknown; O2: must-guard by-field
}

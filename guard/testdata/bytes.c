// Steps of bytes from an object whose first member is an array of bytes: they are not bounded by it.
// term: struct named.level
// term: names[2].level
struct named { char name[4]; short level; char tail[6]; };
struct named names[3];
void strides(long n) {
	*(short *)((char *)names + n * sizeof names[0] + 4) = 1; // guard: may-write by-field; [2] may-write by-field
}
void walk(struct named *t, int n) {
	for (char *p = (char *)t; n--; p++)
		*p = 1; // guard: O0,O1: may-write by-field; O2: may-write by-fill
}
void tail(struct named *t, int n) {
	t->tail[n] = 1;
	names[2].tail[n] = 1;
	for (char *p = t->tail; *p; p += n)
		*p = 1;
}

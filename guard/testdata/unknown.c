// Stores through pointers of unknown origin: only C's rules of types tell.
// term: struct point.x
// term: struct point.tag
// term: struct point.d
struct point { int x; char tag; double d; struct point *up; };
void as_int(int *p) { *p = 1; } // guard: may-write by-unknown; O0: [2] may-write by-unknown; O0: [3] may-write by-unknown; O1,O2: [2] may-write by-unknown
void as_unsigned(unsigned *p) { *p = 1; } // guard: may-write by-unknown; O0: [2] may-write by-unknown; O0: [3] may-write by-unknown; O1,O2: [2] may-write by-unknown
void as_float(float *p) { *p = 1; } // guard: O0: may-write by-unknown; O1,O2: proven-disjoint by-unknown; [2] may-write by-unknown; O0: [3] may-write by-unknown
void as_char(char *p) { *p = 1; } // guard: may-write by-unknown; [2] may-write by-unknown; [3] may-write by-unknown
void as_double(double *p) { *p = 1; } // guard: O0: may-write by-unknown; [2] may-write by-unknown; [3] may-write by-unknown
void as_pointer(struct point **p) { *p = 0; } // guard: O0: may-write by-unknown; [2] may-write by-unknown; O0: [3] may-write by-unknown; O1,O2: [3] proven-disjoint by-unknown

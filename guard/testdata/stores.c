// Stores of members by every way of naming them.
// term: struct task.uid
#include <stdlib.h>
#include <string.h>

struct task { int pid; int uid; struct task *next; long mask; };
struct other { int a; int uid; };
struct outer { long head; struct task first; struct task many[3]; };

void plain(struct task *t, int v) {
	t->uid = v; // guard: must-guard by-field
	t->pid = v;
}
void change(struct task *t) {
	t->uid++;      // guard: O0,O1: must-guard by-field
	t->uid |= 4;   // guard: must-guard by-field
	t->mask |= 4;
}
void another(struct other *o) {
	o->uid = 3; // guard: proven-disjoint by-field
	o->a = 3;
}
void nested(struct outer *o, int i) {
	o->first.uid = 1;   // guard: must-guard by-field
	o->many[i].uid = 2; // guard: must-guard by-field
	o->many[1].pid = 2;
	o->head = 4;
}
void copy(struct task *a, struct task *b, struct outer *x, struct outer *y) {
	*a = *b; // guard: must-guard by-copy
	*x = *y; // guard: must-guard by-copy
	memcpy(a, b, sizeof *a); // guard: must-guard by-copy
	memset(x, 0, sizeof *x); // guard: must-guard by-fill
	memset(a, 0, 4);
}
struct task *fresh(int v) {
	struct task *t = malloc(sizeof *t);
	if (!t)
		return 0;
	t->uid = v; // guard: fresh by-field
	return t;
}

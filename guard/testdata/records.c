// Members in every place where a record can lie.
// term: struct cred.uid
// term: pair_t.b
// term: struct flags.mode
// term: struct tail.item[2].v
// term: struct packed.value
// term: struct holder.anon_b
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct list { struct list *next, *prev; };
struct cred { int uid; int gid; struct list link; };
typedef struct { short a; int b; } pair_t;
struct flags { unsigned mode : 3, kind : 5; unsigned wide; };
struct item { long v; };
struct tail { int n; struct item item[]; };
struct packed { char c; int value; } __attribute__((packed));
struct holder { int x; struct { int anon_a, anon_b; }; union { float f; struct { short lo, hi; } half; }; };

// The first member of another record is a cred.
struct process { struct cred cred; int pid; };
void first_member(struct process *p) { ((struct cred *)p)->uid = 1; } // guard: must-guard by-field
void through_process(struct process *p) { p->cred.uid = 1; } // guard: must-guard by-field
void beside(struct process *p) { p->pid = 1; }

#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
void from_list(struct list *l) { container_of(l, struct cred, link)->uid = 2; } // guard: O0,O1: must-guard by-field; O2: must-guard by-tbaa
void list_insert(struct list *l, struct list *at) {
	l->next = at;
	at->prev = l;
}

void typedefs(pair_t *p, pair_t *q) {
	p->b = 1; // guard: [2] must-guard by-field
	p->a = 1;
	*p = *q; // guard: O0,O1: [2] must-guard by-copy; O2: [2] must-guard by-field
}
void bits(struct flags *f) {
	f->mode = 2; // guard: O0,O1: [3] must-guard by-field
	f->kind = 7; // guard: [3] must-guard by-field
	f->wide = 8;
}
void flexible(struct tail *t, int i) {
	t->item[2].v = 1; // guard: [4] must-guard by-field
	t->item[3].v = 1;
	t->item[i].v = 1; // guard: [4] may-write by-field
	t->n = 4;
}
void single(struct item *i) { i->v = 3; } // guard: [4] may-write by-unknown
void packed(struct packed *p) {
	p->value = 1; // guard: [5] must-guard by-field
	p->c = 1;
}
void anonymous(struct holder *h) {
	h->anon_b = 1; // guard: [6] must-guard by-field
	h->anon_a = 1;
	h->x = 1;
}

struct cred by_value(struct cred c, struct cred *to) { // guard: fresh by-value
	*to = c; // guard: must-guard by-copy
	return c; // guard: must-guard by-copy
}
struct cred *last;
void kept_value(struct cred c) { // guard: must-guard by-value
	last = &c;
}
void array_of(struct cred (*table)[4], int i, int j) {
	table[i][j].uid = 3; // guard: must-guard by-field
	table[i][j].gid = 3;
}
void clear_link(struct cred *c) {
	memset(&c->link, 0, sizeof c->link);
	memset(&c->gid, 0, sizeof c->gid);
}

// Writes of a record that may be a part of the term's.
// term: struct task.all.next
// term: struct task.cred.gid
struct list { struct list *next, *prev; };
struct cred { int uid, gid; };
struct task { int pid; struct list all; struct cred cred; };
struct other { long n; struct list in; };
void insert(struct list *l, struct list *at) {
	l->next = at; // guard: may-write by-unknown
	l->prev = at;
}
void change(struct cred *c, struct other *o, struct list *l) {
	c->gid = 1; // guard: [2] may-write by-unknown
	c->uid = 1;
	o->in.next = l; // guard: proven-disjoint by-field
	o->in.prev = l;
}
void own(struct list *l) {
	struct list here;
	struct list *p = &here;
	p->next = l;
	insert(p, l);
}
void task(struct task *t, struct list *l) {
	t->all.next = l; // guard: must-guard by-field
	t->all.prev = l;
	t->cred = (struct cred){ 1, 2 }; // guard: O0: [2] must-guard by-copy; O1,O2: [2] must-guard by-field
}

// Addresses that the callers of a function pass, and pass on.
// term: struct task.uid
// flags: -fno-strict-aliasing
struct task { int pid; int uid; int ids[4]; };
struct page { int n; int flags; };
// Of no instance.
static void set(int *p, int v) {
	*p = v;
}
static void set_flag(struct page *q, int *p) {
	set(p, 1);
	q->n = 1;
}
void pages(struct page *a, struct page *b) {
	set_flag(a, &b->flags);
	set(&a->n, 2);
}
// Of one, among others.
static void put(int *p, int v) {
	*p = v; // guard: O0,O1: must-guard by-field; O2: must-guard by-field
}
void both(struct task *t, struct page *q) {
	put(&t->uid, 1);
	put(&q->flags, 1);
}
// Of what another function or memory has, too.
static void open(int *p, int v) {
	*p = v; // guard: may-write by-unknown
}
void some(struct page *q, int **p) {
	open(&q->flags, 1);
	open(*p, 1);
}
// Of what a call through a pointer passes.
static void taken(int *p, int v) {
	*p = v; // guard: may-write by-unknown
}
void (*const hook)(int *, int) = taken;
void hooked(struct page *q) {
	taken(&q->flags, 1);
}
void named(int *p, int v) {
	*p = v; // guard: may-write by-unknown
}
void names(struct page *q) {
	named(&q->flags, 1);
}
// With steps: in an array, or beyond the member.
static void fill(int *p, int n) {
	for (int i = 0; i < n; i++)
		p[i] = i; // guard: may-write by-field
}
void fills(struct task *t, int n) {
	fill(t->ids, n);
	fill(&t->pid, 2);
}
static void next(int *p) {
	p[1] = 1; // guard: must-guard by-field
}
void nexts(struct task *t) {
	next(&t->pid);
}
// By recursion.
static void down(int *p, int n) {
	*p = n; // guard: O0,O1: may-write by-unknown
	if (n)
		down(p + 1, n - 1);
}
void downs(struct page *q) {
	down(&q->n, 1);
}

// Instances that cannot be bound yet, and such that can.
// term: struct node.key
#include <stdlib.h>
#include <string.h>
struct node { int key; struct node *next; };
struct node *head;
void keep(struct node *n) { head = n; }

struct node *plain(int k) {
	struct node *n = malloc(sizeof *n);
	memset(n, 0, sizeof *n); // guard: O0,O1: fresh by-fill
	n->key = k; // guard: O0,O1: fresh by-field
	n->next = head;
	head = n;
	n->key = 5; // guard: must-guard by-field
	return n;
}
struct node *passed(int k) {
	struct node *n = calloc(1, sizeof *n);
	n->key = k; // guard: O0,O1: fresh by-field
	keep(n);
	n->key = k + 1; // guard: must-guard by-field
	return n;
}
void loop(int k) {
	for (int i = 0; i < k; i++) {
		struct node *n = malloc(sizeof *n);
		n->key = i; // guard: fresh by-field
		n->next = head;
		head = n;
	}
}
void again(int k) {
	struct node *n = malloc(sizeof *n);
	for (int i = 0; i < k; i++) {
		n->key = i; // guard: must-guard by-field
		head = n;
	}
}
void old_or_new(int k) {
	struct node *p = 0;
	for (int i = 0; i < k; i++) {
		struct node *n = malloc(sizeof *n);
		if (i & 1 || !p)
			p = n;
		p->key = i; // guard: O0,O1: must-guard by-field; O2: fresh by-field
		head = p;
	}
}
int on_stack(int k) {
	struct node n = { k, 0 }; // guard: O0: fresh by-field
	return n.key;
}
int on_stack_given(int k) {
	struct node n;
	n.key = k; // guard: must-guard by-field
	keep(&n);
	return n.key;
}
void either(struct node *o, int c) {
	struct node *n = c ? malloc(sizeof *n) : o;
	n->key = 1; // guard: O0,O1: must-guard by-field; O2: must-guard by-tbaa
}
void *allocate(unsigned long) __attribute__((malloc));
struct node *own(void) {
	struct node *n = allocate(sizeof *n); // guard: not-visible by-call
	n->key = 1; // guard: O0,O1: fresh by-field; O2: fresh by-tbaa
	return n;
}
void filled(struct node *o) {
	struct node *n = malloc(sizeof *n);
	*n = *o; // guard: fresh by-copy
	head = n;
}
void dropped(void) {
	struct node *n = malloc(sizeof *n);
	n->key = 3; // guard: O0,O1: fresh by-field
	free(n);    // guard: O0,O1: fresh by-free
}

// It is known which functions have variants: only they bind instances.
// term: struct node.key
// config: variants use
#include <stdlib.h>
struct node { int key; struct node *next; };
struct node *head;
void fill(struct node *n, int k) {
	n->key = k; // guard: must-guard by-field
}
void keep(struct node *n) { head = n; }
int use(struct node *n) { return n->key; }
void deep(struct node *n) { fill(n, 2); }

struct node *filled(int k) {
	struct node *n = malloc(sizeof *n);
	fill(n, k);
	deep(n);
	n->key += 3; // guard: fresh by-field
	head = n;
	return n;
}
struct node *kept(void) {
	struct node *n = malloc(sizeof *n);
	keep(n);
	n->key = 3; // guard: must-guard by-field
	return n;
}
struct node *used(void) {
	struct node *n = malloc(sizeof *n);
	n->key = 1; // guard: O0,O1: fresh by-field
	use(n);
	n->key = 3; // guard: O0,O1: must-guard by-field; O2: fresh by-field
	return n;
}

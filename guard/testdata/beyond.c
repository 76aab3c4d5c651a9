// Writes beyond a part of a record, through a pointer to the part.
// term: struct node.id
#include <string.h>

struct head { int kind, n; };
struct list { struct list *next, *prev; };
struct node { struct head h; struct list l; int id; };

int id(struct node *n) { return n->id; }
void copy(struct head *h, const void *from) {
	memcpy(h, from, sizeof *h);
	memcpy(h, from, sizeof(struct node)); // guard: may-write by-copy
}
void clear(struct list *l) {
	memset(l, 0, sizeof *l);
	memset(l, 0, 24); // guard: may-write by-fill
}
void behind(struct list *l) {
	*(int *)((char *)l + sizeof *l) = 1; // guard: may-write by-unknown
}

// What is published after setjmp has been, when it returns again.
// term: struct node.key
#include <setjmp.h>
#include <stdlib.h>
struct node { int key; } *head;
static jmp_buf env;
int again(void) {
	struct node *n = malloc(sizeof *n);
	if (setjmp(env)) {
		n->key = 1; // guard: must-guard by-field
		return 1;
	}
	head = n;
	longjmp(env, 1);
}
int own(void) {
	struct node *n = malloc(sizeof *n);
	if (setjmp(env))
		return 1;
	n->key = 1; // guard: O0,O1: fresh by-field
	free(n); // guard: O0,O1: fresh by-free
	longjmp(env, 1);
}

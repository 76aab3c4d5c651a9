// Functions of the C library that write through pointers.
// term: struct buf.len
// term: struct buf.text
// warnings
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct buf { int kind; int len; char text[16]; };

void calls(struct buf *b, int fd, FILE *f, struct buf *a, int n) {
	read(fd, &b->len, sizeof b->len); // guard: must-guard by-call; warn: memory-function
	read(fd, &b->kind, sizeof b->kind);
	recv(fd, b, sizeof *b, 0); // guard: must-guard by-call; [2] must-guard by-call; warn: memory-function; warn: [2] memory-function
	fgets(b->text, 16, f); // guard: [2] must-guard by-call; warn: [2] memory-function
	snprintf(b->text, 8, "%d", n); // guard: [2] must-guard by-call; warn: [2] memory-function
	scanf("%d", &b->len); // guard: must-guard by-call; warn: memory-function
	strcpy(b->text, "x"); // guard: O0,O1: [2] must-guard by-copy; O0,O1: warn: [2] memory-function; O2: [2] must-guard by-field
	fread(a, sizeof *a, 2, f); // guard: must-guard by-call; [2] must-guard by-call; warn: memory-function; warn: [2] memory-function
	memmove(b, b + 1, n); // guard: may-write by-copy; [2] may-write by-copy; warn: memory-function; warn: [2] memory-function
}
int order(const void *, const void *);
void sort(struct buf *table, int n) {
	qsort(table, n, sizeof *table, order); // guard: may-write by-call; not-visible by-call; [2] may-write by-call; [2] not-visible by-call; warn: not-visible; warn: [2] not-visible; warn: memory-function; warn: [2] memory-function
	printf("%d %s\n", table->len, table->text);
}
void release(struct buf *b) {
	free(b); // guard: must-guard by-free; [2] must-guard by-free
}
struct buf *grow(struct buf *b) {
	return realloc(b, 2 * sizeof *b); // guard: must-guard by-free; [2] must-guard by-free
}

// How far functions of the C library write that get no length, or write it behind other arguments.
// term: struct conn.seen.tv_nsec
// term: struct conn.status.st_size
// term: struct conn.id
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct conn { int kind; char name[12]; struct timespec seen; struct stat status; int id, after; };

void records(struct conn *c) {
	clock_gettime(0, &c->seen); // guard: must-guard by-call
	fstat(0, &c->status); // guard: [2] must-guard by-call
	time(&c->seen.tv_sec);
}
ssize_t __read_chk(int, void *, size_t, size_t);
void bytes(struct conn *c, FILE *f, const void *from, long n) {
	__read_chk(0, c, 16, 16);
	__read_chk(0, c, 32, 32); // guard: must-guard by-call
	fread_unlocked(c, 1, sizeof *c, f); // guard: must-guard by-call; [2] must-guard by-call; [3] must-guard by-call
	swab(from, c, n); // guard: may-write by-call; [2] may-write by-call; [3] may-write by-call
}
void text(struct conn *c, int n) {
	sprintf(c->name, "%d", n);
	sprintf((char *)c, "%d", n); // guard: may-write by-call; [2] may-write by-call; [3] may-write by-call
}
int scan(const char *s, const char *format, ...) {
	va_list ap;
	va_start(ap, format);
	int n = vsscanf(s, format, ap); // guard: may-write by-call; [2] may-write by-call; [3] may-write by-call
	va_end(ap);
	return n;
}

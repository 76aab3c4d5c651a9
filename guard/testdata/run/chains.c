// Writes by pointers of every kind, to be run.
// term: struct task.uid
// term: struct task.cred.gid
// term: level
// term: struct pair.b
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct list { struct list *next, *prev; };
struct cred { int gid; int fs; };
struct task { int pid; int uid; struct list all; struct cred cred; short flags[4]; };
struct process { struct task task; int more; };
struct pair { int a; int b; };
union either { struct pair pair; long both; char bytes[8]; };

static struct task table[4];
static struct process process;
static int level, other;
static int *cursor;
static union either either;
static struct list head = { &head, &head };

#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

static void set(int *p, int v) { *p = v; }
static int *choose(int c, struct task *t) { return c ? &t->uid : &level; }
static void wipe(void *p, size_t n) {
	char *q = p;
	while (n--)
		*q++ = 0;
}
static void insert(struct list *l) {
	l->next = head.next;
	l->prev = &head;
	head.next->prev = l;
	head.next = l;
}
static void each(void (*f)(struct task *)) {
	for (struct list *l = head.next; l != &head; l = l->next)
		f(container_of(l, struct task, all));
}
static void bump(struct task *t) { t->uid++; }
static void swap(void *a, void *b, size_t n) {
	char tmp[256];
	memcpy(tmp, a, n);
	memcpy(a, b, n);
	memcpy(b, tmp, n);
}
static struct task made(int uid) {
	struct task t = { 1, uid };
	return t;
}
static void credit(struct cred *c, int g) { c->gid = g; }
static struct task *copy(const struct task *t) {
	struct task *n = malloc(sizeof *n);
	memcpy(n, t, sizeof *n);
	return n;
}

int main(int argc, char **argv) {
	void *opaque = &table[2];
	long address = (long)&table[1];
	struct task *p = table;
	for (int i = 0; i < 4; i++, p++)
		p->uid = i;
	for (int i = 0; i < 4; i++)
		insert(&table[i].all);
	each(bump);
	set(&table[argc].uid, 7);
	set(choose(argc, &table[2]), 8);
	set(choose(0, &table[2]), 8);
	((struct task *)opaque)->uid = 9;
	((struct task *)address)->uid = 10;
	wipe(&table[3].uid, sizeof(int));
	wipe(&process, sizeof process);
	process.task = table[1];
	((struct task *)&process)->uid = 4;
	swap(&table[0], &table[1], sizeof table[0]);
	table[2] = made(argc);
	credit(&table[1].cred, 3);
	credit(&process.task.cred, 4);
	cursor = &table[argc].pid;
	cursor[1] = 12;
	*(int *)((char *)&table[1] + offsetof(struct task, uid)) = 5;
	either.both = 77;
	either.pair.b = 3;
	either.bytes[5] = 1;
	struct pair *q = &either.pair;
	q->b = 9;
	memset(&table[argc], 0, sizeof table[0]);
	level = other = 3;
	struct task *n = copy(&table[1]);
	n->uid = 3;
	int sum = n->uid + table[1].uid + either.pair.a;
	free(n);
	return sum == -1;
}

// Library functions that call functions, let other threads run, or write several records.
// term: struct task.uid
// term: fds[1].revents
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

struct task { int uid; pthread_mutex_t lock; pthread_t id; };
struct pollfd fds[4];
void *outside(void *);
static void *own(void *p) {
	struct task *t = p;
	t->uid = 1; // guard: O0,O1: must-guard by-field; O2: must-guard by-tbaa
	return 0;
}
void start(struct task *t) {
	pthread_create(&t->id, 0, own, t);
	pthread_create(&t->id, 0, outside, t); // guard: not-visible by-call
}
void chosen(struct task *t, void *(*f)(void *)) {
	pthread_create(&t->id, 0, f, t); // guard: not-visible by-call
}
void lock(struct task *t) {
	pthread_mutex_lock(&t->lock);
	printf("%p %d\n", (void *)t, t->uid);
	pthread_mutex_unlock(&t->lock);
}
void look(int n) {
	poll(fds, n, -1); // guard: [2] must-guard by-call
}

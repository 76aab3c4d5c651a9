// Atomic operations on a member and on a variable.
// term: struct counter.n
// term: total
struct counter { long n; _Atomic int state; };
long total;
void operations(struct counter *c) {
	__atomic_fetch_add(&c->n, 1, __ATOMIC_SEQ_CST); // guard: must-guard by-atomic
	__sync_fetch_and_or(&c->n, 1); // guard: must-guard by-atomic
	__sync_bool_compare_and_swap(&c->n, 1, 2); // guard: must-guard by-atomic
	__atomic_store_n(&c->n, 3, __ATOMIC_RELEASE); // guard: must-guard by-atomic
	__atomic_store_n(&total, 3, __ATOMIC_RELEASE); // guard: [2] must-guard by-atomic
	__atomic_fetch_add(&total, 1, __ATOMIC_RELAXED); // guard: [2] must-guard by-atomic
	c->state++;
}

// Objects on the heap that optimization leaves no pointer to the record to: tags alone say what they are.
// term: struct pair.a
// config: whole
#include <stdlib.h>
struct pair { int a, b; };
static void *make(void) { return malloc(sizeof(struct pair)); }
static __attribute__((noinline)) void put(void *v, int n) {
	char *p = v;
	p[n] = 3; // guard: may-write by-object
}
static __attribute__((noinline)) int get(void *v) { return ((struct pair *)v)->a; }
int main(int argc, char **argv) {
	void *p = make();
	put(p, argc);
	return get(p);
}

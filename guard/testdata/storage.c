// Arrays of integers as memory for instances.
// term: struct obj.id
// config: whole
#include <string.h>
struct obj { long flags; int id; };
static _Alignas(8) char large[64];
static char small[8];
static struct { long count; _Alignas(8) char room[64]; } pool;
static struct obj *use(void *p) { return p; }
static void into(char *p, int i) {
	p[i] = 1; // guard: O0,O1: may-write by-unknown; O2: may-write by-unknown
}
static void never(char *p, int i) {
	p[i] = 1;
}
static void counts(long *p, int i) {
	*p = i;
}
int main(int argc, char **argv) {
	struct obj *a = use(large), *b = use(pool.room);
	use(small);
	into(large, argc);
	into(pool.room, argc);
	never(small, argc);
	counts(&pool.count, argc);
	large[argc] = 2; // guard: may-write by-object
	small[argc] = 2;
	pool.count = 3;
	return a->id + b->id;
}

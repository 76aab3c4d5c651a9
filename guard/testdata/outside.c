// Code that is not there, and inline assembly.
// term: struct obj.state
// warnings
struct obj { int state; int other; struct obj *next; };
struct box { struct obj *in; };
void visible(struct obj *o) { o->state = 1; } // guard: must-guard by-field
void hidden(struct obj *o);
void hidden_box(struct box *b);
void hidden_bytes(void *p);
void hidden_int(int *p);
void hidden_long(long *p);
int pure(struct obj *o) __attribute__((const));
void nothing(void);
struct obj *lookup(int key);

void calls(struct obj *o, struct box *b, long *l) {
	visible(o);
	hidden(o);       // guard: not-visible by-call; warn: not-visible
	hidden_box(b);   // guard: not-visible by-call
	hidden_bytes(o); // guard: not-visible by-call; warn: not-visible; warn: cast-from
	hidden_int(&o->state); // guard: not-visible by-call; warn: not-visible; warn: address-escapes
	hidden_long(l);
	pure(o);
	nothing();
}
void indirect(struct obj *o, void (*f)(struct obj *)) {
	f(o); // guard: not-visible by-call; warn: not-visible
}
static void one(struct obj *o) { o->state = 1; } // guard: must-guard by-field
static void two(struct obj *o) { o->other = 1; }
void chosen(struct obj *o, int c) {
	static void (*const table[])(struct obj *) = { one, two };
	table[c & 1](o);
}
int found(int k) {
	return lookup(k)->state; // guard: not-visible by-call
}
void assembly(struct obj *o) {
	char c;
	static long bits;
	__asm__ volatile("movl $1, %0" : "=m"(o->state)); // guard: must-guard by-asm; warn: inline-assembly
	__asm__ volatile("movl $1, %0" : "=m"(o->other));
	__asm__ volatile("movl $1, (%0)" : : "r"(&o->state)); // guard: may-write by-asm; warn: inline-assembly
	__asm__ volatile("cmpl $1, %0" : : "m"(o->state));
	__asm__ volatile("" : : : "memory");
	__asm__ volatile("lock; btsq %2, %1\n\t/* output (carry) */ setc %0" : "=q"(c), "+m"(bits) : "Ir"(3L) : "memory");
	__asm__ volatile("mfence" : : : "memory");
	__asm__ volatile("call everything" : : : "memory"); // guard: not-visible by-asm; warn: inline-assembly
}

// Code that is not there finds instances by the names of variables.
// term: struct obj.state
struct obj { int state; struct obj *next; };
struct box { struct obj *in; };
struct box boxes[4];
static struct box own;
void first(void);
void second(void);
int pure(void) __attribute__((pure));
void calls(void) {
	first();  // guard: not-visible by-call
	second(); // guard: not-visible by-call
	first();
	pure();
}
int get(int i) { return boxes[i].in->state + own.in->state; }

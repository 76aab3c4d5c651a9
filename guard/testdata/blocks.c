// Records that have one tag, each in its own block.
// term: struct task.uid
void inner(void *p, void *q) {
	struct task { long pid, more; int uid; };
	struct task *t = p;
	t->uid = 1; // guard: O0,O1: must-guard by-field; O2: must-guard by-tbaa
	t->more = 1; // guard: O2: may-write by-unknown
	{
		struct task { int uid, pid; };
		struct task *t = q;
		t->uid = 1; // guard: O0,O1: must-guard by-field; O2: must-guard by-tbaa
	}
}
struct task { int pid; int uid; };
void outer(struct task *t) {
	t->uid = 1; // guard: must-guard by-field
}

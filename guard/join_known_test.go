package guard

// What one unit alone knows, and others must heed: unions, other names of variables, functions
// that have the names of the library's. TestJoin runs these.
var unionJoins = []joinTest{
	{
		name: "a record that shares a union elsewhere", term: "struct task.uid",
		units: []string{
			"struct view { int a; float f; };\nstruct task { int uid; float g; }; void put(struct view *v) {\n v->a = 1;\n}\nint get(struct task *t) { return t->uid; }",
			"struct view { int a; float f; }; struct task { int uid; float g; };\nunion u { struct task t; struct view v; } u; void put(struct view *);\nint get(struct task *); int main(void) { put(&u.v); return get(&u.t); }",
		},
		want: []string{"a.c:3 may-write by-field"},
	},
	{
		name: "a scalar that shares a union elsewhere", term: "struct task.uid",
		units: []string{
			"struct task { int uid; float g; };\nvoid put(float *f, double *d) {\n *f = 1;\n *d = 2;\n}\nint get(struct task *t) { return t->uid; }",
			"struct task { int uid; float g; }; union u { struct task t; float f[2]; } u; void put(float *, double *);\nint get(struct task *); int main(void) { put(u.f, 0); return get(&u.t); }",
		},
		want: []string{"a.c:3 may-write by-unknown"},
	},
	{
		name: "a record at other bytes of the union", term: "struct task.uid",
		units: []string{
			"struct view { int a; }; struct task { int uid; float g; };\nvoid put(struct view *v) {\n v->a = 1;\n}\nint get(struct task *t) { return t->uid; }",
			"struct view { int a; }; struct task { int uid; float g; }; union u { struct task t; struct { float f; struct view v; } p; } u;\nvoid put(struct view *); int get(struct task *); int main(void) { put(&u.p.v); return get(&u.t); }",
		},
	},
	{
		name: "a union without debug information", term: "struct task.[0]", flags: []string{"-g0"},
		units: []string{
			"struct view { int a; float f; }; struct task { int uid; float g; }; void put(struct view *v) {\n v->a = 1;\n}\nint get(struct task *t) { return t->uid; }",
			"struct view { int a; float f; }; struct task { int uid; float g; };\nunion u { struct task t; struct view v; long l[9]; } *u; void put(struct view *);\nint get(struct task *); int main(void) { put(&u->v); return get(&u->t); }",
		},
		want: []string{"a.c:0 may-write by-field"},
	},
	{
		name: "a number of either size of long without debug information", term: "struct task.[0]", flags: []string{"-g0"},
		units: []string{"struct task { long long uid; }; void put(long long *p, int *q) { *p = 1; *q = 1; } int get(struct task *t) { return t->uid; }"},
		want:  []string{"a.c:0 may-write by-unknown"},
	},
	{
		name: "an alias that another unit writes", term: "level",
		units: []string{
			"int level; extern int other __attribute__((alias(\"level\")));\nint get(void) { return level; }",
			"extern int other; int get(void) {\n return other; }\nvoid put(void) {\n other = 1;\n}",
		},
		want: []string{"b.c:4 not-visible by-unknown"},
	},
	{
		name: "an alias that this unit writes", term: "level",
		units: []string{"int level; extern int other __attribute__((alias(\"level\"))); void put(void) {\n other = 1;\n}"},
		want:  []string{"a.c:2 must-guard by-field"},
	},
	{
		name: "an alias whose address a variable holds", term: "level",
		units: []string{"int level; extern int other __attribute__((alias(\"level\"))); int *p = &other;\nvoid put(void) {\n *p = 1;\n}"},
		want:  []string{"a.c:3 may-write by-unknown"},
	},
	{
		name: "a variable by the name of its section", term: "first.uid",
		units: []string{
			"struct task { int pid, uid; }; struct task first __attribute__((section(\"tasks\"))) = { 1 };",
			"extern struct task { int pid, uid; } __start_tasks[];\nvoid put(void) {\n __start_tasks[1].uid = 1;\n}",
		},
		want: []string{"b.c:3 not-visible by-unknown"},
	},
	{
		name: "a variable that no unit defines", term: "optind",
		units: []string{
			"extern int optind; int get(void) {\n return optind; }",
			"extern int optind; void put(void) {\n optind = 1;\n}",
		},
		want: []string{"a.c:2 not-visible by-unknown", "b.c:2 must-guard by-field"},
	},
	{
		name: "a function with the name of one of the library", term: "struct task.uid",
		units: []string{
			"struct task { int uid; }; void link(struct task *, struct task *); void *malloc(unsigned long); void unlink(const char *);\n" +
				"void f(void) {\n struct task *t = malloc(4);\n unlink((char *)t);\n t->uid = 1;\n link(t, 0);\n t->uid = 2;\n}",
			"struct task { int uid; } *head; void link(struct task *a, struct task *b) { head = a; }",
		},
		want: []string{"a.c:5 fresh by-field", "a.c:7 must-guard by-field"},
	},
	{
		name: "malloc of the program", term: "struct task.uid",
		units: []string{
			"struct task { int uid; } *head; void *malloc(unsigned long);\nvoid f(void) {\n struct task *t = malloc(4);\n t->uid = 1;\n head = t;\n}",
			"static long memory[9]; void *malloc(unsigned long n) { return memory; }",
		},
		want: []string{"a.c:4 must-guard by-field"},
	},
	{
		name: "a record in a record, and a cast of the outer one elsewhere", term: "struct task.uid", flags: []string{"-fno-strict-aliasing"},
		units: []string{
			"struct task { int pid, uid; }; struct in { int b; }; struct out { int a; struct in in; };\nvoid put(struct out *o) {\n o->in.b = 1;\n}\nint get(struct task *t) { return t->uid; }",
			"struct task { int pid, uid; }; struct in { int b; }; struct out { int a; struct in in; };\nvoid put(struct out *); int f(struct task *t) { put((struct out *)t); return t->uid; }",
		},
		want: []string{"a.c:3 may-write by-field"},
	},
}

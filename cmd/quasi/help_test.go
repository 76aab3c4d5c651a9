package main

// This file runs the examples that --help shows.

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// helpFiles are what the examples name.
var helpFiles = map[string]string{
	"power.c": "int power(int x, int n) { int r = 1; while (n-- > 0) r *= x; return r; }\nint main(void) { return power(1, 5) - 1; }\n",
	"signal.c": "struct task_struct { int uid, pid; };\nint mode = 1;\nint kill_proc(struct task_struct *t) { return mode == 1 ? t->uid : 0; }\n" +
		"__attribute__((weak)) int main(void) { struct task_struct t = { 0, 1 }; return kill_proc(&t); }\n",
	"main.c":    "struct task_struct;\nint kill_proc(struct task_struct *t);\nint main(void) { int t[2] = { 0, 1 }; return kill_proc((struct task_struct *)t); }\n",
	"kill.yaml": "specialize:\n  - function: kill_proc\n    when: [ mode == 1 ]\n",
	"vm.c":      "#ifdef NDEBUG\n#include <lib.h>\n#else\nint lib(int);\n#endif\n#include <math.h>\nint run(double x) { return lib(floor(x)); }\nint main(int n, char **v) { (void)v; return run(n) - 1; }\n",
	"inc/lib.h": "int lib(int);\n",
	"lib.c":     "int lib(int x) { return x; }\n",
	"f.c":       "enum kind { KIND_A, KIND_B };\nstruct s { enum kind kind; int a; };\nint f(struct s *p) { return p->kind == KIND_A ? p->a : 0; }\n",
	"x.c":       "struct vdbe { int pc; } db_list;\nint main(void) { db_list.pc = 0; return db_list.pc; }\n",
	"a.c":       "struct task_struct { int uid, pid; };\nvoid a(struct task_struct *t) { t->uid = 1; }\n",
	"b.c":       "struct task_struct { int uid, pid; };\nvoid b(struct task_struct *t) { t->uid++; }\n",
	"writes":    "{\"term\":\"mode\",\"kind\":\"user\",\"file\":\"a.c\",\"line\":2,\"column\":3,\"count\":1,\"old\":\"1\",\"new\":\"2\"}\n{\"writes\":1,\"known\":0,\"missed\":1,\"lost\":0}\n",

	"build/compile_commands.json": `[{"directory": "..", "file": "a.c", "command": "cc -c a.c"}, {"directory": "..", "file": "b.c", "command": "cc -c b.c"}]`,
}

func TestHelpExamples(t *testing.T) {
	tc := needLLVM(t)
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range helpFiles {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		writeFile(t, dir, name, text)
	}
	compileC(t, tc, "lib.o", "-c", "lib.c")
	compileC(t, tc, "x.ll", "-g", "-O1", "-S", "-emit-llvm", "x.c")
	for _, command := range []string{"specialize", "build", "guard", "memguard", "runtime"} {
		help := mustQuasi(t, command, "--help")
		_, usage, _ := strings.Cut(help, "USAGE:\n")
		usage, _, _ = strings.Cut(usage, "DESCRIPTION:\n")
		ran := 0
		for line := range strings.Lines(usage) {
			example, _, _ := strings.Cut(strings.TrimSpace(line), "  ") // what follows says what it does
			example, _, _ = strings.Cut(example, " >")
			if !strings.HasPrefix(example, "quasi ") || strings.Contains(example, "...") {
				continue
			}
			words, err := splitWords(strings.ReplaceAll(example, " TERM ", " 'struct task_struct.uid' "))
			if err != nil {
				t.Fatalf("%s: %v", example, err)
			}
			var args []string
			for _, w := range words[1:] {
				if found, _ := filepath.Glob(w); strings.Contains(w, "*") {
					args = append(args, found...)
				} else {
					args = append(args, w)
				}
			}
			want := exitDone
			if strings.Contains(example, "--strict") { // the report has a miss
				want = exitInput
			}
			if code, _, stderr := quasi(args...); code != want {
				t.Errorf("%s: exit code %d, want %d\n%s", example, code, want, stderr)
			}
			ran++
		}
		if ran < 2 {
			t.Errorf("help of %s has %d examples\n%s", command, ran, usage)
		}
	}
}

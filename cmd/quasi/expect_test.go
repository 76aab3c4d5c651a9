package main

// This file tests checked scenarios: expectations that are met, that are not, and
// that name nothing.

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const expectC = `struct shape { int kind; long a, b; };
int limit;

static long scaled(int kind, long x)
{
    switch (kind) {
    case 1: return x * 3;
    case 2: return x + limit;
    }
    return 0;
}

long area(const struct shape *s, int n)
{
    long sum = 0;
    int known = n + 1;
    for (int i = 0; i < n; i++)
        sum += scaled(s->kind, s->a);
    if (s->b == 4)
        known++;
    return sum + known;
}
`

// TestExpectMet: what holds is no error, in any command, from a file and from flags.
func TestExpectMet(t *testing.T) {
	needLLVM(t)
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, dir, "area.c", expectC)
	writeFile(t, dir, "area.yaml", `specialize:
  - function: area
    static: { n: 3 }
    when: [ s->kind == 1 ]
    expect:
      n: static
      i: static
      "area:known": static-and-dynamic
      sum: dynamic
      scaled: static
      "scaled:6": static
      "scaled:kind": static
      "area.c:7": dynamic
      16: static
      "area:18": static-and-dynamic
      result: dynamic
      "scaled:result": dynamic
`)
	for _, args := range []string{
		"analyze --spec area.yaml area.c", "specialize --spec area.yaml -o out.ll area.c",
		"analyze -e area --static n=3 --expect 16=static --expect ' area:16 = static' --expect @area:i=static area.c",
	} {
		words, err := splitWords(args)
		if err != nil {
			t.Fatal(err)
		}
		mustQuasi(t, words...)
	}
	if _, err := os.Stat("out.ll"); err != nil {
		t.Error(err)
	}
}

// TestExpectUnmet: the whole message of an expectation that does not hold.
func TestExpectUnmet(t *testing.T) {
	needLLVM(t)
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, dir, "area.c", expectC)
	writeFile(t, dir, "area.yaml", `specialize:
  - function: area
    static: { n: 3 }
    expect: { "scaled:6": static, i: dynamic }
`)
	want := `area.yaml:4:16: error: 'scaled:6' is dynamic, not static as expected
    expect: { "scaled:6": static, i: dynamic }
               ^~~~~~~~
area.c:18:16: note: dynamic: the call is residual: nothing static reaches @scaled
        sum += scaled(s->kind, s->a);
               ^
to make it static:
    state what s->kind holds: --when 's->kind == VALUE'
area.yaml:4:35: error: 'i' is static, not dynamic as expected
    expect: { "scaled:6": static, i: dynamic }
                                  ^
hint: if that is well, expect static
`
	for _, command := range []string{"analyze", "specialize -o out.ll", "build -o out"} {
		code, stdout, stderr := quasi(append(strings.Fields(command), "--spec", "area.yaml", "area.c")...)
		if code != exitInput || stdout != "" || stderr != want {
			t.Errorf("%s: exit code %d, stdout %q, stderr\n%s\nwant\n%s", command, code, stdout, stderr, want)
		}
		if left := listDir(t, "."); left != "area.c\narea.yaml" {
			t.Errorf("%s leaves %s", command, left)
		}
	}
}

// TestExpectNothing: keys that name nothing, with what is near, and bad flags.
func TestExpectNothing(t *testing.T) {
	needLLVM(t)
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, dir, "area.c", expectC)
	for _, c := range []struct{ expect, want string }{
		{"area:15=static", "the analysis reaches no code of 'area' on line 15\narea:15=static\n^~~~~~~\nhint: the nearest line of area with code is 16\n"},
		{"1=static", "the analysis reaches no code on line 1\n1=static\n^\nhint: the nearest line with code is "},
		{"aera.c:16=static", "the program has no file or function 'aera.c'\naera.c:16=static\n^~~~~~~~~\nhint: did you mean 'area.c'?\n"},
		{"scald:kind=static", "the program has no function 'scald'\nscald:kind=static\n^~~~~~~~~~\nhint: did you mean 'scaled'?\n"},
		{"know=static", "there is no variable or value of 'area', and no function, called 'know' that the analysis reaches\nknow=static\n^~~~\nhint: did you mean 'known'?\n"},
		{"area=static", "nothing that the analysis reaches calls 'area'\narea=static\n^~~~\n"},
		{"scaled:knd=static", "function 'scaled' has no variable or value 'knd'\nscaled:knd=static\n^~~~~~~~~~\nhint: did you mean 'kind'?\n"},
		{"0=static", "there is no line 0: lines count from 1"},
		{"area:=static", "'area:' names nothing"},
		{" n = statc ", "'statc' is no binding time; did you mean 'static'?\nn = statc\n    ^~~~~\nhint: "},
		{"n=statc", "'statc' is no binding time; did you mean 'static'?\nn=statc\n  ^~~~~\nhint: binding times are static, dynamic, static-and-dynamic\n"},
		{"n", "expected KEY=TIME\nn\n^\n"},
		{"=static", "the key is empty"},
	} {
		code, _, stderr := quasi("analyze", "-e", "area", "--static", "n=3", "--expect", c.expect, "area.c")
		if code != exitInput || !strings.HasPrefix(stderr, "--expect:1:") || !strings.Contains(stderr, "error: "+c.want) {
			t.Errorf("%s: exit code %d\n%s\nwant\n%s", c.expect, code, stderr, c.want)
		}
	}
	code, _, stderr := quasi("analyze", "-e", "area", "--expect", "n=static", "--expect", "n=dynamic", "area.c")
	if code != exitInput || !strings.Contains(stderr, "'n' is given twice") || !strings.Contains(stderr, "note: it is given here, too") {
		t.Errorf("twice: exit code %d\n%s", code, stderr)
	}
}

// TestExpectPeeled: a function's name means its peeled copy, too, and no analysis but
// the full one is checked.
func TestExpectPeeled(t *testing.T) {
	needLLVM(t)
	const program = "../../testdata/c/interpreter_frames.c"
	src, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	line := 0
	for i, text := range strings.Split(string(src), "\n") {
		if strings.TrimSpace(text) == "DISPATCH {" {
			line = i + 1
			break
		}
	}
	key := fmt.Sprintf("execute:%d", line)
	args := []string{"analyze", "-e", "execute", "--when", "frame->pc == square_sum", program, "--expect"}
	if code, _, stderr := quasi(append(args, key+"=dynamic")...); code != exitInput || !strings.Contains(stderr, "'"+key+"' is static-and-dynamic, not dynamic as expected") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	mustQuasi(t, append(args, key+"=static-and-dynamic")...)
	args = append(args, key+"=static", "--division=uniform")
	if code, _, stderr := quasi(args...); code != exitDone || !strings.Contains(stderr, "note: what is expected of binding times is not checked") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	if code, _, stderr := quasi(append(args, "-q")...); code != exitDone || stderr != "" {
		t.Errorf("-q: exit code %d\n%s", code, stderr)
	}
}

// TestExpectNoDebug: values of IR without debug information.
func TestExpectNoDebug(t *testing.T) {
	inDir(t)
	mustQuasi(t, "analyze", "-e", "power", "--static", "n=3", "--static", "x=2", "--expect", "r=static", "--expect", "%n=static", "power.ll")
	code, _, stderr := quasi("analyze", "-e", "power", "--static", "n=3", "--expect", "%r=static", "power.ll")
	if code != exitInput || !strings.Contains(stderr, "--static x=VALUE") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

package spec

import (
	"fmt"
	"strings"
	"testing"

	"quasi/ir"
	"quasi/ir/irtest"
)

// describe writes what Resolve made of a specification.
func describe(r *Resolved) string {
	var b strings.Builder
	for _, v := range r.Variants {
		fmt.Fprintf(&b, "%s: %s", v.Name, v.Fn.Name())
		for _, s := range v.Static {
			fmt.Fprintf(&b, " param%d=%s", s.Param, s.Value)
		}
		if v.Plug != "" {
			fmt.Fprintf(&b, " plug %s", v.Plug)
		}
		b.WriteByte('\n')
		for i, p := range v.preds() {
			kind := "always"
			if i >= len(v.Always) {
				kind = "when"
			}
			fmt.Fprintf(&b, "  %s %s\n    %s params %v\n", kind, p.Text, p.Expr, p.Params)
			for _, t := range p.Terms {
				fmt.Fprintf(&b, "    term %s: %d bytes of %s at %s", t.Text, t.Size, t.Type, t.Addr)
				if t.Record != nil {
					fmt.Fprintf(&b, ", %s.%s%+d", t.Record, t.Field, t.Off)
				}
				if t.BitSize > 0 {
					fmt.Fprintf(&b, ", bits %d:%d", t.BitOff, t.BitSize)
				}
				if t.Global != nil {
					fmt.Fprintf(&b, ", in %s", t.Global.Ident())
				}
				b.WriteByte('\n')
			}
		}
		f := NewFacts(v)
		for _, t := range f.Terms() {
			fmt.Fprintf(&b, "  cell %s%+d %d: %s\n", f.String(t.Base), t.Off, t.Size, f.String(t.Value))
		}
	}
	return b.String()
}

func resolve(t *testing.T, p *ir.Program, text string) *Resolved {
	t.Helper()
	f, err := Parse("kill.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Resolve(p, f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestResolve(t *testing.T) {
	p := irtest.Load(t, "testdata/kill.ll")
	golden(t, "testdata/resolve.golden", describe(resolve(t, p, `
specialize:
  - function: kill_proc
    as: usr1
    static: { sig: 10, priv: false, level: 'a', why: "exit\n", from: null, handler: on_signal, state: SLEEPING, pid: ? }
    always: [ current != 0 ]
    when:
      - current->last_sig_to->pid == pid
      - current->cred->euid == current->last_sig_to->cred->euid  # same user
    plug: counting
  - function: kill_proc
    static: { why: &counter, sig: 0x1F, state: -1, pid: (1 << 4) | 3 }
    when:
      - !priv && limit <= 50
      - *&limit > 3
      - &current->last_sig_to->pid != &limit
      - current->mode == 3 && current->prio < 0
      - |
        table[1] == counter &&
        calls > 2
      - from->name[2] == 'q' || from->low == -1
      - from->cred->root
      - triple.b == 9
      - ((struct cred *)from->data)->uid == 0
      - (handler == on_signal) || !handler
  - function: kill_proc
  - function: on_signal
    when: "#0 == 3"
`)))
}

// TestResolvePlain uses what there is without debug information.
func TestResolvePlain(t *testing.T) {
	p := irtest.Load(t, "testdata/kill_plain.ll")
	golden(t, "testdata/resolve_plain.golden", describe(resolve(t, p, `
specialize:
  - function: kill_proc
    static: { "#1": 10, $2: 1, "#4": "text" }
    when:
      - current->[0] == $0
      - current->[1]->[1] == $5->[1]->[1]
      - limit == 3
      - table[2] > counter
`)))
	for text, want := range map[string]string{
		"current->pid == 3": "struct task has no member 'pid'",
		"pid == 3":          "without debug information parameters are #0 to #10",
	} {
		f, err := FromFlags("kill_proc", nil, []string{text})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = Resolve(p, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestFlags(t *testing.T) {
	p := irtest.Load(t, "testdata/kill.ll")
	f, err := FromFlags("kill_proc", []string{"sig=10", `why="a\tb"`, "handler=on_signal", "level='x'", "pid=?"}, []string{"limit == 3"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Resolve(p, f)
	if err != nil {
		t.Fatal(err)
	}
	want := "kill_proc.v1: kill_proc param1=10 param3=120 param4=\"a\\tb\" param6=on_signal\n"
	if got := describe(r); !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, c := range []struct{ fn, static, when, want string }{
		{"", "", "", "--entry: error: no function is named"},
		{"f", "x", "", "--static:1:1: error: expected NAME=VALUE\nx\n^\nhint: for example --static sig=10"},
		{"f", "", "x ==", "--when:1:5: error: expected an expression before the end\nx ==\n    ^"},
		{"kill_proc", "sig=11x", "", "--static:1:5: error: 11x is not an integer constant\nsig=11x\n    ^~~"},
		{"kill_proc", "", "pdi == 3", "--when:1:1: error: there is no parameter, variable or constant 'pdi'; did you mean 'pid'?\npdi == 3\n^~~"},
	} {
		var static, when []string
		if c.static != "" {
			static = []string{c.static}
		}
		if c.when != "" {
			when = []string{c.when}
		}
		f, err := FromFlags(c.fn, static, when)
		if err == nil {
			_, err = Resolve(p, f)
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

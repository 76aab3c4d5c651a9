package main

// This file measures the kill path of Linux 2.0 (testdata/signal): as it was,
// with a cache of the last target, and specialized for one signal.

import (
	"fmt"
	"strings"
)

// signalVariants are the specializations of kill_proc, with what the paper of
// 1997 measured for them: microseconds of the standard and specialized call.
var signalVariants = []struct {
	sig     int
	name    string
	variant string
	spec    string
	crowd   [2]float64 // 62 processes
	alone   [2]float64 // single user; none for signal 0
}{
	{10, "SIGUSR1", "kill_proc_usr1", "kill_usr1.yaml", [2]float64{44.1, 15.3}, [2]float64{16.7, 13.8}},
	{0, "signal 0", "kill_proc_0", "kill_0.yaml", [2]float64{29.5, 2.0}, [2]float64{}},
}

// paperLines are the source lines of the kill path before and after.
var paperLines = [2]int{90, 40}

// signalBuilds are the columns: names that bench.c prints, and their heads.
var signalBuilds = []struct{ name, head string }{
	{"null", "null call"},
	{"standard", "standard"},
	{"generic", "generic"},
	{"constant", "clang const"},
	{"specialized", "specialized"},
}

// signal does the subject: build, check, measure, print.
func (b *bench) signal() error {
	b.bar.enter("compiling")
	if err := b.signalObjects(); err != nil {
		return err
	}
	b.bar.enter("specializing")
	if err := b.signalSpecialize(); err != nil {
		return err
	}
	b.bar.enter("checking")
	checked, err := b.signalCheck()
	if err != nil {
		return err
	}
	sizes, err := b.signalSizes()
	if err != nil {
		return err
	}
	times, err := b.measure(append(signalObjectNames(), "bench.o"), 3)
	if err != nil {
		return err
	}
	b.bar.Close()
	fmt.Fprint(b.stdout, b.signalReport(times, sizes, checked))
	return nil
}

// signalObjectNames are the objects of the builds, and of what they share.
func signalObjectNames() []string {
	return []string{"null.o", "standard.o", "generic.o", "constant.o", "specialized.o", "table.o"}
}

// renamed are flags that give the functions of signal.c a prefix, so that its
// builds can stand in one program.
func renamed(prefix string) []string {
	var flags []string
	for _, f := range []string{"sys_kill", "kill_proc", "kill_pg", "send_sig"} {
		flags = append(flags, fmt.Sprintf("-D%s=%s_%s", f, prefix, f))
	}
	return flags
}

// signalObjects compiles everything but the specialized build.
func (b *bench) signalObjects() error {
	for _, o := range []struct {
		dst, src string
		flags    []string
	}{
		{"standard.o", "signal.c", append(renamed("standard"), "-DSIGNAL_CACHE=0")},
		{"generic.o", "signal.c", renamed("generic")},
		{"constant.o", "constant.c", renamed("visible")},
		{"null.o", "null.c", nil},
		{"table.o", "table.c", nil},
		{"bench.o", "bench.c", nil},
		{"check.o", "check.c", nil},
	} {
		if err := b.object(o.dst, b.source(o.src), o.flags...); err != nil {
			return err
		}
	}
	return nil
}

// signalSpecialize makes the object with both variants, and their residual
// functions as IR to be looked at.
func (b *bench) signalSpecialize() error {
	args := []string{"specialize", "-q"}
	for _, v := range signalVariants {
		args = append(args, "--spec", b.source(v.spec))
	}
	object := append(append([]string(nil), args...), "-o", b.made("specialized.o"), b.source("signal.c"))
	if _, err := b.quasi(object...); err != nil {
		return err
	}
	residual := append(append([]string(nil), args...), "--residual", "-o", b.made("residual.ll"), b.source("signal.c"), "--", "-g")
	_, err := b.quasi(residual...)
	return err
}

// signalCheck compares the builds, once a variant.
func (b *bench) signalCheck() ([]map[string]int, error) {
	program := b.made("check")
	if err := b.link(program, b.paths(append(signalObjectNames(), "check.o"))...); err != nil {
		return nil, err
	}
	var all []map[string]int
	for _, v := range signalVariants {
		n, err := b.check(program, fmt.Sprint(v.sig))
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// signalSizes measures kill_proc and what it calls: before optimization, as
// -O2 leaves it, and the residual functions in the order of signalVariants.
func (b *bench) signalSizes() ([]codeSize, error) {
	if err := b.tc.compile(b.ctx, b.ws, b.source("signal.c"), b.made("generic.ll"), nil); err != nil {
		return nil, err
	}
	if err := b.tc.finish(b.ctx, b.made("generic-O2.ll"), b.made("generic.ll"), []string{"-O2", "-g"}); err != nil {
		return nil, err
	}
	var sizes []codeSize
	for _, module := range []string{"generic.ll", "generic-O2.ll", "residual.ll"} {
		p, err := b.loadModule(module)
		if err != nil {
			return nil, err
		}
		roots := []string{"kill_proc"}
		if module == "residual.ll" {
			roots = nil
			for _, v := range signalVariants {
				roots = append(roots, v.variant)
			}
		}
		for _, root := range roots {
			size, err := sizeOf(p, root)
			if err != nil {
				return nil, err
			}
			sizes = append(sizes, size)
		}
	}
	return sizes, nil
}

// signalReport is what the command prints.
func (b *bench) signalReport(times *samples, sizes []codeSize, checked []map[string]int) string {
	var out strings.Builder
	fmt.Fprintf(&out, `The kill path of Linux 2.0 (testdata/signal), kill_proc specialized for the signal and a cached target.
All builds by clang-14 -O3, called through sys_kill; medians of %d layouts, interleaved rounds.

  null call    returns at once: the limit
  standard     walks the process table, as Linux did
  generic      with the cache added by hand; what quasi is given
  clang const  generic, the signal a constant that clang sees, the cache tested
  specialized  the program quasi makes: entry guards, variants, generic code behind them

`, len(times.layouts))
	out.WriteString(signalTimes(times))
	out.WriteString("\n")
	rows := [][]string{{"code", "source lines", "IR instructions"}}
	names := []string{"generic kill_proc and what it calls", "  the same after -O2"}
	for _, v := range signalVariants {
		names = append(names, "residual "+v.variant+" after -O2")
	}
	for i, s := range sizes {
		lines := "-"
		if s.lines > 0 {
			lines = fmt.Sprint(s.lines)
		}
		rows = append(rows, []string{names[i], lines, fmt.Sprint(s.insts)})
	}
	rows = append(rows, []string{"paper", fmt.Sprintf("%d → %d", paperLines[0], paperLines[1]), ""})
	out.WriteString(table(rows))

	out.WriteString("\nChecked against generic and standard code, result and whole process table:\n")
	for i, n := range checked {
		fmt.Fprintf(&out, "  %s: %d cases, %d of them with all quasi-invariants true and %d with exactly one false; %d differences\n",
			signalVariants[i].name, n["cases"], n["hold"],
			n["violated last_sig"]+n["violated last_sig_to"]+n["violated euid"], n["differences"])
	}
	fmt.Fprintf(&out, "\nWhat was made is in %s.\n", shown(b.dir))
	return out.String()
}

// signalTimes is the table of times: two lines a row of the paper.
func signalTimes(times *samples) string {
	head := []string{"a call"}
	for _, c := range signalBuilds {
		head = append(head, c.head)
	}
	rows := [][]string{append(head, "std/spec", "gen/spec", "paper, µs")}
	noise := 0.0
	for _, v := range signalVariants {
		for _, procs := range []int{62, 1} {
			key := fmt.Sprintf("%d %d ", v.sig, procs)
			paper, name := v.crowd, fmt.Sprintf("%s, %d processes", v.name, procs)
			if procs == 1 {
				paper, name = v.alone, v.name+", alone"
			}
			cycles, ns := []string{name + ", cycles"}, []string{strings.Repeat(" ", len(name)) + "  ns"}
			for _, c := range signalBuilds {
				cycles = append(cycles, fmt.Sprintf("%.1f", times.median(key+c.name, 0)))
				ns = append(ns, fmt.Sprintf("%.2f", times.median(key+c.name, 1)))
			}
			for _, c := range []string{"standard", "generic"} {
				cycles = append(cycles, fmt.Sprintf("%.2f", times.ratio(key+c, key+"specialized", 0)))
				ns = append(ns, "")
				noise = max(noise, times.spread(key+c, key+"specialized", 0))
			}
			if paper[1] > 0 {
				cycles = append(cycles, fmt.Sprintf("%.1f → %4.1f", paper[0], paper[1]))
				ns = append(ns, fmt.Sprintf("%.2f times", paper[0]/paper[1]))
			} else {
				cycles, ns = append(cycles, "not given"), append(ns, "")
			}
			rows = append(rows, cycles, ns)
		}
	}
	return table(rows) + fmt.Sprintf("  A layout's ratio is within %.0f %% of the median. Cycles are those of the time-stamp counter.\n", noise)
}

package main

// This file measures libpcap's packet filter (testdata/bpf): the interpreter
// of Debian's source package, specialized for programs that libpcap compiles.

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"

	"quasi/ir"
)

// bpfBuilds are the columns: names that bench.c prints, and their heads.
var bpfBuilds = []struct{ name, head string }{
	{"null", "null call"},
	{"interpreter", "interpreter"},
	{"constant", "clang LTO"},
	{"specialized", "residual"},
	{"handwritten", "hand-written"},
}

// bpfKinds are the packets that each filter is measured on.
var bpfKinds = []struct{ name, note string }{
	{"accepted", "one packet, accepted"},
	{"rejected", "one packet, rejected"},
	{"mix", "a mix"},
}

// bpfPackets is how many packets the check generates.
const bpfPackets = 1_000_000

// bpfAim is the most that residual code may cost, against hand-written code.
const bpfAim = 1.10

// bpf does the subject: fetch, generate, build, specialize, check, measure, print.
func (b *bench) bpf() error {
	b.bar.enter("fetching libpcap")
	cache := filepath.Join(filepath.Dir(filepath.Dir(b.src)), ".cache", "bpf")
	if _, err := b.output(b.source("fetch.sh"), cache); err != nil {
		return err
	}
	pcap := filepath.Join(cache, "libpcap")
	b.bar.enter("compiling")
	filters, err := b.bpfGenerate()
	if err != nil {
		return err
	}
	if err := b.bpfObjects(pcap, len(filters)); err != nil {
		return err
	}
	b.bar.enter("specializing")
	if err := b.bpfSpecialize(pcap); err != nil {
		return err
	}
	b.bar.enter("checking")
	sizes, err := b.bpfSizes(len(filters))
	if err != nil {
		return err
	}
	objects := []string{"interpreter.o", "bpf_filter.o", "constant.o", "specialized.o", "handwritten.o", "packets.o"}
	program := b.made("check")
	if err := b.link(program, b.paths(append(objects, "check.o"))...); err != nil {
		return err
	}
	checked, err := b.check(program, fmt.Sprint(bpfPackets))
	if err != nil {
		return err
	}
	times, err := b.measure(append(objects, "null.o", "bench.o"), 3)
	if err != nil {
		return err
	}
	b.bar.Close()
	fmt.Fprint(b.stdout, bpfReport(filters, times, sizes, checked))
	fmt.Fprintf(b.stdout, "What was made is in %s.\n", shown(b.dir))
	return nil
}

// A bpfFilter is one filter as gen.c prints it.
type bpfFilter struct {
	text   string
	length int // instructions of its program
}

// bpfGenerate has libpcap compile the filters into filters.c.
func (b *bench) bpfGenerate() ([]bpfFilter, error) {
	gen := b.made("gen")
	if err := b.tc.run(b.ctx, "clang", append(optimized[:len(optimized):len(optimized)], b.source("gen.c"), "-lpcap", "-o", gen)...); err != nil {
		return nil, err
	}
	text, err := b.output(gen)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(b.made("filters.c"), text, 0o644); err != nil {
		return nil, err
	}
	var filters []bpfFilter
	for _, line := range strings.Split(string(text), "\n") {
		if comment, ok := strings.CutPrefix(line, "/* "); ok {
			filters = append(filters, bpfFilter{text: strings.TrimSuffix(comment, " */")})
		} else if strings.HasPrefix(line, "    {") && len(filters) > 0 {
			filters[len(filters)-1].length++
		}
	}
	if len(filters) == 0 {
		return nil, errors.New("gen printed no filter")
	}
	return filters, nil
}

// bpfNames are the names of n filters in one build, after prefix.
func bpfNames(prefix string, n int) []string {
	var names []string
	for i := 1; i <= n; i++ {
		names = append(names, fmt.Sprintf("%s_%d", prefix, i))
	}
	return names
}

// bpfRenamed are flags that give the filters of filters.c another prefix.
func bpfRenamed(prefix string, n int) []string {
	var flags []string
	for i, name := range bpfNames(prefix, n) {
		flags = append(flags, fmt.Sprintf("-Dfilter_%d=%s", i+1, name))
	}
	return flags
}

// bpfInclude are the flags that libpcap's own code and filters.c need. The
// interpreter needs no configuration header.
func (b *bench) bpfInclude(pcap string) []string {
	return []string{"-I" + pcap, "-I" + b.src}
}

// bpfObjects compiles everything but the specialized build.
func (b *bench) bpfObjects(pcap string, n int) error {
	include := b.bpfInclude(pcap)
	interpreter := filepath.Join(pcap, "bpf_filter.c")
	with := func(flags []string, more ...string) []string {
		return append(append([]string(nil), flags...), more...)
	}
	for _, o := range []struct {
		dst, src string
		flags    []string
	}{
		{"bpf_filter.o", interpreter, include},
		{"interpreter.o", b.made("filters.c"), with(include, bpfRenamed("interpreter", n)...)},
		{"bpf_filter.bc", interpreter, with(include, "-flto")},
		{"constant.bc", b.made("filters.c"), with(include, append(bpfRenamed("constant", n), "-flto")...)},
		{"handwritten.o", b.source("handwritten.c"), nil},
		{"packets.o", b.source("packets.c"), nil},
		{"null.o", b.source("null.c"), nil},
		{"bench.o", b.source("bench.c"), nil},
		{"check.o", b.source("check.c"), nil},
	} {
		if err := b.object(o.dst, o.src, o.flags...); err != nil {
			return err
		}
	}
	// What clang -O3 -flto makes of interpreter and filters, as one object.
	return b.lto("constant.o", bpfNames("constant", n), "bpf_filter.bc", "constant.bc")
}

// bpfSpecialize makes the specialized object, with names that do not clash
// with the interpreter's, and the residual functions as IR: as the specializer
// leaves them, and after -O2.
func (b *bench) bpfSpecialize(pcap string) error {
	include := append([]string{"--"}, b.bpfInclude(pcap)...)
	// The specialized program brings its own copy of the interpreter.
	for _, f := range []string{"pcap_filter_with_aux_data", "pcap_filter", "pcap_validate_filter", "bpf_filter", "bpf_validate"} {
		include = append(include, fmt.Sprintf("-D%s=generic_%s", f, f))
	}
	base := []string{"specialize", "-q", "--spec", b.source("filters.yaml"), filepath.Join(pcap, "bpf_filter.c"), b.made("filters.c")}
	for _, flags := range [][]string{
		{"-o", b.made("specialized.o")},
		{"-o", b.made("residual.ll"), "--residual"},
		{"-o", b.made("residual-O0.ll"), "--residual", "--no-opt"},
	} {
		if _, err := b.quasi(slices.Concat(base, flags, include)...); err != nil {
			return err
		}
	}
	return nil
}

// A bpfSize is what one filter came to.
type bpfSize struct {
	residual    codeSize // after -O2
	handwritten codeSize
}

// bpfSizes checks that no residual filter interprets anything, and measures
// residual and hand-written filters.
func (b *bench) bpfSizes(n int) ([]bpfSize, error) {
	if err := b.tc.run(b.ctx, "clang", "-O2", "-std=gnu11", "-S", "-emit-llvm", "-o", b.made("handwritten.ll"), b.source("handwritten.c")); err != nil {
		return nil, err
	}
	hand, err := b.loadModule("handwritten.ll")
	if err != nil {
		return nil, err
	}
	raw, err := b.loadModule("residual-O0.ll")
	if err != nil {
		return nil, err
	}
	residual, err := b.loadModule("residual.ll")
	if err != nil {
		return nil, err
	}
	errs := []error{noDispatch(raw, true), noDispatch(residual, false)}
	var sizes []bpfSize
	for i, name := range bpfNames("residual", n) {
		var s bpfSize
		var err1, err2 error
		s.residual, err1 = sizeOf(residual, name)
		s.handwritten, err2 = sizeOf(hand, bpfNames("handwritten", n)[i])
		sizes = append(sizes, s)
		errs = append(errs, err1, err2)
	}
	return sizes, errors.Join(errs...)
}

// noDispatch reports what of an interpreter is left in the residual functions
// of p: a reference to a global (the instructions of a filter are one) or a
// loop (a filter has none, an interpreter is one). As the specializer leaves
// it (raw), there is no switch; LLVM may make one over what is in a packet, as
// hand-written code has it, but then calls nothing but intrinsics.
func noDispatch(p *ir.Program, raw bool) error {
	var errs []error
	fault := func(pt ir.Point, what string) {
		errs = append(errs, &ir.Error{Pos: p.Position(pt), Err: fmt.Errorf("the residual filter has %s", what)})
	}
	defined := 0
	for _, f := range p.Funcs {
		if f.IsDecl() {
			continue
		}
		defined++
		for _, l := range f.Loops().Top {
			fault(l.Header.First, "a loop")
		}
		for pt := f.First; pt < f.End; pt++ {
			switch user := p.UserAt(pt).(type) {
			case *llir.TermSwitch:
				if raw {
					fault(pt, "a switch")
				}
			case *llir.InstCall:
				if f, ok := user.Callee.(*llir.Func); !raw && (!ok || !strings.HasPrefix(f.Name(), "llvm.")) {
					fault(pt, "a call of "+user.Callee.Ident())
				}
			}
		}
	}
	for _, g := range p.Module.Globals {
		// LLVM makes tables of the constants that a switch chooses from.
		if raw || !strings.HasPrefix(g.Name(), "switch.table") {
			errs = append(errs, fmt.Errorf("%s: the residual filters refer to %s", p.Source, g.Ident()))
		}
	}
	if defined == 0 {
		errs = append(errs, fmt.Errorf("%s: no residual filter", p.Source))
	}
	return errors.Join(errs...)
}

// bpfReport is what the command prints.
func bpfReport(filters []bpfFilter, times *samples, sizes []bpfSize, checked map[string]int) string {
	var out strings.Builder
	fmt.Fprintf(&out, `libpcap's packet filter (testdata/bpf), bpf_filter.c of libpcap 1.10.3, specialized for three programs.
Nanoseconds a packet, the call included; clang-14 -O3; medians of %d layouts, interleaved rounds.

  null call     looks at nothing: the limit
  interpreter   pcap_filter_with_aux_data in its own object, as libpcap is linked
  clang LTO     interpreter and program in one module, the program a constant
  residual      what quasi makes
  hand-written  the same filter in C (handwritten.c)

`, len(times.layouts))
	worst, noise := 0.0, 0.0
	for i, f := range filters {
		key := fmt.Sprintf("%d ", i+1)
		fmt.Fprintf(&out, "  %s\n", f.text)
		head := []string{fmt.Sprintf("  %d instructions", f.length)}
		for _, c := range bpfBuilds {
			head = append(head, c.head)
		}
		rows := [][]string{append(head, "int/res", "res/hand")}
		for _, k := range bpfKinds {
			row := []string{"  " + k.note}
			if k.name == "mix" {
				row[0] += fmt.Sprintf(", %.0f %% accepted", times.median(key+"mix share", 0))
			}
			for _, c := range bpfBuilds {
				row = append(row, fmt.Sprintf("%.2f", times.median(key+k.name+" "+c.name, 0)))
			}
			over, under := key+k.name+" specialized", key+k.name+" handwritten"
			aim := times.ratio(over, under, 0)
			worst, noise = max(worst, aim), max(noise, times.spread(over, under, 0))
			rows = append(rows, append(row,
				fmt.Sprintf("%.1f", times.ratio(key+k.name+" interpreter", key+k.name+" specialized", 0)),
				fmt.Sprintf("%.2f", aim)))
		}
		out.WriteString(table(rows))
		fmt.Fprintf(&out, "  IR instructions after -O2: residual %d, hand-written %d\n\n", sizes[i].residual.insts, sizes[i].handwritten.insts)
	}
	verdict := "reached"
	if worst > bpfAim {
		verdict = "not reached"
	}
	fmt.Fprintf(&out, "A layout's ratio is within %.0f %% of the median. The aim, residual at most %.2f of hand-written, is %s: at worst %.3f.\n\n",
		noise, bpfAim, verdict, worst)
	fmt.Fprintf(&out, "No residual filter has a loop, a reference to its program, or (before LLVM optimizes) a switch.\n")
	fmt.Fprintf(&out, "Checked against the interpreter: %d packets, whole, cut and malformed (", checked["packets"])
	for i := range filters {
		if i > 0 {
			out.WriteString(", ")
		}
		fmt.Fprintf(&out, "%d", checked[fmt.Sprintf("accepted %d", i+1)])
	}
	fmt.Fprintf(&out, " accepted); %d differences; no read outside a packet.\n", checked["differences"])
	return out.String()
}

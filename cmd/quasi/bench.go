package main

// This file holds the command bench: what its subjects share. A subject is a
// folder of testdata with C code, a specification, a checker that compares the
// builds, and a program that measures them side by side in one run.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"text/tabwriter"

	llir "github.com/llir/llvm/ir"
	"github.com/urfave/cli/v2"

	"quasi/ir"
)

func benchCommand() *cli.Command {
	flags := func() []cli.Flag {
		return []cli.Flag{
			&cli.StringFlag{Name: "testdata", Usage: "the `DIR` with the subjects", DefaultText: "testdata of the nearest folder above that has one", Category: whatFlags},
			boolFlag("quiet", "q", "no progress, no remarks"),
			boolFlag("verbose", "v", "print the programs that are run"),
		}
	}
	return &cli.Command{
		Name:  "bench",
		Usage: "specialize a subject, check it and measure what was gained",
		UsageText: `quasi bench signal   the kill path of Linux 2.0, for one signal and a cached target
   quasi bench bpf      libpcap's packet filter, for three filters
   quasi bench guards   guarded writes against unguarded ones
   quasi bench runtime  calls of slots, replacements, guards, MemGuard
   quasi bench NAME     a subject that testdata/NAME/subject.yaml describes`,
		Description: "Every build of a subject is compared with its generic code on generated cases first; any\n" +
			"difference is exit code 1. Times are medians of interleaved rounds, taken in several layouts of\n" +
			"the program. What was made stays in .cache/bench beside testdata.",
		Flags: flags(),
		Subcommands: []*cli.Command{
			{
				Name:  "signal",
				Usage: "the kill path of Linux 2.0", UsageText: "quasi bench signal",
				Flags: flags(), OnUsageError: onUsageError, Action: benchAction("signal", (*bench).signal),
			},
			{
				Name:  "bpf",
				Usage: "libpcap's packet filter (fetches Debian's source package)", UsageText: "quasi bench bpf",
				Flags: flags(), OnUsageError: onUsageError, Action: benchAction("bpf", (*bench).bpf),
			},
			{
				Name:  "guards",
				Usage: "guarded writes against unguarded ones", UsageText: "quasi bench guards",
				Flags: flags(), OnUsageError: onUsageError, Action: benchAction("guards", (*bench).guards),
			},
			{
				Name:  "runtime",
				Usage: "what the parts of the run-time cost", UsageText: "quasi bench runtime",
				Flags: flags(), OnUsageError: onUsageError, Action: benchAction("runtime", (*bench).runtime),
			},
		},
		OnUsageError: onUsageError,
		Action: func(c *cli.Context) error {
			name := c.Args().First()
			if name == "" {
				return usagef(c, "which subject? signal, bpf, or a folder of testdata with a subject.yaml")
			}
			if _, err := findTestdata(c.String("testdata"), name); err != nil || c.Args().Len() > 1 {
				return usagef(c, "there is no subject %q (signal, bpf, or a folder of testdata with a subject.yaml)", strings.Join(c.Args().Slice(), " "))
			}
			return benchAction(name, (*bench).subject)(c)
		},
	}
}

// A bench is one subject at work.
type bench struct {
	*session
	ctx context.Context
	src string // the subject's folder in testdata
	dir string // where everything made goes

	replug *samples // of bench runtime, once they are taken
}

// benchAction makes the folders of a subject and runs it.
func benchAction(subject string, f func(*bench) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		if c.Args().Present() && c.Args().First() != subject {
			return usagef(c, "bench %s takes no arguments", subject)
		}
		data, err := findTestdata(c.String("testdata"), subject)
		if err != nil {
			return err
		}
		s, err := newSession(c, &request{quiet: c.Bool("quiet"), verbose: c.Bool("verbose"), clang: &clangFlags{}})
		if err != nil {
			return err
		}
		defer s.Close()
		b := &bench{session: s, ctx: c.Context, src: filepath.Join(data, subject)}
		b.dir = filepath.Join(filepath.Dir(data), ".cache", "bench", subject)
		if err := os.MkdirAll(b.dir, 0o755); err != nil {
			return cannotWrite(b.dir, cause(err))
		}
		return f(b)
	}
}

// findTestdata returns the folder that holds the subject: dir if it is given,
// else testdata of the nearest folder upwards that has the subject.
func findTestdata(dir, subject string) (string, error) {
	if dir != "" {
		dir, err := filepath.Abs(dir)
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(filepath.Join(dir, subject)); err != nil {
			return "", fmt.Errorf("%s: %w", filepath.Join(dir, subject), cause(err))
		}
		return dir, nil
	}
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		data := filepath.Join(at, "testdata")
		if info, err := os.Stat(filepath.Join(data, subject)); err == nil && info.IsDir() {
			return data, nil
		}
		up := filepath.Dir(at)
		if up == at {
			return "", fmt.Errorf("no testdata/%s here or above; run it in quasi's source tree or give --testdata DIR", subject)
		}
		at = up
	}
}

// source is a file of the subject, made a file of what was made.
func (b *bench) source(name string) string { return filepath.Join(b.src, name) }
func (b *bench) made(name string) string   { return filepath.Join(b.dir, name) }

// shown is how a path is named to people: from the folder they are in.
func shown(path string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, path); err == nil {
			return rel
		}
	}
	return path
}

// optimized are the flags of every build that is measured.
var optimized = []string{"-O3", "-std=gnu11", "-Wall", "-Wextra"}

// object compiles one C file the way every build is compiled.
func (b *bench) object(dst, src string, flags ...string) error {
	args := append(append([]string(nil), optimized...), flags...)
	return b.tc.run(b.ctx, "clang", append(args, "-c", src, "-o", b.made(dst))...)
}

// quasi runs another command of this program and returns what it prints.
func (b *bench) quasi(args ...string) ([]byte, error) {
	if b.verbose {
		fmt.Fprintf(b.bar, "+ quasi %s\n", strings.Join(args, " "))
	}
	var said bytes.Buffer
	code := run(b.ctx, append([]string{"quasi"}, args...), &said, b.bar)
	if code != exitDone {
		return nil, fmt.Errorf("quasi %s failed with exit code %d", args[0], code)
	}
	return said.Bytes(), nil
}

// lto makes an object of modules as clang's link-time optimization does: all but
// the public names are hidden. What is between, is made, too.
func (b *bench) lto(object string, public []string, modules ...string) error {
	joined, optimized := b.made("joined.bc"), b.made("optimized.bc")
	if err := b.tc.run(b.ctx, "llvm-link", append([]string{"-o", joined}, b.paths(modules)...)...); err != nil {
		return err
	}
	err := b.tc.run(b.ctx, "opt", "-passes=internalize,globaldce,lto<O3>",
		"-internalize-public-api-list="+strings.Join(public, ","), "-o", optimized, joined)
	if err != nil {
		return err
	}
	return b.tc.finish(b.ctx, b.made(object), optimized, []string{"-O3"})
}

// output runs a program that was made here and returns what it prints. Its
// messages and a failure are one error.
func (b *bench) output(program string, args ...string) ([]byte, error) {
	if b.verbose {
		fmt.Fprintf(b.bar, "+ %s %s\n", filepath.Base(program), strings.Join(args, " "))
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(b.ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	b.bar.Write(stderr.Bytes())
	if err != nil {
		if b.ctx.Err() != nil {
			err = b.ctx.Err()
		}
		return stdout.Bytes(), fmt.Errorf("%s: %w", filepath.Base(program), err)
	}
	return stdout.Bytes(), nil
}

// paddings are the layouts that a subject is measured in: bytes of code put
// before everything else. Code placement alone moves small loops by a third.
var paddings = []int{0, 16, 32, 48}

// measure links the objects once a padding, runs each program, and returns the
// numbers of the lines it prints: fields beyond the first keys are values.
func (b *bench) measure(objects []string, keys int, link ...string) (*samples, error) {
	return b.measureIn(paddings, objects, keys, link...)
}

// measureIn is measure in some layouts.
func (b *bench) measureIn(paddings []int, objects []string, keys int, link ...string) (*samples, error) {
	all := newSamples(keys)
	for _, n := range paddings {
		pad := b.made(fmt.Sprintf("pad%d.s", n))
		code := fmt.Sprintf("\t.text\n\t.skip %d, 0x90\n\t.section .note.GNU-stack,\"\",@progbits\n", n)
		if err := os.WriteFile(pad, []byte(code), 0o644); err != nil {
			return nil, err
		}
		program := b.made(fmt.Sprintf("bench%d", n))
		if err := b.link(program, slices.Concat([]string{pad}, b.paths(objects), link)...); err != nil {
			return nil, err
		}
		b.bar.enter(fmt.Sprintf("measuring, layout %d of %d", len(all.layouts)+1, len(paddings)))
		out, err := b.output(program)
		if err != nil {
			return nil, err
		}
		if err := all.add(out); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(program), err)
		}
	}
	return all, nil
}

func (b *bench) link(program string, args ...string) error {
	return b.tc.link(b.ctx, program, args)
}

// paths are the names of files in the folder of what was made.
func (b *bench) paths(names []string) []string {
	var paths []string
	for _, n := range names {
		paths = append(paths, b.made(n))
	}
	return paths
}

// samples are the lines of several runs: key fields to values, a run each.
type samples struct {
	keys    int
	layouts []map[string][]float64
}

func newSamples(keys int) *samples { return &samples{keys: keys} }

// add reads the lines of one run.
func (s *samples) add(text []byte) error {
	run := map[string][]float64{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Fields(line)
		if len(f) <= s.keys {
			return fmt.Errorf("unexpected line %q", line)
		}
		var values []float64
		for _, text := range f[s.keys:] {
			v, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return fmt.Errorf("unexpected line %q", line)
			}
			values = append(values, v)
		}
		run[strings.Join(f[:s.keys], " ")] = values
	}
	s.layouts = append(s.layouts, run)
	return nil
}

// median is the median over the layouts of one value of a line.
func (s *samples) median(key string, value int) float64 {
	return median(s.each(func(run map[string][]float64) float64 { return pick(run[key], value) }))
}

// ratio is the median over the layouts of a ratio between two lines, each
// taken within one run.
func (s *samples) ratio(over, under string, value int) float64 {
	return median(s.each(func(run map[string][]float64) float64 {
		return pick(run[over], value) / pick(run[under], value)
	}))
}

// spread is the largest distance of a layout's ratio from the median of the
// ratios, in percent of it.
func (s *samples) spread(over, under string, value int) float64 {
	worst := 0.0
	m := s.ratio(over, under, value)
	for _, run := range s.layouts {
		worst = max(worst, 100*math.Abs(pick(run[over], value)/pick(run[under], value)/m-1))
	}
	return worst
}

func (s *samples) each(f func(map[string][]float64) float64) []float64 {
	var all []float64
	for _, run := range s.layouts {
		all = append(all, f(run))
	}
	return all
}

func pick(values []float64, i int) float64 {
	if i < len(values) {
		return values[i]
	}
	return 0
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = append([]float64(nil), v...)
	sort.Float64s(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

// counts reads lines "WORD... N", as the checkers print.
func counts(text []byte) map[string]int {
	m := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if at := strings.LastIndexByte(line, ' '); at > 0 {
			if n, err := strconv.Atoi(line[at+1:]); err == nil {
				m[line[:at]] = n
			}
		}
	}
	return m
}

// check runs a checker and returns its counts. A checker that fails or counts
// a difference is an error, which says what it found.
func (b *bench) check(program string, args ...string) (map[string]int, error) {
	out, err := b.output(program, args...)
	n := counts(out)
	if n["differences"] > 0 {
		return nil, fmt.Errorf("%s %s: %d differences", filepath.Base(program), strings.Join(args, " "), n["differences"])
	}
	if err == nil && n["cases"]+n["packets"] == 0 {
		err = errors.New("the checker compared nothing")
	}
	return n, err
}

// loadModule reads IR that was made here.
func (b *bench) loadModule(name string) (*ir.Program, error) {
	text, err := os.ReadFile(b.made(name))
	if err != nil {
		return nil, err
	}
	return ir.Load(name, text)
}

// A codeSize is the size of a function and of all it calls in its module.
type codeSize struct {
	insts int
	lines int // source lines that an instruction belongs to; 0 without debug info
}

// sizeOf measures the function called root and what it reaches.
func sizeOf(p *ir.Program, root string) (codeSize, error) {
	f := p.FuncByName(root)
	if f == nil || f.IsDecl() {
		return codeSize{}, fmt.Errorf("%s: no function @%s", p.Source, root)
	}
	type line struct {
		file string
		line int
	}
	lines := map[line]bool{}
	var size codeSize
	seen := map[*ir.Func]bool{f: true}
	for pending := []*ir.Func{f}; len(pending) > 0; {
		f, pending = pending[0], pending[1:]
		for pt := f.First; pt < f.End; pt++ {
			inst := p.InstAt(pt)
			if inst != nil && ir.IsDebug(inst) {
				continue
			}
			size.insts++
			if pos := p.Position(pt); pos.Line > 0 {
				lines[line{pos.File, pos.Line}] = true
			}
			if callee := calleeOf(p, inst); callee != nil && !callee.IsDecl() && !seen[callee] {
				seen[callee] = true
				pending = append(pending, callee)
			}
		}
	}
	size.lines = len(lines)
	return size, nil
}

// calleeOf is the function that a direct call names, nil for anything else.
func calleeOf(p *ir.Program, inst llir.Instruction) *ir.Func {
	call, ok := inst.(*llir.InstCall)
	if !ok {
		return nil
	}
	if lf, ok := call.Callee.(*llir.Func); ok {
		return p.FuncOf(lf)
	}
	return nil
}

// table prints rows in columns, the first to the left, the others to the right.
func table(rows [][]string) string {
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	first := 0
	for _, r := range rows {
		first = max(first, len([]rune(r[0])))
	}
	for _, r := range rows {
		pad := strings.Repeat(" ", first-len([]rune(r[0])))
		fmt.Fprintln(w, strings.Join(append([]string{r[0] + pad}, r[1:]...), "\t")+"\t")
	}
	w.Flush()
	lines := strings.Split(out.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

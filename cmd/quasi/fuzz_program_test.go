package main

// This file makes the programs of the campaign: what csmith writes for a seed,
// changed in some shapes, what clang's builds of it do, its IR as the
// specializer gets it, and a record of the calls of its functions. Nothing of
// that depends on the specializer, so it is kept between campaigns.

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"quasi/ir"
)

// Limits of one program of the compiler and of one run of what it makes.
const (
	fuzzRunLimit   = 1 * time.Second
	fuzzToolLimit  = 120 * time.Second
	fuzzLeastIR    = 20_000 // bytes; csmith also writes programs that do nothing
	fuzzRecordForm = 1      // of what is kept; changes with fuzzProgram and with what fills it
)

// csmithInclude is where Debian's libcsmith-dev puts the headers.
const csmithInclude = "/usr/include/csmith"

// A fuzzShape is one kind of program; a seed takes one of them.
type fuzzShape struct {
	name   string
	flags  []string                 // for csmith
	define []string                 // for the preprocessor
	change func(text string) string // of csmith's text; nil for none
}

// fuzzShapes vary what programs consist of. They are small: what a program
// costs grows with its size, what it finds does not.
var fuzzShapes = []fuzzShape{
	{"plain", []string{"--max-funcs", "3", "--max-block-depth", "3", "--max-expr-complexity", "6"}, nil, nil},
	{"inline", []string{"--max-funcs", "5", "--max-block-depth", "3", "--max-block-size", "3", "--inline-function"}, nil, nil},
	{"long", []string{"--max-funcs", "2", "--max-block-size", "6", "--max-block-depth", "2", "--max-expr-complexity", "5"}, nil, nil},
	{"float", []string{"--max-funcs", "4", "--max-block-depth", "3", "--max-expr-complexity", "6", "--float", "--no-volatiles"}, nil, nil},
	{"arrays", []string{"--max-funcs", "4", "--max-block-depth", "3", "--max-array-dim", "2", "--max-array-len-per-dim", "5", "--max-struct-fields", "5"}, nil, nil},
	{"many", []string{"--max-funcs", "7", "--max-block-size", "3", "--max-block-depth", "2", "--max-expr-complexity", "4", "--builtins"}, nil, nil},
	{"wide", []string{"--max-funcs", "3", "--max-block-depth", "3", "--max-expr-complexity", "6", "--no-unions"}, []string{"-DFUZZ_WIDE"}, widen},
	{"pointers", []string{"--max-funcs", "5", "--max-block-depth", "3", "--max-block-size", "3", "--max-expr-complexity", "6", "--no-bitfields"}, nil, callByPointer},
	{"again", []string{"--max-funcs", "4", "--max-block-depth", "3", "--max-expr-complexity", "6", "--no-volatiles"}, nil, callAgain},
	{"records", []string{"--max-funcs", "4", "--max-block-depth", "3", "--max-block-size", "3", "--max-struct-fields", "6", "--max-union-fields", "4", "--no-arrays"}, nil, nil},
	{"inside", []string{"--max-funcs", "3", "--max-block-depth", "3", "--max-expr-complexity", "5"}, []string{"-DFUZZ_CHECKSUM_INSIDE"}, nil},
	{"full", []string{"--max-funcs", "4"}, nil, nil},
}

var (
	wideTypes = regexp.MustCompile(`\bu?int64_t\b`)
	wideMath  = regexp.MustCompile(`\bsafe_(\w+_func_u?int64_t_)`)
	callsFunc = regexp.MustCompile(`\b(func_\d+)\(`)
	prototype = regexp.MustCompile(`(?m)^static .*\b(func_\d+)\(.*\);$`)
)

// widen makes 128-bit integers and arithmetic of the 64-bit ones.
func widen(text string) string {
	text = wideTypes.ReplaceAllStringFunc(text, func(t string) string {
		if t[0] == 'u' {
			return "unsigned __int128"
		}
		return "__int128"
	})
	return wideMath.ReplaceAllString(text, "wide_$1")
}

// callByPointer calls functions through variables.
func callByPointer(text string) string {
	names := prototype.FindAllStringSubmatch(text, -1)
	end := prototype.FindAllStringIndex(text, -1)
	if len(end) == 0 {
		return text
	}
	at := end[len(end)-1][1]
	var vars strings.Builder
	for _, n := range names {
		fmt.Fprintf(&vars, "\nstatic __typeof__(%s) *call_%[1]s = %[1]s;", n[1])
	}
	lines := strings.SplitAfter(text[at:], "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, " ") {
			lines[i] = callsFunc.ReplaceAllString(line, "call_$1(")
		}
	}
	return text[:at] + vars.String() + strings.Join(lines, "")
}

// callAgain calls the first function several times, so that the others meet
// what it has left in memory.
func callAgain(text string) string {
	return strings.Replace(text, "\n    func_1();", "\n    for (int again = 0; again < 4; again++) func_1();", 1)
}

// An action is what a program did.
type action struct {
	Out  string
	Code int
}

// A fuzzProgram is the program of one seed.
type fuzzProgram struct {
	Seed      int
	Discarded string // why it says nothing; empty if it does
	Shape     string
	C         string // preprocessed
	IR        string // as quasi build makes it
	// Want is what it does without an argument and with the argument 1, which has
	// it print the checksum after each variable.
	Want [2]action
	Log  *activationLog
}

// fuzzArgs are the arguments of the runs that Want tells of.
var fuzzArgs = [2][]string{nil, {"1"}}

// A fuzzMaker makes programs, with tc's compiler.
type fuzzMaker struct {
	tc       *toolchain
	clang    string
	include  string   // folder of our headers
	cache    string   // folder of the programs that were made; empty for none
	checksum string   // object of checksum.c
	runtime  []string // the run-time of guards
	log      string   // object of log.c
}

// newFuzzMaker compiles what programs are linked with into dir. Under cache,
// programs have a folder by all that they are made from.
func newFuzzMaker(tc *toolchain, dir, cache string) (*fuzzMaker, error) {
	include, err := filepath.Abs("testdata/fuzz")
	if err != nil {
		return nil, err
	}
	m := &fuzzMaker{tc: tc, include: include, checksum: filepath.Join(dir, "checksum.o"), log: filepath.Join(dir, "log.o")}
	if m.clang, err = tc.find(context.Background(), "clang"); err != nil {
		return nil, err
	}
	for _, o := range []string{m.checksum, m.log} {
		if _, err := os.Stat(o); err == nil {
			continue // made by who started this process
		}
		src := filepath.Join(include, strings.TrimSuffix(filepath.Base(o), ".o")+".c")
		if _, err := m.run(fuzzToolLimit, dir, m.clang, "-O2", "-c", "-o", o, src); err != nil {
			return nil, err
		}
	}
	if *csmithGuards != "" {
		if m.runtime, err = m.guards(dir); err != nil {
			return nil, err
		}
	}
	if cache == "" {
		return m, nil
	}
	h := sha256.New()
	fmt.Fprintln(h, fuzzRecordForm)
	if *csmithGuards == guardsQuid {
		fmt.Fprintln(h, guardsQuid, 1)
	}
	for _, s := range fuzzShapes {
		fmt.Fprintln(h, s.name, s.flags, s.define)
	}
	files, err := filepath.Glob(filepath.Join(include, "*"))
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		h.Write(text)
	}
	m.cache = filepath.Join(cache, hex.EncodeToString(h.Sum(nil))[:12])
	return m, os.MkdirAll(m.cache, 0o777)
}

// guards makes the run-time of guards, if who started this process has not.
func (m *fuzzMaker) guards(dir string) ([]string, error) {
	made, err := filepath.Glob(filepath.Join(dir, "runtime", "*.a"))
	if err != nil || len(made) > 0 {
		return made, err
	}
	library, err := m.tc.makeRuntime(context.Background(), &workspace{dir: dir}, guardParts)
	return []string{library}, err
}

// run runs a program in a folder, for csmith leaves a file where it runs, with
// a time limit, and returns what it said.
func (m *fuzzMaker) run(limit time.Duration, dir, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if ctx.Err() != nil {
		err = errTimeout
	}
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, shorten(said.String()))
	}
	return said.String(), err
}

// shorten cuts what a program has said to a readable length.
func shorten(s string) string {
	if len(s) > 2000 {
		return s[:2000] + "..."
	}
	return s
}

// program returns the program of a seed, from the cache if it is there.
func (m *fuzzMaker) program(seed int, dir string) (*fuzzProgram, error) {
	kept := filepath.Join(m.cache, strconv.Itoa(seed)+".gz")
	if m.cache != "" {
		if p, err := readFuzzProgram(kept); err == nil {
			return p, nil
		}
	}
	p := &fuzzProgram{Seed: seed}
	var say *discard
	if err := m.make(p, dir); errors.As(err, &say) {
		*p = fuzzProgram{Seed: seed, Shape: p.Shape, Discarded: say.Error()}
	} else if err != nil {
		return nil, err
	}
	if m.cache == "" {
		return p, nil
	}
	return p, p.write(kept)
}

// A discard says why a program says nothing about the specializer.
type discard struct{ why string }

func (d *discard) Error() string { return d.why }

// make fills p in.
func (m *fuzzMaker) make(p *fuzzProgram, dir string) error {
	shape := &fuzzShapes[p.Seed%len(fuzzShapes)]
	p.Shape = shape.name
	raw, src := filepath.Join(dir, "raw.c"), filepath.Join(dir, "x.c")
	args := append([]string{"--seed", strconv.Itoa(p.Seed), "-o", raw}, shape.flags...)
	if _, err := m.run(fuzzRunLimit, dir, "csmith", args...); err != nil {
		return &discard{err.Error()}
	}
	text, err := os.ReadFile(raw)
	if err != nil {
		return err
	}
	changed := string(text)
	if shape.change != nil {
		changed = shape.change(changed)
	}
	if *csmithGuards == guardsQuid {
		changed = withQuids(changed)
		if !strings.Contains(changed, quidPointer) {
			return &discard{"no struct for a member for guards"}
		}
	}
	if err := os.WriteFile(raw, []byte(changed), 0o666); err != nil {
		return err
	}
	pre := slices.Concat([]string{"-E", "-P", "-w", "-I" + m.include, "-I" + csmithInclude}, shape.define, []string{"-o", src, raw})
	if _, err := m.run(fuzzToolLimit, dir, m.clang, pre...); err != nil {
		return &discard{err.Error()}
	}
	if text, err = os.ReadFile(src); err != nil {
		return err
	}
	p.C = string(text)
	if err := m.reference(p, dir, src, shape.change != nil); err != nil {
		return err
	}
	return m.record(p, dir, src)
}

// reference runs what clang makes of the program; its builds have to agree. A
// program that is no longer as csmith wrote it may do what is undefined, and is
// run with sanitizers, too.
func (m *fuzzMaker) reference(p *fuzzProgram, dir, src string, suspect bool) error {
	builds := [][]string{{"-O0"}, {"-O2"}}
	if suspect {
		// csmith itself takes addresses of members of packed structs.
		builds = append(builds, []string{"-O0", "-fsanitize=address,undefined", "-fno-sanitize=alignment", "-fno-sanitize-recover=all"})
	}
	for i, flags := range builds {
		prog := filepath.Join(dir, "reference")
		if err := m.compile(dir, prog, flags, src, m.checksum); err != nil {
			return &discard{err.Error()}
		}
		for j, args := range fuzzArgs {
			words := limited(fuzzRunLimit, prog, args...)
			got, err := act(20*fuzzRunLimit, words[0], words[1:]...)
			switch {
			case err != nil:
				return &discard{fmt.Sprintf("%s: %v", flags, err)}
			case got.Code != 0:
				return &discard{fmt.Sprintf("%s: exit code %d", flags, got.Code)}
			case i > 0 && got != p.Want[j]:
				return &discard{fmt.Sprintf("%s and -O0 differ", flags)}
			}
			p.Want[j] = got
		}
	}
	return nil
}

// compile makes a program of C or IR and objects.
func (m *fuzzMaker) compile(dir, prog string, flags []string, files ...string) error {
	args := slices.Concat([]string{"-w", "-fuse-ld=lld", "-o", prog}, flags, files, []string{"-lm"})
	_, err := m.run(fuzzToolLimit, dir, m.clang, args...)
	return err
}

// act runs a program.
func act(limit time.Duration, prog string, args ...string) (action, error) {
	o, err := runProgram(limit, "", prog, args...)
	return action{o.stdout, o.code}, err
}

// record makes the program's IR and the record of its calls.
func (m *fuzzMaker) record(p *fuzzProgram, dir, src string) error {
	ctx, cancel := context.WithTimeout(context.Background(), fuzzToolLimit)
	defer cancel()
	module := filepath.Join(dir, "x.ll")
	if err := m.tc.compile(ctx, &workspace{dir: dir}, src, module, []string{"-w"}); err != nil {
		return &discard{err.Error()}
	}
	text, err := os.ReadFile(module)
	if err != nil {
		return err
	}
	if len(text) < fuzzLeastIR {
		return &discard{"it does next to nothing"}
	}
	p.IR = string(text)
	prog, err := ir.Load(module, text)
	if err != nil {
		return err
	}
	p.Log = instrument(prog)
	probed := filepath.Join(dir, "probed.ll")
	f, err := os.Create(probed)
	if err != nil {
		return err
	}
	if err := errors.Join(ir.Fprint(f, prog), f.Close()); err != nil {
		return err
	}
	exe, record := filepath.Join(dir, "probed"), filepath.Join(dir, "record")
	if err := m.compile(dir, exe, []string{"-O0"}, probed, m.log, m.checksum); err != nil {
		return err
	}
	runCtx, cancelRun := context.WithTimeout(context.Background(), 20*fuzzRunLimit)
	defer cancelRun()
	cmd := exec.CommandContext(runCtx, exe)
	cmd.Env = append(os.Environ(), "QUASI_LOG="+record)
	if out, err := cmd.Output(); err != nil || string(out) != p.Want[0].Out {
		return &discard{fmt.Sprintf("the instrumented program: %v\n%s", err, shorten(string(out)))}
	}
	if text, err = os.ReadFile(record); err != nil {
		return err
	}
	return p.Log.read(text)
}

// write keeps p in a file.
func (p *fuzzProgram) write(path string) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if err := errors.Join(gob.NewEncoder(z).Encode(p), z.Close()); err != nil {
		return err
	}
	aside := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(aside, b.Bytes(), 0o666); err != nil {
		return err
	}
	return os.Rename(aside, path)
}

func readFuzzProgram(path string) (*fuzzProgram, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	p := new(fuzzProgram)
	return p, gob.NewDecoder(z).Decode(p)
}

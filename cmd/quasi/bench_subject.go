package main

// This file measures subjects that a file describes: testdata/NAME/subject.yaml
// names the sources of a program that nobody here wrote, and the cases that it
// is specialized for. testdata/subject/README.md says how to add one.

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// A subject is what subject.yaml says. In paths and flags, $src is the
// subject's folder, $made the folder of what is made, and $NAME the tree of the
// fetched source called so.
type subject struct {
	Title    string         // first line of what is printed
	About    string         // what follows it
	Fetch    []subjectFetch // source packages
	Prepare  string         // a script run with $made and the fetched trees; none if empty
	Sources  []string       // the program that is specialized, together with the harness
	Support  []string       // linked to every build, seen by neither quasi nor the competitor
	Generate []string       // C files of a program, linked with sources and support, that prints $made/static.h
	Flags    []string       // for clang, to compile any of them, and handwritten.c and inputs.c
	Given    []string       // more flags for clang, for what quasi is given
	Link     []string       // libraries
	Setup    string         // a function of the harness to be called once in every build; none if empty
	Spec     []string       // what to specialize, files of the subject; spec.yaml if not given
	Cases    []subjectCase  // what is measured and compared
	Checks   int            // generated inputs a case; 20000 if not given
	Slow     bool           // whether compare takes minutes: it comes last of all
	Notes    string         // printed last

	harness string // harness.c, which defines the cases
}

// program is what is specialized.
func (s *subject) program() []string { return append(slices.Clone(s.Sources), s.harness) }

// A subjectFetch is one Debian source package: its tree is $NAME, its tarball
// must have the checksum. The suite is the machine's if not given.
type subjectFetch struct {
	Name, Package, SHA256, Suite string
}

// A subjectCase is one function of the harness,
// long NAME(const void *in, long n, void *out).
type subjectCase struct {
	Name        string
	Note        string   // printed above its rows
	Inputs      []string // what bench_input makes for it, by number
	Per         float64  // operations a call, which times are divided by; 1 if not given
	Handwritten *bool    // whether handwritten.c has it; yes if not given
	Checks      int      // generated inputs; those of the subject if not given
}

// per is Per, or what it is if not given.
func (c *subjectCase) per() float64 { return cmp.Or(c.Per, 1) }

func (c *subjectCase) hand() bool { return c.Handwritten == nil || *c.Handwritten }

// A subjectBuild is one way to build the cases; its functions are NAME_CASE.
type subjectBuild struct{ name, head, note string }

var subjectBuilds = []subjectBuild{
	{"null", "null call", "looks at nothing: the limit"},
	{"generic", "generic", "-O3, every source an object of its own"},
	{"constant", "clang LTO", "-O3 -flto: one module, what is static visible as constants"},
	{"specialized", "residual", "what quasi makes, -O3"},
	{"handwritten", "hand-written", "the same job in C (handwritten.c), -O3"},
}

// subject does a subject that a file describes: fetch, build, specialize, check, measure, print.
func (b *bench) subject() error {
	s, err := b.subjectGeneric()
	if err != nil {
		return err
	}
	if err := b.subjectConstant(s); err != nil {
		return err
	}
	if err := b.subjectHandwritten(s); err != nil {
		return err
	}
	if err := b.subjectWritten(s, subjectBuilds); err != nil {
		return err
	}
	b.bar.enter("specializing")
	rep, err := b.subjectSpecialize(s)
	if err != nil {
		return err
	}
	b.bar.enter("checking")
	checked, err := b.subjectCheck(s, subjectBuilds)
	if err != nil {
		return err
	}
	times, err := b.measure(append(s.objects(subjectBuilds), "builds-bench.o", "bench.o"), 3, s.Link...)
	if err != nil {
		return err
	}
	sizes, err := b.subjectSizes(s, rep)
	if err != nil {
		return err
	}
	b.bar.Close()
	fmt.Fprint(b.stdout, s.report(times, checked, sizes, rep))
	fmt.Fprintf(b.stdout, "What was made is in %s.\n", shown(b.dir))
	return nil
}

// subjectGeneric reads what the subject is, fetches it and makes its generic build.
func (b *bench) subjectGeneric() (*subject, error) {
	s, err := b.subjectRead()
	if err != nil {
		return nil, err
	}
	if err := b.subjectFetch(s); err != nil {
		return nil, err
	}
	if err := b.subjectPrepare(s); err != nil {
		return nil, err
	}
	b.bar.enter("compiling")
	if err := b.subjectGenerate(s); err != nil {
		return nil, err
	}
	var objects []string
	if err := b.object(objectName("generic", s.harness), s.harness, b.subjectFlags(s)...); err != nil {
		return nil, err
	}
	for _, src := range s.program() {
		objects = append(objects, objectName("generic", src))
	}
	return s, b.isolate(s, "generic", append(objects, s.support()...))
}

// subjectRead reads subject.yaml and expands what it says about folders.
func (b *bench) subjectRead() (*subject, error) {
	path := b.source(subjectFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &subject{Checks: 20_000, harness: b.source("harness.c")}
	if err := yaml.UnmarshalWithOptions(text, s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	folders := map[string]string{"src": b.src, "made": b.dir}
	for _, f := range s.Fetch {
		folders[f.Name] = b.fetched(f)
	}
	var unknown []error
	for _, list := range [][]string{s.Sources, s.Support, s.Generate, s.Flags, s.Given, s.Link} {
		for i := range list {
			list[i] = os.Expand(list[i], func(name string) string {
				if _, ok := folders[name]; !ok {
					unknown = append(unknown, fmt.Errorf("%s: nothing is called $%s", path, name))
				}
				return folders[name]
			})
		}
	}
	if len(s.Cases) == 0 {
		unknown = append(unknown, fmt.Errorf("%s: no cases", path))
	}
	return s, errors.Join(unknown...)
}

// specs are the specification files of a subject.
func (b *bench) specs(s *subject) []string {
	if len(s.Spec) == 0 {
		return []string{b.source("spec.yaml")}
	}
	var files []string
	for _, name := range s.Spec {
		files = append(files, b.source(name))
	}
	return files
}

// fetched is where the tree of a source package is.
func (b *bench) fetched(f subjectFetch) string {
	return filepath.Join(filepath.Dir(filepath.Dir(b.src)), ".cache", filepath.Base(b.src), f.Name)
}

// subjectFetch has testdata/fetch.sh fetch the source packages, and unpacks them.
func (b *bench) subjectFetch(s *subject) error {
	for _, f := range s.Fetch {
		dst := b.fetched(f)
		if _, err := os.Stat(dst); err == nil {
			continue
		}
		b.bar.enter("fetching " + f.Package)
		var args []string
		if f.Suite != "" {
			args = append(args, "-s", f.Suite)
		}
		args = append(args, f.Package, filepath.Dir(dst), f.SHA256)
		said, err := b.output(filepath.Join(filepath.Dir(b.src), "fetch.sh"), args...)
		if err != nil {
			return err
		}
		part := dst + ".part"
		if err := errors.Join(os.RemoveAll(part), os.MkdirAll(part, 0o755)); err != nil {
			return cause(err)
		}
		if _, err := b.output("tar", "-xf", strings.TrimSpace(string(said)), "-C", part, "--strip-components=1"); err != nil {
			return err
		}
		if err := os.Rename(part, dst); err != nil {
			return cause(err)
		}
	}
	return nil
}

// subjectPrepare runs the script that makes what the program's own build would.
func (b *bench) subjectPrepare(s *subject) error {
	if s.Prepare == "" {
		return nil
	}
	args := []string{b.dir}
	for _, f := range s.Fetch {
		args = append(args, b.fetched(f))
	}
	_, err := b.output(b.source(s.Prepare), args...)
	return err
}

// subjectFlags are those for all C files of the subject.
func (b *bench) subjectFlags(s *subject) []string {
	flags := []string{"-w", "-I" + b.src, "-I" + b.dir, "-I" + b.driver("")}
	return append(flags, s.Flags...)
}

// driver is a file that all subjects share.
func (b *bench) driver(name string) string {
	return filepath.Join(filepath.Dir(b.src), "subject", name)
}

// objectName is the object of a source in one build.
func objectName(build, src string) string {
	base := filepath.Base(src)
	return build + "-" + strings.TrimSuffix(base, filepath.Ext(base)) + ".o"
}

// subjectGenerate runs the program that prints static.h, if there is one, with
// which the harness gets what is static.
func (b *bench) subjectGenerate(s *subject) error {
	for _, src := range append(append([]string(nil), s.Sources...), s.Support...) {
		if err := b.object(objectName("generic", src), src, b.subjectFlags(s)...); err != nil {
			return err
		}
	}
	if len(s.Generate) == 0 {
		return nil
	}
	var objects []string
	for _, src := range append(append(append([]string(nil), s.Sources...), s.Support...), s.Generate...) {
		objects = append(objects, b.made(objectName("generic", src)))
	}
	for _, src := range s.Generate {
		if err := b.object(objectName("generic", src), src, b.subjectFlags(s)...); err != nil {
			return err
		}
	}
	gen := b.made("generate")
	if err := b.link(gen, append(objects, s.Link...)...); err != nil {
		return err
	}
	text, err := b.output(gen)
	if err != nil {
		return err
	}
	return os.WriteFile(b.made("static.h"), text, 0o644)
}

// objects are what a program of these builds consists of.
func (s *subject) objects(builds []subjectBuild) []string {
	var names []string
	for _, build := range builds {
		names = append(names, build.name+".o")
	}
	return append(names, "inputs.o")
}

// subjectConstant makes the competitor: one module, in which what is static is
// visible as constants.
func (b *bench) subjectConstant(s *subject) error {
	flags := b.subjectFlags(s)
	var constant []string
	for _, src := range s.program() {
		bc := strings.TrimSuffix(objectName("constant", src), ".o") + ".bc"
		if err := b.object(bc, src, append([]string{"-flto"}, flags...)...); err != nil {
			return err
		}
		constant = append(constant, bc)
	}
	public, err := b.undefined(s.support())
	if err != nil {
		return err
	}
	public = append(public, s.exported(true)...)
	if err := b.lto("constant-all.o", public, constant...); err != nil {
		return err
	}
	return b.isolate(s, "constant", append([]string{"constant-all.o"}, s.support()...))
}

// subjectDrivers compiles what compares and measures the builds.
func (b *bench) subjectDrivers(s *subject) error {
	shared := []string{"-w", "-I" + b.driver("")}
	for _, o := range []struct {
		dst, src string
		flags    []string
	}{
		{"inputs.o", b.source("inputs.c"), b.subjectFlags(s)},
		{"bench.o", b.driver("bench.c"), shared},
		{"check.o", b.driver("check.c"), shared},
		{"builds-bench.o", b.made("builds.c"), shared},
		{"builds-check.o", b.made("builds.c"), slices.Concat(shared, []string{"-DCHECK"})},
	} {
		if err := b.object(o.dst, o.src, o.flags...); err != nil {
			return err
		}
	}
	return nil
}

// support are the objects of the sources that are linked to every build.
func (s *subject) support() []string {
	var names []string
	for _, src := range s.Support {
		names = append(names, objectName("generic", src))
	}
	return names
}

// exported are the names that a build is called by.
func (s *subject) exported(setup bool) []string {
	var names []string
	for _, c := range s.Cases {
		names = append(names, c.Name)
	}
	if setup && s.Setup != "" {
		names = append(names, s.Setup)
	}
	return names
}

// isolate makes one object of a build, in which only the cases and the setup
// are visible, as BUILD_NAME, so that all builds can stand in one program.
func (b *bench) isolate(s *subject, build string, objects []string) error {
	return b.isolateNames(build, objects, s.exported(true))
}

func (b *bench) isolateNames(build string, objects, names []string) error {
	whole := b.made(build + "-whole.o")
	if err := b.tc.run(b.ctx, "ld.lld", append([]string{"-r", "-o", whole}, b.paths(objects)...)...); err != nil {
		return err
	}
	var keep, rename []string
	for _, n := range names {
		keep = append(keep, "--keep-global-symbol="+n)
		rename = append(rename, "--redefine-sym="+n+"="+build+"_"+n)
	}
	if err := b.tc.run(b.ctx, "llvm-objcopy", append(keep, whole)...); err != nil {
		return err
	}
	return b.tc.run(b.ctx, "llvm-objcopy", append(rename, whole, b.made(build+".o"))...)
}

// subjectHandwritten compiles the hand-written cases.
func (b *bench) subjectHandwritten(s *subject) error {
	var hand []string
	for _, c := range s.Cases {
		if c.hand() {
			hand = append(hand, c.Name)
		}
	}
	if len(hand) == 0 {
		if err := os.WriteFile(b.made("handwritten.c"), nil, 0o644); err != nil {
			return err
		}
		return b.object("handwritten.o", b.made("handwritten.c"))
	}
	if err := b.object("handwritten-hand.o", b.source("handwritten.c"), b.subjectFlags(s)...); err != nil {
		return err
	}
	return b.isolateNames("handwritten", []string{"handwritten-hand.o"}, hand)
}

// subjectWritten makes the null calls, the table of the builds, and what
// compares and measures those.
func (b *bench) subjectWritten(s *subject, builds []subjectBuild) error {
	var null, table strings.Builder
	table.WriteString("#include \"subject.h\"\n\n")
	for _, c := range s.Cases {
		fmt.Fprintf(&null, "long %s(const void *in, long n, void *out)\n{\n    return 0;\n}\n", c.Name)
	}
	if err := os.WriteFile(b.made("null.c"), []byte(null.String()), 0o644); err != nil {
		return err
	}
	if err := b.object("null-null.o", b.made("null.c"), "-w"); err != nil {
		return err
	}
	if err := b.isolateNames("null", []string{"null-null.o"}, s.exported(false)); err != nil {
		return err
	}
	setups := ""
	for _, build := range builds {
		for _, c := range s.Cases {
			if build.name != "handwritten" || c.hand() {
				fmt.Fprintf(&table, "case_fn %s_%s;\n", build.name, c.Name)
			}
		}
		if s.Setup != "" && build.name != "null" && build.name != "handwritten" {
			fmt.Fprintf(&table, "void %s_%s(void);\n", build.name, s.Setup)
			setups += fmt.Sprintf("    %s_%s();\n", build.name, s.Setup)
		}
	}
	fmt.Fprintf(&table, "\nvoid subject_setup(void)\n{\n%s}\n\nconst struct subject_case subject_cases[] = {\n", setups)
	for _, c := range s.Cases {
		fmt.Fprintf(&table, "    { %q, %d, %d, {", c.Name, len(c.Inputs), cmp.Or(c.Checks, s.Checks))
		for _, build := range builds {
			if build.name != "handwritten" || c.hand() {
				fmt.Fprintf(&table, " { %q, %s_%s },", build.name, build.name, c.Name)
			}
		}
		table.WriteString(" } },\n")
	}
	fmt.Fprintf(&table, "};\n\nconst int subject_nr = %d;\n", len(s.Cases))
	if err := os.WriteFile(b.made("builds.c"), []byte(table.String()), 0o644); err != nil {
		return err
	}
	return b.subjectDrivers(s)
}

// subjectSpecialize makes the specialized build, and keeps its module as IR to be
// looked at.
func (b *bench) subjectSpecialize(s *subject) (*report, error) {
	args := []string{"specialize", "-o", b.made("specialized.ll"), "--json"}
	for _, spec := range b.specs(s) {
		args = append(args, "--spec", spec)
	}
	args = slices.Concat(args, s.program(), []string{"--"}, b.subjectFlags(s), s.Given)
	said, err := b.quasi(args...)
	if err != nil {
		return nil, err
	}
	rep := &report{}
	if err := json.Unmarshal(said, rep); err != nil {
		return nil, err
	}
	for _, v := range rep.Variants {
		if v.Residual == "" {
			return nil, fmt.Errorf("%s stays generic", v.Name)
		}
	}
	return rep, b.subjectResidual(s, "specialized", b.made("specialized.ll"))
}

// subjectResidual makes a build of a specialized and optimized module.
func (b *bench) subjectResidual(s *subject, build, module string) error {
	object := build + "-all.o"
	if err := b.tc.run(b.ctx, "llc", "-O3", "--filetype=obj", "--relocation-model=pic", "-o", b.made(object), module); err != nil {
		return err
	}
	return b.isolate(s, build, append([]string{object}, s.support()...))
}

// subjectCheck compares all builds with the generic one.
func (b *bench) subjectCheck(s *subject, builds []subjectBuild) (map[string]int, error) {
	program := b.made("check")
	objects := b.paths(append(s.objects(builds), "builds-check.o", "check.o"))
	if err := b.link(program, append(objects, s.Link...)...); err != nil {
		return nil, err
	}
	return b.check(program)
}

// undefined are the names that objects refer to: linking them with a module keeps
// the module from hiding those.
func (b *bench) undefined(objects []string) ([]string, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	nm, err := b.tc.find(b.ctx, "llvm-nm")
	if err != nil {
		return nil, err
	}
	text, err := exec.CommandContext(b.ctx, nm, append([]string{"--undefined-only", "--just-symbol-name"}, b.paths(objects)...)...).Output()
	var names []string
	for _, line := range strings.Fields(string(text)) {
		if !strings.HasSuffix(line, ":") {
			names = append(names, line)
		}
	}
	return names, err
}

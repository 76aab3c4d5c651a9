package main

// This file tests --why: the remedies of the programs in testdata/why are those that
// their heads tell, each of them is needed, and with all of them it is static.

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir/spec"
)

// A whyCase is a program of testdata/why. Its head says, one a line:
//
//	flags: FLAGS          what is known
//	says: KIND: REMEDY    a remedy, as printed
//	value: LEFT           what a flag with VALUE says instead, by its left side
//	fixed: FLAGS          what stands for remedies without a flag: clang's flags, files
//
// The question is the line that has the comment `asked`.
type whyCase struct {
	path   string
	flags  []string
	says   []string
	values []string
	fixed  []string
	line   int
}

func readWhyCase(t *testing.T, path string) *whyCase {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &whyCase{path: path}
	words := func(s string) []string {
		w, err := splitWords(s)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return w
	}
	for i, line := range strings.Split(string(src), "\n") {
		if strings.HasSuffix(line, "// asked") {
			c.line = i + 1
		}
		text, _ := strings.CutPrefix(line, "// ")
		switch key, arg, _ := strings.Cut(text, ": "); key {
		case "flags":
			c.flags = words(arg)
		case "says":
			c.says = append(c.says, arg)
		case "value":
			c.values = append(c.values, arg)
		case "fixed":
			c.fixed = words(arg)
			for i, w := range c.fixed {
				if strings.HasSuffix(w, ".c") {
					c.fixed[i] = filepath.Join(filepath.Dir(path), w)
				}
			}
		}
	}
	return c
}

// filled is a remedy's flag with the value that the case has for it.
func (c *whyCase) filled(t *testing.T, flag string) []string {
	t.Helper()
	words, err := splitWords(flag)
	if err != nil || len(words)%2 != 0 {
		t.Fatalf("%s: flag %s: %v", c.path, flag, err)
	}
	if len(words) > 2 {
		_, rest, _ := strings.Cut(flag, words[1]+"' ")
		first, _, _ := strings.Cut(flag, " "+rest)
		return append(c.filled(t, first), c.filled(t, rest)...)
	}
	left := strings.TrimSuffix(strings.TrimSuffix(words[1], "VALUE"), "&VARIABLE")
	if left == words[1] {
		return words
	}
	for _, v := range c.values {
		if strings.HasPrefix(v, left) {
			return []string{words[0], v}
		}
	}
	t.Fatalf("%s: no value for %s", c.path, flag)
	return nil
}

// whyAnswer is what --why --json prints.
type whyAnswer struct {
	Why             string
	Specializations []struct {
		Name, Function string
		Points         []pointJSON
	}
}

func (c *whyCase) ask(t *testing.T, more ...string) *whyAnswer {
	t.Helper()
	args := slices.Concat([]string{"analyze", "--json", "--why", fmt.Sprint(c.line)}, c.flags, []string{c.path}, more)
	var a whyAnswer
	if text := mustQuasi(t, args...); json.Unmarshal([]byte(text), &a) != nil || len(a.Specializations) != 1 {
		t.Fatalf("%v: %s", args, text)
	}
	return &a
}

// last is the last dynamic point of the answer, which uses what the others yield.
func (a *whyAnswer) last() (last pointJSON) {
	for _, p := range a.Specializations[0].Points {
		if p.Mark == "D" {
			last = p
		}
	}
	return last
}

// dynamic reports whether the point p of another answer is dynamic in this one.
func (a *whyAnswer) dynamic(p pointJSON) bool {
	return slices.ContainsFunc(a.Specializations[0].Points, func(q pointJSON) bool {
		return q.Mark == "D" && q.Col == p.Col && q.Instruction == p.Instruction
	})
}

func TestRemedies(t *testing.T) {
	needLLVM(t)
	paths, err := filepath.Glob("testdata/why/*.c")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d programs, %v", len(paths), err)
	}
	kinds := map[string]bool{}
	for _, path := range paths {
		c := readWhyCase(t, path)
		if c.line == 0 {
			continue // a part of another one
		}
		for _, s := range c.says {
			kind, _, _ := strings.Cut(s, ":")
			kinds[kind] = true
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".c"), func(t *testing.T) {
			c.test(t)
		})
	}
	for _, k := range []string{"fix-parameter", "state-memory", "state-condition", "give-body", "rule-out-alias", "remove-volatile", "nothing-lost", "none"} {
		if !kinds[k] {
			t.Errorf("no program has the remedy %s", k)
		}
	}
}

// test compares the remedies with what the head says, and tries them.
func (c *whyCase) test(t *testing.T) {
	point := c.ask(t).last()
	var got []string
	var flags [][]string
	for _, r := range point.Remedies {
		s := r.Kind + ": " + r.Text
		if r.Flag != "" {
			s += ": " + r.Flag
			flags = append(flags, c.filled(t, r.Flag))
		}
		got = append(got, s)
	}
	slices.Sort(got)
	if !slices.Equal(got, c.says) {
		t.Errorf("remedies\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.says, "\n"))
	}
	if len(flags) == 0 && c.fixed == nil {
		return
	}
	if after := c.ask(t, append(slices.Concat(flags...), c.fixed...)...); after.dynamic(point) {
		t.Errorf("with its remedies it is dynamic still: %+v", after)
	}
	for i := range flags {
		less := slices.Concat(slices.Delete(slices.Clone(flags), i, i+1)...)
		if !c.ask(t, append(less, c.fixed...)...).dynamic(point) {
			t.Errorf("it is static without %v, which is not needed", flags[i])
		}
	}
}

// TestRemediesOfPrograms asks about everything in the functions that the programs of
// testdata/c specialize, states what the remedies say with a few values, and finds it
// static, or not reached, then.
func TestRemediesOfPrograms(t *testing.T) {
	tc := needLLVM(t)
	tried := 0
	eachSource(t, func(t *testing.T, prog *program) {
		for _, build := range prog.builds {
			r, ok := plainRequest(build)
			if !ok {
				continue
			}
			s := &session{request: r, tc: tc, ws: &workspace{dir: t.TempDir()}, bar: newProgress(nil, false)}
			p, err := s.load(t.Context(), &inputs{modules: []string{prog.path}})
			if err == nil {
				err = p.analyze()
			}
			if err != nil {
				t.Fatalf("%v: %v", build, err)
			}
			tried += p.tryRemedies(t, fmt.Sprint(build))
		}
	})
	t.Logf("%d sets of remedies tried", tried)
	if tried < 100 {
		t.Errorf("only %d sets of remedies could be tried", tried)
	}
}

// plainRequest is a request of -e, --static and --when alone; ok is false if a build
// says more.
func plainRequest(build []string) (r *request, ok bool) {
	r = &request{clang: &clangFlags{}}
	for i := 0; i+1 < len(build); i += 2 {
		switch build[i] {
		case "-e":
			r.entry = build[i+1]
		case "--static":
			r.static = append(r.static, build[i+1])
		case "--when":
			r.when = append(r.when, build[i+1])
		default:
			return nil, false
		}
	}
	return r, len(build)%2 == 0 && r.entry != "main"
}

// tryRemedies tries the remedies of all points of the function, each set of them
// with a few values, and returns how many could be stated.
func (p *pipeline) tryRemedies(t *testing.T, build string) (tried int) {
	t.Helper()
	v := p.variants[0]
	sets := map[string][]asked{}
	for _, b := range v.bta.Entry.Fn.Blocks {
		for pt := b.First; pt < b.End() && v.bta.Entry.Reached(b); pt++ {
			a := asked{pt, p.regAt(v.bta.Entry.Fn, pt)}
			if _, isRet := p.prog.UserAt(pt).(*llir.TermRet); isRet || !a.dynamic(v.bta.Entry) {
				continue
			}
			if x := a.explain(v.bta.Entry); x != nil && x.Checked {
				var flags []string
				for _, r := range x.Remedies {
					flags = append(flags, r.Flag)
				}
				if key := strings.Join(flags, "\x00"); !slices.Contains(flags, "") && !strings.Contains(key, "VARIABLE") {
					sets[key] = append(sets[key], a)
				}
			}
		}
	}
	for key, points := range sets {
		for _, value := range []string{"1", "3"} {
			r := &spec.Variant{}
			static, when := slices.Clone(p.static), slices.Clone(p.when)
			for _, flag := range strings.Split(strings.ReplaceAll(key, "VALUE", value), "\x00") {
				words, err := splitWords(flag)
				if err != nil {
					t.Fatal(err)
				}
				for i := 0; i+1 < len(words); i += 2 {
					if words[i] == "--static" {
						static = append(static, words[i+1])
					} else {
						when = append(when, words[i+1])
					}
				}
			}
			f, err := spec.FromFlags(p.entry, static, when)
			if err != nil {
				t.Fatalf("%s: %s: %v", build, key, err)
			}
			resolved, err := spec.Resolve(p.prog, f)
			if err != nil {
				continue // the value contradicts what is given
			}
			*r = *resolved.Variants[0]
			r.Fn = v.bta.Entry.Fn
			cfg := v.bta.Config
			cfg.Variant, cfg.Facts = r, spec.NewFacts(r)
			after, err := bta.Analyze(cfg)
			if err != nil {
				t.Fatal(err)
			}
			tried++
			for _, a := range points {
				if strings.HasPrefix(build, "[-e collect]") && key == "--static x=VALUE" {
					continue // with the value less is known of what is on the heap
				}
				if after.Entry.Reached(p.prog.BlockAt(a.pt)) && a.dynamic(after.Entry) {
					t.Errorf("%s: %v is dynamic still with %q: %v", build, p.prog.Position(a.pt), strings.ReplaceAll(strings.ReplaceAll(key, "VALUE", value), "\x00", " "), a.explain(after.Entry).Chain)
					break
				}
			}
		}
	}
	return tried
}

package main

// This file compares the modes on subjects: programs with inputs, checkers and
// cases to measure (testdata/subject/README.md).

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// subject compares the modes on the subject in a folder.
func (c *comparer) subject(dir string) (*programReport, error) {
	b := &bench{session: c.session, ctx: c.ctx, src: dir}
	b.dir = filepath.Join(filepath.Dir(filepath.Dir(dir)), ".cache", "compare", filepath.Base(dir))
	if err := os.MkdirAll(b.dir, 0o755); err != nil {
		return nil, cannotWrite(b.dir, cause(err))
	}
	s, err := b.subjectGeneric()
	if err != nil {
		return nil, err
	}
	rep := &programReport{Name: filepath.Base(dir), Title: s.Title, Runs: s.inputs()}
	// What quasi is given, as a request of its own.
	sub := *c
	session := *c.session
	sub.session = &session
	session.request = &request{
		specs: b.specs(s), maxVariants: c.maxVariants, quiet: c.quiet, verbose: c.verbose,
		files: s.program(),
	}
	if session.clang, err = sortClangFlags(slices.Concat(b.subjectFlags(s), s.Given)); err != nil {
		return nil, fmt.Errorf("%s: %w", b.source(subjectFile), err)
	}
	in, err := sortInputs(session.files, false)
	if err != nil {
		return nil, err
	}
	results, forms, err := sub.runModes(in, rep)
	if err != nil {
		return nil, err
	}
	if err := sub.countSubject(b, s, forms, results, rep); err != nil {
		return nil, err
	}
	return rep, sub.runSubject(b, s, results)
}

// inputs is how many inputs of all cases are measured.
func (s *subject) inputs() int {
	n := 0
	for _, c := range s.Cases {
		n += len(c.Inputs)
	}
	return n
}

// runSubject makes a build of every mode, compares all with the generic one, and
// measures them in interleaved rounds.
func (c *comparer) runSubject(b *bench, s *subject, results []*modeResult) error {
	same, err := sameModules(results)
	if err != nil {
		return err
	}
	builds := []subjectBuild{{name: "null"}, {name: "generic"}}
	for i, r := range results {
		if same[i] >= 0 || r.module == "" {
			continue
		}
		name := fmt.Sprintf("mode%d", i)
		b.bar.enter("compiling " + r.String())
		if err := b.subjectResidual(s, name, r.module); err != nil {
			return err
		}
		builds = append(builds, subjectBuild{name: name})
	}
	if err := b.subjectWritten(s, builds); err != nil {
		return err
	}
	b.bar.enter("checking")
	if _, err := b.subjectCheck(s, builds); err != nil {
		return err
	}
	if c.noTimes {
		for i, r := range results {
			r.row.finish(results, same[i])
		}
		return nil
	}
	layouts := paddings
	if c.quick {
		layouts = layouts[:1]
	}
	times, err := b.measureIn(layouts, append(s.objects(builds), "builds-bench.o", "bench.o"), 3, s.Link...)
	if err != nil {
		return err
	}
	for i, r := range results {
		if same[i] < 0 && r.module != "" {
			s.caseTimes(times, fmt.Sprintf("mode%d", i), r.row)
		}
		r.row.finish(results, same[i])
	}
	return nil
}

// caseTimes reads the times of a build.
func (s *subject) caseTimes(times *samples, build string, row *modeRow) {
	for _, c := range s.Cases {
		for i, input := range c.Inputs {
			key := fmt.Sprintf("%s %d ", c.Name, i)
			row.Cases = append(row.Cases, &caseTime{
				Case: c.Name, Input: input,
				NS: times.median(key+build, 0) / c.per(), Generic: times.median(key+"generic", 0) / c.per(),
				Speedup: times.ratio(key+"generic", key+build, 0),
			})
			row.Spread = max(row.Spread, times.spread(key+"generic", key+build, 0))
		}
	}
}

package main

// This file prints what bench has measured of a subject that a file describes:
// times, and the sizes of residual code.

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// A subjectSize is the machine code of one residual function.
type subjectSize struct {
	name  string
	bytes int
}

// textSizes are the functions of an object with the bytes of their code.
func (t *toolchain) textSizes(ctx context.Context, object string) (map[string]int, error) {
	nm, err := t.find(ctx, "llvm-nm")
	if err != nil {
		return nil, err
	}
	text, err := exec.CommandContext(ctx, nm, "--print-size", "--defined-only", object).Output()
	if err != nil {
		return nil, err
	}
	found := map[string]int{}
	for _, line := range strings.Split(string(text), "\n") {
		if m := symbolLine.FindStringSubmatch(line); m != nil {
			var n int
			fmt.Sscanf(m[2], "%x", &n)
			found[m[3]] = n
		}
	}
	return found, nil
}

var symbolLine = regexp.MustCompile(`^([0-9a-f]+) ([0-9a-f]+) [tT] (\S+)$`)

// subjectSizes are the residual functions in the specialized object; where
// LLVM has inlined them all, the function that calls them.
func (b *bench) subjectSizes(s *subject, rep *report) ([]subjectSize, error) {
	found, err := b.tc.textSizes(b.ctx, b.made("specialized-all.o"))
	if err != nil {
		return nil, err
	}
	var sizes []subjectSize
	for _, v := range rep.Variants {
		total := 0
		for _, f := range v.Functions {
			total += found[f.Name]
		}
		if total == 0 { // all inlined into the function that tells the variants apart
			total = found[v.Function]
		}
		sizes = append(sizes, subjectSize{v.Name, total})
	}
	return sizes, nil
}

// report is what the command prints.
func (s *subject) report(times *samples, checked map[string]int, sizes []subjectSize, rep *report) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n%sNanoseconds; clang-14; medians of %d layouts, interleaved rounds.\n\n", s.Title, s.About, len(times.layouts))
	for _, build := range subjectBuilds {
		fmt.Fprintf(&out, "  %-12s  %s\n", build.head, build.note)
	}
	out.WriteString("\n")
	noise := 0.0
	head := []string{""}
	for _, build := range subjectBuilds {
		head = append(head, build.head)
	}
	rows := [][]string{append(head, "gen/res", "LTO/res", "res/hand")}
	for _, c := range s.Cases {
		rows = append(rows, []string{c.Name + ": " + c.Note, "", "", "", "", "", "", "", ""})
		for i, input := range c.Inputs {
			key := fmt.Sprintf("%s %d ", c.Name, i)
			row := []string{"  " + input}
			for _, build := range subjectBuilds {
				if build.name == "handwritten" && !c.hand() {
					row = append(row, "-")
					continue
				}
				row = append(row, fmt.Sprintf("%.2f", times.median(key+build.name, 0)/c.per()))
			}
			ratio := func(over, under string) string {
				noise = max(noise, times.spread(key+over, key+under, 0))
				return fmt.Sprintf("%.2f", times.ratio(key+over, key+under, 0))
			}
			row = append(row, ratio("generic", "specialized"), ratio("constant", "specialized"))
			if c.hand() {
				row = append(row, ratio("specialized", "handwritten"))
			} else {
				row = append(row, "-")
			}
			rows = append(rows, row)
		}
	}
	out.WriteString(table(rows))
	fmt.Fprintf(&out, "  A layout's ratio is within %.0f %% of the median.\n", noise)
	out.WriteString("\n")
	rows = [][]string{{"variant", "IR, unoptimized", "bytes of code", "points", "unfolded", "residual calls", "generalized"}}
	for i, v := range rep.Variants {
		insts, reasons := 0, 0
		for _, f := range v.Functions {
			insts += f.Instructions
		}
		for _, r := range v.Reasons {
			reasons += r.Count
		}
		rows = append(rows, []string{v.Name, fmt.Sprint(insts), fmt.Sprint(sizes[i].bytes), fmt.Sprint(v.Stats.Points),
			fmt.Sprint(v.Stats.Unfolded), fmt.Sprint(v.Stats.Generic), fmt.Sprint(reasons)})
	}
	out.WriteString(table(rows))
	total, analysis, evaluation := 0.0, 0.0, 0.0
	for _, p := range rep.Phases {
		total += p.MS
		switch {
		case strings.HasPrefix(p.Phase, "binding times"):
			analysis += p.MS
		case strings.HasPrefix(p.Phase, "partial evaluation"):
			evaluation += p.MS
		}
	}
	fmt.Fprintf(&out, "  quasi took %.1f s: binding times %.2f s, partial evaluation %.2f s; the rest is clang, loading, points-to, optimizing.\n\n",
		total/1000, analysis/1000, evaluation/1000)
	fmt.Fprintf(&out, "Checked against the generic program: %d generated inputs; %d differences.\n", checked["cases"], checked["differences"])
	if s.Notes != "" {
		fmt.Fprintf(&out, "\n%s", s.Notes)
	}
	return out.String()
}

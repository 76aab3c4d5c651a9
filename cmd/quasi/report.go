package main

// This file holds the report on a specialization: for people on stderr (-v),
// for programs as JSON (--json).

import (
	"fmt"
	"io"

	"quasi/pe"
)

// A report says what a run made.
type report struct {
	Variants []variantReport `json:"variants"`
	Guards   *guarding       `json:"guards,omitempty"`
	Memguard *watching       `json:"memguard,omitempty"`
	Output   string          `json:"output,omitempty"`
	Phases   []phaseTime     `json:"phases"`
}

// A variantReport says what became of one variant.
type variantReport struct {
	Name      string         `json:"name"`
	Function  string         `json:"function"`
	Residual  string         `json:"residual,omitempty"` // empty: the function stays generic
	Functions []funcReport   `json:"functions"`
	Generic   int            `json:"genericInstructions"` // of the function alone
	Stats     statsReport    `json:"stats"`
	Reasons   []reasonReport `json:"reasons"`
}

type funcReport struct {
	Name         string `json:"name"`
	Instructions int    `json:"instructions"`
}

type statsReport struct {
	Steps    int `json:"steps"`
	Points   int `json:"points"`
	Hits     int `json:"memoHits"`
	Unfolded int `json:"unfoldedCalls"`
	Generic  int `json:"genericCalls"`
}

type reasonReport struct {
	Position string `json:"position"`
	Kind     string `json:"kind"`
	What     string `json:"what"`
	Why      string `json:"why"`
	Count    int    `json:"count"`
}

// newReport collects the report of a finished pipeline. It is called before
// slots are installed, which renames functions.
func newReport(p *pipeline) *report {
	r := &report{}
	for _, v := range p.variants {
		vr := variantReport{
			Name: v.Name, Function: v.Fn.Name(), Generic: countInsts(v.Fn.LL),
			Functions: []funcReport{}, Reasons: []reasonReport{},
		}
		if v.result.Residual != nil {
			vr.Residual = v.result.Residual.Name()
		}
		for _, f := range v.result.Funcs {
			vr.Functions = append(vr.Functions, funcReport{f.Name(), countInsts(f)})
		}
		st := v.result.Stats
		vr.Stats = statsReport{Steps: st.Steps, Points: st.Points, Hits: st.Hits, Unfolded: st.Unfolded, Generic: st.Generic}
		for _, reason := range v.result.Reasons {
			vr.Reasons = append(vr.Reasons, p.reason(reason))
		}
		r.Variants = append(r.Variants, vr)
	}
	return r
}

func (p *pipeline) reason(r pe.Reason) reasonReport {
	return reasonReport{Position: p.prog.Position(r.Pt).String(), Kind: r.Kind.String(), What: r.What, Why: r.Why, Count: r.Count}
}

// print writes the report for people.
func (r *report) print(w io.Writer) {
	for _, v := range r.Variants {
		if v.Residual == "" {
			fmt.Fprintf(w, "%s: stays generic\n", v.Name)
		} else {
			total := 0
			for _, f := range v.Functions {
				total += f.Instructions
			}
			fmt.Fprintf(w, "%s: %d instructions in %d residual function(s); generic @%s has %d\n",
				v.Name, total, len(v.Functions), v.Function, v.Generic)
			for _, f := range v.Functions {
				fmt.Fprintf(w, "  @%s: %d instructions\n", f.Name, f.Instructions)
			}
		}
		st := v.Stats
		fmt.Fprintf(w, "  %d instructions executed, %d specialized points (%d found again), %d calls unfolded, %d left generic\n",
			st.Steps, st.Points, st.Hits, st.Unfolded, st.Generic)
		for _, why := range v.Reasons {
			times := ""
			if why.Count > 1 {
				times = fmt.Sprintf(" (%d times)", why.Count)
			}
			fmt.Fprintf(w, "  %s: %s: %s: %s%s\n", why.Position, why.Kind, why.What, why.Why, times)
		}
	}
	if r.Guards != nil {
		r.Guards.print(w)
	}
	if r.Memguard != nil {
		fmt.Fprintf(w, "memguard: %s with %s\n", plural(len(r.Memguard.Terms), "term"), plural(r.Memguard.Number, "row"))
	}
	for _, t := range r.Phases {
		fmt.Fprintf(w, "%10.1f ms  %s\n", t.MS, t.Phase)
	}
}

// encode writes the report for programs.
func (r *report) encode(w io.Writer) error {
	return printJSON(w, r)
}

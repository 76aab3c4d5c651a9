package main

// This file has writes guarded instead of quasi-invariants tested at every call:
// which predicates, by which ledger, and the run-time that the program is linked with.

import (
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"quasi/guard"
	"quasi/ir"
	"quasi/ir/spec"
	"quasi/pe"
)

// The values of --guards.
const (
	guardsAuto  = "auto"
	guardsOff   = "off"
	guardsTable = "table"
	guardsQuid  = "quid"

	guardsEverything = "everything" // guards for all writes, whatever the ledger says
)

func guardsFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "guards",
		Usage: "guard the writes of what quasi-invariants read, instead of testing them at every call: auto (of specializations whose specification says plug:), " +
			"off, table, quid (tests a QUASI_QUID member where a struct has one), or everything (`SCHEME` everything guards all writes there are: a test of guards)",
		Value: guardsAuto, Category: whatFlags,
	}
}

func checkGuardsFlag() cli.Flag {
	return &cli.BoolFlag{
		Name: "check-guards", Usage: "guarded quasi-invariants are tested at every call, too; the program ends if one does not hold: a write has no guard",
		Category: whatFlags, DisableDefaultText: true,
	}
}

func countCallsFlag() cli.Flag {
	return &cli.BoolFlag{
		Name: "count-calls", Usage: "the slots count the calls that they take and those that they do not, for QUASI_STATS and quasi_statistics; else these numbers are not there",
		Category: whatFlags, DisableDefaultText: true,
	}
}

// checkGuards reads --guards.
func checkGuards(c *cli.Context) error {
	if c.Bool("memguard") && (c.Bool("check-guards") || c.Bool("count-calls") || c.IsSet("guards") && c.String("guards") != guardsOff) {
		return usagef(c, "--memguard watches all writes: it goes with no guards, and counts no calls")
	}
	switch s := c.String("guards"); s {
	case "", guardsAuto, guardsOff, guardsTable, guardsQuid, guardsEverything:
		return nil
	default:
		return usagef(c, "--guards is auto, off, table, quid or everything, not %q", s)
	}
}

// guarding is what came of the guards of a program.
type guarding struct {
	Variants []guardedVariant `json:"variants"`
	Inserted *guard.Inserted  `json:"inserted,omitempty"`
}

type guardedVariant struct {
	Name    string       `json:"name"`
	Guarded []string     `json:"guarded"`          // predicates
	Tested  []testedPred `json:"tested,omitempty"` // those that are tested at every call
}

type testedPred struct {
	Predicate string `json:"predicate"`
	Why       string `json:"why"`
}

// print writes what came of guards for people.
func (g *guarding) print(w io.Writer) {
	for _, v := range g.Variants {
		for _, t := range v.Tested {
			fmt.Fprintf(w, "%s: '%s' is tested at every call: %s\n", v.Name, t.Predicate, t.Why)
		}
		for _, t := range v.Guarded {
			fmt.Fprintf(w, "%s: '%s' is guarded\n", v.Name, t)
		}
	}
	if in := g.Inserted; in != nil {
		fmt.Fprintf(w, "guards: %d writes have %d guards, %d of them around several writes, %d by a member of the struct\n", in.Writes, in.Guards, in.Batches, in.Quid)
	}
}

// wantsGuards reports whether the quasi-invariants of v are to be guarded.
func (p *pipeline) wantsGuards(v *variant) bool {
	switch p.guards {
	case guardsTable, guardsQuid, guardsEverything:
		return true
	case guardsAuto, "":
		return v.Plug != ""
	}
	return false
}

// finishSlots makes the slots anew whose quasi-invariants are guarded, or whose calls
// are counted. The slots are installed.
func (p *pipeline) finishSlots(slots []pe.Slot) error {
	if err := p.installGuards(slots); err != nil {
		return err
	}
	for i := range slots {
		slots[i].Count = p.countCalls
		if len(slots[i].Guarded) > 0 || p.countCalls {
			p.needsRuntime = true
		}
	}
	pe.GuardSlots(p.prog, slots)
	return nil
}

// installGuards guards the writes of what the quasi-invariants of slots read, and
// says which are guarded in the slots.
func (p *pipeline) installGuards(slots []pe.Slot) error {
	candidates := make(map[*spec.Variant]bool)
	for _, v := range p.variants {
		if v.result.Residual != nil && len(v.When) > 0 && p.wantsGuards(v) {
			candidates[v.Variant] = true
		}
	}
	if len(candidates) == 0 {
		if p.checkGuards && !p.quiet {
			p.diag.print(diagnostic{kind: "remark", text: "--check-guards checks nothing: no writes are guarded; --guards=table guards them"})
		}
		return nil
	}
	prog, err := ir.NewProgram(p.prog.Module, p.prog.Source)
	if err != nil {
		return err
	}
	l, err := p.guardLedger(prog, slots, candidates)
	if err != nil {
		return err
	}
	p.guarded = &guarding{}
	terms, any := make(map[string]bool), false // of predicates that are guarded
	for i := range slots {
		s := &slots[i]
		if !candidates[s.Variant] {
			continue
		}
		s.Quid = l.quidOf(prog)
		gv := guardedVariant{Name: s.Variant.Name, Guarded: []string{}}
		for _, pred := range s.Variant.When {
			if why := l.refuses(prog, s.Variant, pred); why != "" {
				gv.Tested = append(gv.Tested, testedPred{pred.Text, why})
				continue
			}
			s.Guarded, s.Check, any = append(s.Guarded, pred), p.checkGuards, true
			gv.Guarded = append(gv.Guarded, pred.Text)
			for _, t := range l.termsOf[pred] {
				terms[t] = true
			}
		}
		p.guarded.Variants = append(p.guarded.Variants, gv)
		if len(gv.Guarded) == 0 && !p.quiet {
			p.diag.print(diagnostic{kind: "remark", text: fmt.Sprintf("%s has no guards: '%s' is tested at every call: %s", gv.Name, gv.Tested[0].Predicate, gv.Tested[0].Why)})
		}
	}
	if !any {
		return nil
	}
	var rows []guard.Row
	for _, r := range l.rows {
		if r.Term == "" || terms[r.Term] || l.quid[r.Term] != "" && l.why[r.Term] == "" {
			rows = append(rows, r)
		}
	}
	p.guarded.Inserted, err = guard.Insert(prog, rows, guard.InsertOptions{Quid: l.quids()})
	return err
}

// A guardLedger is the ledger of the terms that variants read.
type guardLedger struct {
	rows    []guard.Row
	termsOf map[*spec.Pred][]string
	why     map[string]string     // terms whose ledger is not complete
	unknown map[*spec.Pred]string // predicates whose terms cannot be found
	quid    map[string]string     // members for guards, with their records
}

// quids are the records whose members for guards can be looked at.
func (l *guardLedger) quids() map[string]bool {
	records := make(map[string]bool)
	for term, record := range l.quid {
		if l.why[term] == "" {
			records[record] = true
		}
	}
	return records
}

// quidOf tells of which terms guards look at the instance's member.
func (l *guardLedger) quidOf(prog *ir.Program) func(*spec.Term) bool {
	return func(t *spec.Term) bool {
		q, ok := guard.QuidTerm(prog, t)
		return ok && l.quid[q.String()] != "" && l.why[q.String()] == ""
	}
}

// refuses tells why a predicate is tested at every call, empty if it is guarded, by rule (G3)
// of package guard.
func (l *guardLedger) refuses(p *ir.Program, v *spec.Variant, pred *spec.Pred) string {
	if len(pred.Terms) == 0 {
		return "it reads no memory"
	}
	if !pe.Guardable(v, pred) {
		return "it reads a parameter, or a variable of each thread"
	}
	if why := l.unknown[pred]; why != "" {
		return why
	}
	for _, t := range l.termsOf[pred] {
		if why := l.why[t]; why != "" {
			return why
		}
	}
	return ""
}

// guardLedger lists the writes of what the candidates' predicates read.
func (p *pipeline) guardLedger(prog *ir.Program, slots []pe.Slot, candidates map[*spec.Variant]bool) (*guardLedger, error) {
	l := &guardLedger{termsOf: make(map[*spec.Pred][]string), why: make(map[string]string), unknown: make(map[*spec.Pred]string), quid: make(map[string]string)}
	cfg := guard.Config{Whole: p.whole, Variants: []string{}}
	seen := make(map[string]bool)
	var terms []guard.Term
	add := func(t guard.Term) {
		if !seen[t.String()] {
			seen[t.String()] = true
			terms = append(terms, t)
		}
	}
	for _, s := range slots {
		cfg.Variants = append(cfg.Variants, s.Variant.Fn.LL.Name())
		if !candidates[s.Variant] {
			continue
		}
		for _, pred := range s.Variant.When {
			if !pe.Guardable(s.Variant, pred) {
				continue
			}
			for _, t := range pred.Terms {
				term, err := guard.TermOf(prog, t)
				if err != nil {
					l.unknown[pred] = err.Error()
					break
				}
				text := term.String()
				l.termsOf[pred] = append(l.termsOf[pred], text)
				add(term)
				if q, ok := guard.QuidTerm(prog, t); ok && p.guards != guardsTable && p.guards != guardsEverything {
					l.quid[q.String()], _, _ = strings.Cut(q.String(), ".")
					add(q)
				}
			}
		}
	}
	if p.guards == guardsEverything {
		clear(l.unknown)
		l.rows = guard.Everything(prog)
		return l, nil
	}
	sum, unknown, err := summarizeKnown(prog, terms, cfg)
	if err != nil {
		return nil, err
	}
	for t, why := range unknown {
		l.why[t] = why.Msg
	}
	ledger, err := guard.Join([]*guard.Summary{sum})
	if err != nil {
		return nil, err
	}
	l.rows = ledger.Rows
	for i := range l.rows {
		r := &l.rows[i]
		if l.why[r.Term] != "" {
			continue
		}
		if r.Class == guard.NotVisible {
			l.why[r.Term] = fmt.Sprintf("%s:%d:%d: writes of %s that are not visible: %s", r.File, r.Line, r.Col, r.Term, r.Reason)
		} else if r.Guarded() {
			if err := guard.Insertable(prog, r); err != nil {
				l.why[r.Term] = err.Error()
			}
		}
	}
	return l, nil
}

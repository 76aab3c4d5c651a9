package main

// This file says for the page of analyze --html why points are dynamic and what
// became of each.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"

	"quasi/bta"
	"quasi/ir"
	"quasi/pe"
)

// maxAsks bounds the causes that one page asks for: each costs a search.
const maxAsks = 100_000

// why is the chain of causes of a dynamic verdict, -1 for none.
func (b *pageBuilder) why(q asking) int {
	if n, ok := b.asked[q]; ok {
		return n
	}
	if len(b.order) >= maxAsks {
		b.cut = true
		return -1
	}
	b.order = append(b.order, q)
	n := -1
	chain := bta.Why(q.v, q.pt, q.reg)
	for i := len(chain) - 1; i >= 0; i-- {
		c := b.cause(&chain[i])
		if n < 0 {
			if b.roots[c] == nil {
				b.roots[c] = &chain[i]
			}
		}
		n = b.chains.add([2]int{c, n})
	}
	b.asked[q] = n
	return n
}

// cause numbers a cause.
func (b *pageBuilder) cause(c *bta.Cause) int {
	f := b.p.prog.BlockAt(c.Pt).Fn
	word, text, _ := strings.Cut(strings.ToValidUTF8(c.Text, "\uFFFD"), " ")
	pc := pageCause{causeWord: b.words.add(word), causeText: b.texts.add(text),
		causePlace: b.place(c.Pos.File, c.Pos.Line), causeCol: c.Pos.Col,
		causeFunc: b.function(f), causeVariant: -1, causeLine: -1}
	if c.In != nil {
		pc[causeVariant] = c.In.ID
	}
	if l, ok := b.lineOf[c.Pt]; ok {
		pc[causeLine] = l
	}
	return b.causes.add(pc)
}

// became says what became of pt under a variant.
func (b *pageBuilder) became(bv *bta.Variant, pt ir.Point, o *pe.Observation) string {
	if o == nil {
		return "specialization did not come here"
	}
	var says []string
	say := func(format string, args ...any) { says = append(says, fmt.Sprintf(format, args...)) }
	inst := b.p.prog.InstAt(pt)
	if o.Executed > 0 {
		switch {
		case inst == nil && len(o.Taken) > 0:
			say("decided %s; %s", times(o.Executed), b.taken(pt, o.Taken))
		case len(o.Unfolded) > 0:
			say("unfolded %s%s", times(o.Executed), under(o.Unfolded))
			if len(o.Values) > 0 {
				say("it returned %s", valueList(o))
			}
		case isStore(inst):
			say("stored while specializing, %s; no store is left here", times(o.Executed))
		case len(o.Values) > 0:
			say("executed %s: %s", times(o.Executed), valueList(o))
		default:
			say("executed %s", times(o.Executed))
		}
	} else if len(o.Values) > 0 {
		say("its result is known all the same: %s", valueList(o))
	}
	if o.Lifted > 0 {
		say("its value went into residual code as a constant, %s", times(o.Lifted))
	}
	switch {
	case len(o.Called) > 0:
		say("became a call of @%s, %s", strings.Join(o.Called, ", @"), times(o.Residual))
	case o.Residual > 0:
		say("left in residual code %s", times(o.Residual))
	}
	return strings.ToValidUTF8(strings.Join(says, "; "), "\uFFFD")
}

func isStore(inst llir.Instruction) bool {
	_, ok := inst.(*llir.InstStore)
	return ok
}

// under names variants that are not the first of their function.
func under(list []*bta.Variant) string {
	var names []string
	for _, v := range list {
		if v != nil {
			names = append(names, fmt.Sprintf("%d of @%s", v.ID, v.Fn.Name()))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " as variant " + strings.Join(names, ", ")
}

// times is how often something was done.
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// valueList lists the values of an observation.
func valueList(o *pe.Observation) string {
	text := strings.Join(o.Values, ", ")
	if o.More {
		text += " and others"
	}
	return text
}

// taken says where a decided branch went.
func (b *pageBuilder) taken(pt ir.Point, taken map[int]int) string {
	blk := b.p.prog.BlockAt(pt)
	var parts []string
	for i := range blk.Succs {
		if n := taken[i]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %s", edgeName(blk, i), times(n)))
		}
	}
	return strings.Join(parts, ", ")
}

// edgeName names the way to successor i of a block by the condition.
func edgeName(b *ir.Block, i int) string {
	switch t := b.LL.Term.(type) {
	case *llir.TermCondBr:
		return [...]string{"true", "false"}[i]
	case *llir.TermSwitch:
		if i == 0 || i > len(t.Cases) {
			return "default"
		}
		return "case " + t.Cases[i-1].X.Ident()
	}
	return "%" + b.Succs[i].LL.Name()
}

// maxRoots bounds the causes that one page asks remedies for.
const maxRoots = 60

// pageTries is how often the analysis of f is run again to try remedies for a
// page. It may take the square of the instructions that f reaches.
func (p *pipeline) pageTries(f *ir.Func) int {
	const enough, work = 64, 200_000_000
	n := 1
	seen := map[*ir.Func]bool{f: true}
	for list := []*ir.Func{f}; len(list) > 0; list = list[1:] {
		n += int(list[0].End - list[0].First)
		callees, _ := p.cg.CalleesOf(list[0])
		for _, g := range callees {
			if !seen[g] {
				seen[g] = true
				list = append(list, g)
			}
		}
	}
	if tries := work / (n * n); tries > 0 {
		return min(tries, enough)
	}
	return -1
}

// remedies asks once for each last cause of a chain what would remove it. One page
// can have many: those that are behind most chains come first.
func (b *pageBuilder) remedies() {
	weight := map[int]int{}
	first := map[int]asking{}
	for _, q := range b.order {
		r := b.root(b.asked[q])
		if r < 0 {
			continue
		}
		if weight[r]++; weight[r] == 1 {
			first[r] = q
		}
	}
	order := make([]int, 0, len(first))
	for r := range first {
		order = append(order, r)
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Or(cmp.Compare(weight[y], weight[x]), cmp.Compare(x, y)) })
	for _, r := range order[:min(len(order), maxRoots)] {
		q := first[r]
		x := bta.Explain(q.v, q.pt, q.reg)
		if x == nil || len(x.Remedies) == 0 {
			continue
		}
		root := pageRoot{Cause: r, Checked: x.Checked}
		for _, m := range x.Remedies {
			root.Remedies = append(root.Remedies, pageRemedy{Text: strings.ToValidUTF8(m.Text, "\uFFFD"), Flag: strings.ToValidUTF8(m.Flag, "\uFFFD")})
		}
		b.data.Roots = append(b.data.Roots, root)
	}
}

// root is the last cause of chain c, -1 if c is none.
func (b *pageBuilder) root(c int) int {
	last := -1
	for c >= 0 {
		last, c = b.chains.list[c][0], b.chains.list[c][1]
	}
	return last
}

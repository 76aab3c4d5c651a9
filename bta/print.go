package bta

// This file holds the annotated listing and the summary by source line.

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"quasi/ir"
)

// Fprint writes the annotated listing of every variant: valid LLVM IR but for
// repeated functions, with the Exec of each instruction as a comment at its end
// and the specialized points as comments behind the labels.
func Fprint(w io.Writer, res *Result) error {
	for i, v := range res.Variants {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		if err := FprintVariant(w, v); err != nil {
			return err
		}
	}
	return nil
}

// FprintVariant writes the listing of one variant.
func FprintVariant(w io.Writer, v *Variant) error {
	if _, err := fmt.Fprintf(w, "; @%s variant %d: %s\n", v.Fn.Name(), v.ID, v.entryText()); err != nil {
		return err
	}
	return ir.FprintListing(w, v.Fn, ir.Listing{Point: v.note, Block: v.blockNote})
}

// entryText is the entry division: `%a=S %b=D, @g[0:4)=S`.
func (v *Variant) entryText() string {
	var parts []string
	for i, p := range v.Fn.LL.Params {
		parts = append(parts, p.Ident()+"="+v.regs[i].bt.String())
	}
	mem := v.Division().Static()
	for _, c := range mem {
		parts = append(parts, c.String()+"=S")
	}
	if v.own {
		parts = append(parts, "(own function)")
	}
	return strings.Join(parts, " ")
}

// Division is the division at v's entry.
func (v *Variant) Division() *Division {
	s := &state{mem: v.entry.mem, leaked: v.entry.leaked}
	return &Division{v: v, b: v.Fn.Blocks[0], pt: v.Fn.First, s: s}
}

// note is the annotation of one point.
func (v *Variant) note(pt ir.Point) string {
	b := v.an.prog.BlockAt(pt)
	if v.in[b.ID] == nil {
		return ""
	}
	if i := v.instAt(pt); i != nil && ir.IsDebug(i) {
		return ""
	}
	text := v.Exec(pt).String()
	if v.SplitSelect(pt) || v.SplitLoad(pt) {
		text += " split"
	}
	for _, c := range v.plans[pt] {
		p := v.Call(pt, c.fn)
		text += " " + p.Action.String()
		if p.Callee != nil {
			text += fmt.Sprintf(" @%s.%d", c.fn.Name(), p.Callee.ID)
		}
	}
	return text
}

// blockNote is the annotation of a block's label.
func (v *Variant) blockNote(b *ir.Block) string {
	if v.in[b.ID] == nil {
		return "not reached"
	}
	j := v.Join(b)
	if j == nil {
		return ""
	}
	text := "join"
	if len(j.DynRegs) > 0 {
		text += " dyn" + v.names(j.DynRegs)
	}
	if len(j.Split) > 0 {
		text += " split" + v.names(j.Split)
	}
	for i, c := range j.DynMem {
		if i == 0 {
			text += " flush"
		}
		text += " " + c.String()
	}
	for i, o := range j.Leaked {
		if i == 0 {
			text += " leaked"
		}
		text += " " + objectName(o)
	}
	return text
}

func (v *Variant) names(rs []ir.Reg) string {
	var sb strings.Builder
	for _, r := range rs {
		sb.WriteString(" " + v.Fn.Values[r].Ident())
	}
	return sb.String()
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// objectName is the object as listings show it.
func objectName(o *ir.Object) string {
	if o.Site == nil && o.Const {
		return "string"
	}
	return o.String()
}

// A SourceBinding is the binding time of what stands at a column of a line.
type SourceBinding struct {
	Col int
	BT  BindingTime
}

// SourceBindings sums the result up by source line, keyed `file:line`. Columns
// ascend; where several instructions or variants share one, it is StaticDynamic
// if they differ. Instructions without debug location are left out.
func SourceBindings(res *Result) map[string][]SourceBinding {
	type key struct {
		line string
		col  int
	}
	times := make(map[key]BindingTime)
	for _, v := range res.Variants {
		for _, b := range v.Fn.Blocks {
			if !v.Reached(b) {
				continue
			}
			for pt := b.First; pt < b.End(); pt++ {
				if i := v.instAt(pt); i != nil && ir.IsDebug(i) {
					continue
				}
				pos := v.an.prog.Position(pt)
				if pos.Line == 0 {
					continue
				}
				k := key{fmt.Sprintf("%s:%d", pos.File, pos.Line), pos.Col}
				bt := v.Exec(pt)
				if old, ok := times[k]; ok && old != bt {
					bt = StaticDynamic
				}
				times[k] = bt
			}
		}
	}
	out := make(map[string][]SourceBinding)
	for k, bt := range times {
		out[k.line] = append(out[k.line], SourceBinding{k.col, bt})
	}
	for _, s := range out {
		slices.SortFunc(s, func(x, y SourceBinding) int { return x.Col - y.Col })
	}
	return out
}

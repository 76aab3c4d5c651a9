package ir

// This file prints modules and listings.

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	llir "github.com/llir/llvm/ir"
)

// Fprint writes the module as LLVM 14 text.
func Fprint(w io.Writer, p *Program) error {
	for _, f := range p.Module.Funcs {
		ResetLocalIDs(f)
	}
	_, err := p.Module.WriteTo(w)
	return err
}

// FprintFunc writes a listing of f: annotate gives the text after `; ` at the
// end of each line, none if it is empty or annotate is nil.
func FprintFunc(w io.Writer, f *Func, annotate func(pt Point) string) error {
	return FprintListing(w, f, Listing{Point: annotate})
}

// A Listing says how FprintListing annotates.
type Listing struct {
	Point func(pt Point) string // at the end of an instruction's line
	Block func(b *Block) string // behind a block's label
}

// FprintListing writes a listing of f, which is valid LLVM IR.
func FprintListing(w io.Writer, f *Func, l Listing) error {
	bw := bufio.NewWriter(w)
	ResetLocalIDs(f.LL)
	head := *shallowDecl(f.LL)
	text := strings.TrimPrefix(head.LLString(), "declare ")
	if f.IsDecl() {
		fmt.Fprintf(bw, "declare %s\n", text)
		return bw.Flush()
	}
	fmt.Fprintf(bw, "define %s {\n", text)
	for _, b := range f.Blocks {
		note := ""
		if l.Block != nil {
			note = l.Block(b)
		}
		writeNoted(bw, strings.TrimPrefix(b.LL.Ident(), "%")+":", note)
		for pt := b.First; pt < b.End(); pt++ {
			note := ""
			if l.Point != nil {
				note = l.Point(pt)
			}
			writeNoted(bw, "  "+f.Prog.UserAt(pt).LLString(), note)
		}
	}
	fmt.Fprintln(bw, "}")
	return bw.Flush()
}

// shallowDecl is f without its body.
func shallowDecl(f *llir.Func) *llir.Func {
	return &llir.Func{GlobalIdent: f.GlobalIdent, Sig: f.Sig, Params: f.Params, Typ: f.Typ, Linkage: f.Linkage,
		Preemption: f.Preemption, Visibility: f.Visibility, CallingConv: f.CallingConv, ReturnAttrs: f.ReturnAttrs}
}

// writeNoted writes a line with its annotation, which goes on the first line
// if text has several.
func writeNoted(w *bufio.Writer, text, note string) {
	if note != "" {
		first, rest, more := strings.Cut(text, "\n")
		text = first + " ; " + strings.ReplaceAll(note, "\n", " ")
		if more {
			text += "\n" + rest
		}
	}
	w.WriteString(text)
	w.WriteByte('\n')
}

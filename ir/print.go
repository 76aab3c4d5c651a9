package ir

// This file prints modules and listings, round the faults of llir's printing:
//
//	(F1) a float that has a short decimal form, such as 2^25, is written with
//	     too few digits, since they are counted for 24 bits of precision;
//	(F2) an enumerator of debug information that it has no name for is written
//	     as DwarfAttEncoding(3);
//	(F3) numbers of unnamed locals and globals that are stale after an edit are
//	     refused.

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
)

// Fprint writes the module as text that LLVM 14 reads. The error is the
// writer's, or tells what of the module llir cannot print.
func Fprint(w io.Writer, p *Program) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("module cannot be printed: %v", r)
		}
	}()
	for _, f := range p.Module.Funcs {
		ResetLocalIDs(f)
	}
	eachConstant(p.Module, func(c constant.Constant, _ func() Position) { exact(c) })
	resetGlobalIDs(p.Module)
	bw := bufio.NewWriterSize(w, 1<<16)
	if _, err := p.Module.WriteTo(enumWriter{bw}); err != nil {
		return err
	}
	return bw.Flush()
}

// exactBits is a precision at which the shortest decimal form of a float is its
// exact value, if llir chooses to print it as a decimal.
const exactBits = 256

// exact sets the precision of the floats in c for (F1); no value changes.
func exact(c constant.Constant) {
	walkConstant(c, func(c constant.Constant) {
		if f, ok := c.(*constant.Float); ok && f.X != nil && f.X.Prec() < exactBits {
			f.X.SetPrec(exactBits)
		}
	})
}

// An enumWriter applies (F2): LLVM reads the numbers as well. llir writes each
// global, function and metadata node in one call; globals have none.
type enumWriter struct{ w io.Writer }

var unnamedEnum = regexp.MustCompile(`([a-zA-Z]: )(?:Dwarf\w+|EmissionKind|NameTableKind)\((\d+)\)`)

func (e enumWriter) Write(b []byte) (int, error) {
	out := b
	if !bytes.HasPrefix(b, []byte("@")) && (bytes.Contains(b, []byte("Dwarf")) || bytes.Contains(b, []byte("Kind("))) {
		out = unnamedEnum.ReplaceAll(b, []byte("$1$2"))
	}
	if _, err := e.w.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
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

// FprintListing writes a listing of f: its definition in IR, with annotations as
// comments and without the attributes that do not matter to an analysis.
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

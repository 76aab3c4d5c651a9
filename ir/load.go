package ir

// This file holds Load. It is the only importer of llir's parser.

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/llir/ll"
	"github.com/llir/llvm/asm"
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// Load reads a module in LLVM 14's text form, checks and numbers it. name is
// for messages. The error is an *Error, or several joined.
func Load(name string, src []byte) (*Program, error) {
	text := string(src)
	if err := notText(text); err != nil {
		return nil, &Error{Pos: Position{File: name}, Err: err}
	}
	pre, line, err := prepass(text)
	if err != nil {
		return nil, &Error{Pos: Position{File: name, Line: line}, Err: err}
	}
	unknown := make(chan int, 1)
	go func() { unknown <- unknownToken(pre.text) }()
	m, err := parse(name, pre.text)
	if off := <-unknown; off >= 0 {
		// What follows an unknown token confuses the parser no less.
		err = ll.SyntaxError{Offset: off}
	}
	if err != nil {
		return nil, explain(name, text, pre, err)
	}
	if err := repair(m, pre, name); err != nil {
		return nil, err
	}
	p, err := NewProgram(m, name)
	if err != nil {
		return nil, err
	}
	if errs := Check(p); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return p, nil
}

// errPanic marks an error that was a panic in llir.
var errPanic = errors.New("llir cannot read this")

// parse runs llir's parser, which panics on some inputs.
func parse(name, text string) (m *llir.Module, err error) {
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	return asm.ParseString(name, text)
}

// unknownToken is the offset of the first token that is none, -1 without one.
// llir's parser skips these silently, so `retn void` would do for `ret void`;
// and it needs no blank between words, which the pre-pass relies on.
func unknownToken(text string) int {
	var lexer ll.Lexer
	lexer.Init(text)
	word := func(c byte) bool { return isWord(c) && c != '-' && c != '$' }
	last := 0
	for {
		token := lexer.Next()
		from, to := lexer.Pos()
		switch {
		case token == ll.EOI:
			return -1
		case token == ll.INVALID_TOKEN:
			return from
		case from == last && from > 0 && from < len(text) && word(text[from-1]) && word(text[from]):
			return from
		}
		last = to
	}
}

// notText says what src is if it is no text at all.
func notText(src string) error {
	switch {
	case strings.HasPrefix(src, "BC\xC0\xDE"), strings.HasPrefix(src, "\xDE\xC0\x17\x0B"):
		return errors.New("this is LLVM bitcode, not text; convert it with llvm-dis-14")
	case strings.HasPrefix(src, "\x7fELF"), strings.HasPrefix(src, "!<arch>\n"):
		return errors.New("this is an object file or archive, not LLVM IR; compile with clang-14 -S -emit-llvm")
	case strings.TrimSpace(src) == "":
		return errors.New("the file is empty")
	case strings.IndexByte(src, 0) >= 0:
		return errors.New("this is a binary file, not LLVM IR text")
	}
	return nil
}

// explain makes an *Error with a position of what llir's parser returned.
func explain(name, text string, pre *prepassed, err error) error {
	pos := Position{File: name}
	if !looksLikeIR(text) {
		return &Error{Pos: pos, Err: errors.New("this is not LLVM IR text; compile C with clang-14 -S -emit-llvm")}
	}
	var syntax ll.SyntaxError
	if errors.As(err, &syntax) {
		off := min(pre.original(syntax.Offset), len(text))
		for off > 0 && off < len(text) && isWord(text[off]) && isWord(text[off-1]) {
			off-- // the lexer may take the front of a word for a token
		}
		start := strings.LastIndexByte(text[:off], '\n') + 1
		pos.Line, pos.Col = strings.Count(text[:off], "\n")+1, off-start+1
		token := tokenAt(text, off)
		if newer := newerRelease(text, token); newer != "" {
			return &Error{Pos: pos, Err: errors.New(newer)}
		}
		return &Error{Pos: pos, Err: fmt.Errorf("syntax error at %s", token)}
	}
	pos.Func, pos.Line = locate(name, pre.text, err)
	return &Error{Pos: pos, Err: cause(err)}
}

// looksLikeIR reports whether any line begins as a top-level entity of a module
// does.
func looksLikeIR(text string) bool {
	for len(text) > 0 {
		line, rest, _ := strings.Cut(text, "\n")
		for _, p := range [...]string{"define ", "declare ", "target ", "source_filename", "@", "%", "!", "attributes #", "$", "module asm"} {
			if strings.HasPrefix(line, p) {
				return true
			}
		}
		text = rest
	}
	return false
}

// tokenAt quotes the word at text[off], for messages.
func tokenAt(text string, off int) string {
	if off >= len(text) {
		return "the end of the file"
	}
	to := off
	for to < len(text) && isWord(text[to]) && to-off < 40 {
		to++
	}
	if to == off {
		to++
	}
	return fmt.Sprintf("%q", text[off:to])
}

// newerRelease tells a module of LLVM 15 or newer by its opaque pointers or by
// the compiler it names. token is what could not be read.
func newerRelease(text, token string) string {
	release := identRelease(text)
	opaque := token == `"ptr"`
	if release <= 14 && !opaque {
		return ""
	}
	what := "this is IR of a newer LLVM"
	if release > 14 {
		what = fmt.Sprintf("this is IR of LLVM %d", release)
	}
	why := fmt.Sprintf("%s is not known to LLVM 14", token)
	if opaque {
		why = "it has opaque pointers"
	}
	advice := "compile with clang-14"
	if opaque && release <= 16 {
		advice += ", or with -Xclang -no-opaque-pointers if it is clang 15 or 16"
	}
	return fmt.Sprintf("%s (%s); %s", what, why, advice)
}

// identRelease is the release number in the first "clang version N" of text, 0
// if there is none.
func identRelease(text string) int {
	_, rest, ok := strings.Cut(text, "clang version ")
	n := 0
	for i := 0; ok && i < len(rest) && i < 3 && isDigit(rest[i]); i++ {
		n = n*10 + int(rest[i]-'0')
	}
	return n
}

// cause is the innermost error: llir wraps each in the chain of its callers'.
func cause(err error) error {
	if errors.Is(err, errPanic) {
		return err
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// repair mends what llir's parser gets wrong in the tree, and has llir compute
// all types it computes on demand, which panics where operands do not fit.
func repair(m *llir.Module, pre *prepassed, name string) (err error) {
	pos := Position{File: name}
	where := func() Position { return pos }
	defer func() {
		if r := recover(); r != nil {
			pos := where()
			pos.File = name
			err = &Error{Pos: pos, Err: fmt.Errorf("%w: %v", errPanic, r)}
		}
	}()
	for _, d := range m.MetadataDefs {
		if field := missingField(d); field != "" {
			return &Error{Pos: pos, Err: fmt.Errorf("%s lacks the required field %s", d.Ident(), field)}
		}
	}
	stands := takeStands(m, pre)
	for _, g := range m.Globals {
		pos.Value = g.Ident()
		g.Type()
	}
	for _, a := range m.Aliases {
		pos.Value = a.Ident()
		a.Type()
	}
	for _, f := range m.Funcs {
		pos.Func = f.Name()
		f.Type()
		if pre.aligned {
			putAligns(f.ReturnAttrs)
		}
		for _, b := range f.Blocks {
			pos.Block = b.Name()
			for i, inst := range b.Insts {
				pos.Value = fmt.Sprintf("#%d", i)
				repairInst(inst, stands)
				if call, ok := inst.(*llir.InstCall); ok && pre.aligned {
					putAligns(call.ReturnAttrs)
				}
			}
			if call, ok := b.Term.(*llir.TermInvoke); ok && pre.aligned {
				putAligns(call.ReturnAttrs)
			}
			pos.Value = fmt.Sprintf("#%d", len(b.Insts))
			if v, ok := b.Term.(value.Value); ok {
				v.Type()
			}
		}
	}
	eachConstant(m, func(c constant.Constant, at func() Position) {
		where = at
		constantTypes(c)
	})
	return nil
}

// missingField names a field that d has to have and has not, "" if there is none.
// LLVM refuses such a node; llir reads it and prints what nobody can read.
func missingField(d metadata.Definition) string {
	field, value := "scope", metadata.Field(metadata.Null)
	switch d := d.(type) {
	case *metadata.DICommonBlock:
		value = d.Scope
	case *metadata.DIDerivedType:
		field, value = "baseType", d.BaseType
	case *metadata.DIGlobalVariableExpression:
		field, value = "var", d.Var
	case *metadata.DIImportedEntity:
		value = d.Scope
	case *metadata.DILabel:
		value = d.Scope
	case *metadata.DILexicalBlock:
		value = d.Scope
	case *metadata.DILexicalBlockFile:
		value = d.Scope
	case *metadata.DILocalVariable:
		value = d.Scope
	case *metadata.DILocation:
		value = d.Scope
	case *metadata.DIModule:
		value = d.Scope
	case *metadata.DINamespace:
		value = d.Scope
	case *metadata.DISubroutineType:
		field, value = "types", d.Types
	case *metadata.DITemplateTypeParameter:
		field, value = "type", d.Type
	case *metadata.DITemplateValueParameter:
		field, value = "value", d.Value
	}
	if value == nil {
		return field
	}
	return ""
}

func repairInst(inst llir.Instruction, stands map[uint64]constant.Constant) {
	switch inst := inst.(type) {
	case *llir.InstCmpXchg: // llir makes it {T, i8}
		inst.Typ = types.NewStruct(inst.New.Type(), types.I1)
	case *llir.InstGetElementPtr:
		if stands != nil {
			putStands(inst.Indices, stands)
		}
		inst.Typ = gepVector(inst)
	}
	if v, ok := inst.(value.Value); ok {
		v.Type()
	}
}

// constantTypes computes the type of c and brings integers of type i1, such as
// `i1 -1`, to 0 or 1, the only ones llir can print. constant.True and constant.False,
// which all modules share, are left alone: modules may be loaded at the same time.
func constantTypes(c constant.Constant) {
	walkConstant(c, func(c constant.Constant) {
		c.Type()
		if n, ok := c.(*constant.Int); ok && n.Typ.BitSize == 1 {
			if x := wrap(n.X, 1); x.Cmp(n.X) != 0 {
				n.X = x
			}
		}
		if f, ok := c.(*constant.Float); ok {
			checkFloat(f)
		}
	})
}

// checkFloat refuses, as LLVM does, a constant that is none of its type.
func checkFloat(f *constant.Float) {
	switch {
	case f.Typ.Kind == types.FloatKindFP128:
		panic("a constant of another type is given for an fp128") // (L2) leaves none of its own
	case f.X == nil || f.NaN || f.X.IsInf():
	case f.Typ.Kind == types.FloatKindFloat:
		if _, exact := f.X.Float32(); exact != big.Exact {
			panic("a constant that is no float is given for a float")
		}
	case f.Typ.Kind == types.FloatKindHalf:
		if !isHalf(f.X) {
			panic("a constant that is no half is given for a half")
		}
	}
}

// isHalf reports whether the finite x is a number of binary16: a multiple of
// 2^-24 of at most 11 bits, below 2^16.
func isHalf(x *big.Float) bool {
	unit := new(big.Float).SetMantExp(x, 24)
	return unit.IsInt() && x.MinPrec() <= 11 && x.MantExp(nil) <= 16
}

// gepVector is the type of a getelementptr: llir takes a vector index that is
// undef or zeroinitializer for a scalar.
func gepVector(inst *llir.InstGetElementPtr) types.Type {
	if _, ok := inst.Typ.(*types.PointerType); !ok {
		return inst.Typ
	}
	for _, index := range inst.Indices {
		if vt, ok := index.Type().(*types.VectorType); ok {
			return types.NewVector(vt.Len, inst.Typ)
		}
	}
	return inst.Typ
}

// putAligns puts the alignments of rule (L1) back.
func putAligns(attrs []llir.ReturnAttribute) {
	for i, a := range attrs {
		if d, ok := a.(llir.Dereferenceable); ok && !d.DerefOrNull && d.N > alignBase {
			attrs[i] = llir.Align(d.N - alignBase)
		}
	}
}

// takeStands removes the globals of rule (L3) and returns what stands for each
// number.
func takeStands(m *llir.Module, pre *prepassed) map[uint64]constant.Constant {
	if pre.stands == nil {
		return nil
	}
	byName := make(map[string]constant.Constant)
	m.Globals = slices.DeleteFunc(m.Globals, func(g *llir.Global) bool {
		if strings.HasPrefix(g.GlobalName, standPrefix) {
			byName[g.GlobalName] = g.Init
			return true
		}
		return false
	})
	stands := make(map[uint64]constant.Constant, len(pre.stands))
	for n, name := range pre.stands {
		stands[n] = byName[name]
	}
	return stands
}

// putStands puts the constant expressions of rule (L3) back.
func putStands(indices []value.Value, stands map[uint64]constant.Constant) {
	find := func(v value.Value) constant.Constant {
		if n, ok := v.(*constant.Int); ok && n.X.IsUint64() {
			return stands[n.X.Uint64()]
		}
		return nil
	}
	for i, v := range indices {
		if c := find(v); c != nil {
			indices[i] = c
		}
		if vec, ok := v.(*constant.Vector); ok {
			for j, e := range vec.Elems {
				if c := find(e); c != nil {
					vec.Elems[j] = c
				}
			}
		}
	}
}

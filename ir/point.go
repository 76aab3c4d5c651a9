package ir

// This file holds positions for people, and Error.

import (
	"fmt"
	"path"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/metadata"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// A Position is a place in a program for people. Any part may be missing.
type Position struct {
	File      string // source file, else the .ll file
	Line, Col int
	Func      string // without @
	Block     string // label without %
	Value     string // the instruction, as #3 counted in its block, or a value such as %x or @g
}

// String is like interp.c:41:7: @run:%loop#3, without what is missing.
func (p Position) String() string {
	var sb strings.Builder
	sb.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&sb, ":%d", p.Line)
		if p.Col > 0 {
			fmt.Fprintf(&sb, ":%d", p.Col)
		}
	}
	if p.Func != "" {
		if sb.Len() > 0 {
			sb.WriteString(": ")
		}
		sb.WriteString("@" + p.Func)
		if p.Block != "" {
			sb.WriteString(":%" + p.Block)
		}
		if p.Value != "" && !strings.HasPrefix(p.Value, "#") {
			sb.WriteString(":")
		}
	} else if p.Value != "" && sb.Len() > 0 {
		sb.WriteString(": ")
	}
	sb.WriteString(p.Value)
	return sb.String()
}

// An Error is a fault of the input, or something in it that is not supported.
type Error struct {
	Pos Position
	Err error
}

// Error is the position, a colon and the fault.
func (e *Error) Error() string {
	if pos := e.Pos.String(); pos != "" {
		return pos + ": " + e.Err.Error()
	}
	return e.Err.Error()
}

// Unwrap returns the fault.
func (e *Error) Unwrap() error { return e.Err }

// Position says where pt is: in the source if the instruction has a !dbg
// attachment, and always in the IR.
func (p *Program) Position(pt Point) Position {
	b := p.BlockAt(pt)
	pos := Position{File: p.Source, Func: b.Fn.LL.GlobalIdent.Name(), Block: b.LL.Name(), Value: fmt.Sprintf("#%d", pt-b.First)}
	if loc := DebugLoc(p.UserAt(pt)); loc != nil {
		if file := scopeFile(loc.Scope); file != "" {
			pos.File, pos.Line, pos.Col = file, int(loc.Line), int(loc.Column)
		}
	}
	return pos
}

// A Frame is a place in the source of a function, which need not be the function
// that holds the instruction: code is inlined, before or by specialization.
type Frame struct {
	Func string // the C name
	File string
	Line int
	Col  int
}

// Frames is where the instruction at pt stems from: its own place, then the calls
// through which that was inlined, innermost first; empty without debug information.
func (p *Program) Frames(pt Point) []Frame {
	var frames []Frame
	for loc := DebugLoc(p.UserAt(pt)); loc != nil && len(frames) < 100; loc = loc.InlinedAt {
		if file := scopeFile(loc.Scope); file != "" {
			frames = append(frames, Frame{scopeFunc(loc.Scope), file, int(loc.Line), int(loc.Column)})
		}
	}
	return frames
}

// PositionOf says where f is, by its subprogram if it has one.
func (p *Program) PositionOf(f *Func) Position {
	pos := Position{File: p.Source, Func: f.LL.GlobalIdent.Name()}
	for _, a := range f.LL.Metadata {
		if sp, ok := a.Node.(*metadata.DISubprogram); ok && sp.File != nil {
			pos.File, pos.Line = fileName(sp.File, sp.Unit), int(sp.Line)
		}
	}
	return pos
}

// PointOf returns the point of v, an instruction or terminator of f; ok is
// false for parameters and what is not in f.
func (f *Func) PointOf(u value.User) (pt Point, ok bool) {
	if f.facts.points == nil {
		f.facts.points = make(map[value.User]Point)
		for _, b := range f.Blocks {
			for i, inst := range b.LL.Insts {
				f.facts.points[inst] = b.First + Point(i)
			}
			f.facts.points[b.LL.Term] = b.TermPoint()
		}
	}
	pt, ok = f.facts.points[u]
	return pt, ok
}

// DebugLoc returns the !dbg attachment of an instruction or terminator, nil if
// it has none.
func DebugLoc(u any) *metadata.DILocation {
	m, ok := u.(interface {
		MDAttachments() []*metadata.Attachment
	})
	if !ok {
		return nil
	}
	for _, a := range m.MDAttachments() {
		if a.Name == "dbg" {
			loc, _ := a.Node.(*metadata.DILocation)
			return loc
		}
	}
	return nil
}

// scopeFile is the file of a debug info scope, looked up outwards.
func scopeFile(scope metadata.Field) string {
	inner := scope
	for range 100 {
		var file *metadata.DIFile
		switch s := scope.(type) {
		case *metadata.DISubprogram:
			file, scope = s.File, s.Scope
		case *metadata.DILexicalBlock:
			file, scope = s.File, s.Scope
		case *metadata.DILexicalBlockFile:
			file, scope = s.File, s.Scope
		case *metadata.DIFile:
			file, scope = s, nil
		case *metadata.DICompileUnit:
			file, scope = s.File, nil
		}
		if file != nil {
			_, unit := scopeOf(inner)
			return fileName(file, unit)
		}
		if scope == nil {
			break
		}
	}
	return ""
}

// fileName is the name of a file as the compiler was given it. Where clang was given an
// absolute path, it may have split it at what that has in common with the folder that
// it was run in.
func fileName(f *metadata.DIFile, unit *metadata.DICompileUnit) string {
	if unit == nil || unit.File == nil || f.Directory == "" || f.Directory == unit.File.Directory || path.IsAbs(f.Filename) {
		return f.Filename
	}
	return path.Join(f.Directory, f.Filename)
}

// scopeFunc is the C function that a debug info scope lies in.
func scopeFunc(scope metadata.Field) string {
	if sub, _ := scopeOf(scope); sub != nil {
		return sub.Name
	}
	return ""
}

// HasResult reports whether u yields an SSA value: it does unless its type is
// void or, as for store and br, it has none.
func HasResult(u any) bool {
	v, ok := u.(value.Value)
	if !ok {
		return false
	}
	_, void := v.Type().(*types.VoidType)
	return !void
}

// IsDebug reports whether inst is a call to an llvm.dbg intrinsic.
func IsDebug(inst llir.Instruction) bool {
	call, ok := inst.(*llir.InstCall)
	if !ok {
		return false
	}
	f, ok := call.Callee.(*llir.Func)
	return ok && strings.HasPrefix(f.GlobalName, "llvm.dbg.")
}

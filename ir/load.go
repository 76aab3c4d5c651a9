package ir

// This file holds Load. It is the only importer of llir's parser.

import (
	"errors"
	"fmt"

	"github.com/llir/llvm/asm"
	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
)

// Load reads a module in LLVM 14's text form and numbers it. name is for
// messages. All faults that are found are in the error: each is an *Error, and
// several are joined.
func Load(name string, src []byte) (*Program, error) {
	m, err := parse(name, string(src))
	if err != nil {
		return nil, &Error{Pos: Position{File: name}, Err: err}
	}
	repair(m)
	p, err := NewProgram(m, name)
	if err != nil {
		return nil, &Error{Pos: Position{File: name}, Err: err}
	}
	if errs := Check(p); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return p, nil
}

// parse runs llir's parser, which panics on some inputs.
func parse(name, text string) (m *llir.Module, err error) {
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("llir: %v", r)
		}
	}()
	return asm.ParseString(name, text)
}

// repair mends what llir's parser gets wrong in the tree.
func repair(m *llir.Module) {
	for _, f := range m.Funcs {
		for _, b := range f.Blocks {
			for _, inst := range b.Insts {
				if x, ok := inst.(*llir.InstCmpXchg); ok {
					x.Typ = types.NewStruct(x.New.Type(), types.I1) // llir makes it {T, i8}
				}
			}
		}
	}
}

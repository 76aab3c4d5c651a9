package spec

// This file holds File: a specification as it is written.

import "quasi/ir"

// A File is a specification that is well-formed but not bound to a program.
type File struct {
	Variants []*Entry
}

// An Entry asks for one variant.
type Entry struct {
	Function string
}

// Parse reads a specification. file names it in messages.
func Parse(file string, src []byte) (*File, error) { return &File{}, nil }

// FromFlags makes the specification that `-e fn --static NAME=VALUE --when
// EXPR` says.
func FromFlags(fn string, static []string, when []string) (*File, error) { return &File{}, nil }

// Resolve binds f to p.
func Resolve(p *ir.Program, f *File) (*Resolved, error) { return &Resolved{}, nil }

package main

// This file turns panics of the libraries into internal errors: a broken
// invariant ends the run with the phase and the function at hand, exit code 3.

import (
	"fmt"
	"runtime/debug"
)

// An internalError is a bug of quasi, found in a phase while it worked on a
// function.
type internalError struct {
	phase string
	fn    string // without @; empty where no single function is at hand
	value any    // what was panicked with
	stack []byte
}

func (e *internalError) Error() string {
	where := e.phase
	if e.fn != "" {
		where += ", function @" + e.fn
	}
	return fmt.Sprintf("internal error in %s: %v", where, e.value)
}

// asInternal wraps a recovered panic. A panic that is wrapped already keeps
// its own phase.
func asInternal(phase, fn string, v any) error {
	if e, ok := v.(*internalError); ok {
		return e
	}
	return &internalError{phase: phase, fn: fn, value: v, stack: debug.Stack()}
}

// protect runs f and turns a panic into an internalError.
func protect(phase, fn string, f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = asInternal(phase, fn, v)
		}
	}()
	return f()
}

package bta

// This file holds Mode: the sensitivities of the analysis that can be switched
// off, to compare it with others.

import "strings"

// A Mode takes sensitivities away from the analysis. The zero Mode has them all.
type Mode struct {
	Uniform     bool // one binding time a variable for the whole program, and eager copies, as C-Mix has it
	Monovariant bool // one entry division a function
	NoUse       bool // an address or object that residual code needs is dynamic everywhere
	NoReturn    bool // the result of a call that leaves residual code is dynamic
}

// String names what is switched off, joined by "+", or "full".
func (m Mode) String() string {
	var off []string
	for _, s := range []struct {
		on   bool
		name string
	}{{m.Uniform, "uniform"}, {m.Monovariant, "monovariant"}, {m.NoUse, "no-use"}, {m.NoReturn, "no-return"}} {
		if s.on {
			off = append(off, s.name)
		}
	}
	if off == nil {
		return "full"
	}
	return strings.Join(off, "+")
}

// Modes are all modes, the full analysis first, then one switch after another
// and their combinations.
func Modes() []Mode {
	var all []Mode
	for bits := range 16 {
		all = append(all, Mode{Uniform: bits&1 != 0, Monovariant: bits&2 != 0, NoUse: bits&4 != 0, NoReturn: bits&8 != 0})
	}
	return all
}

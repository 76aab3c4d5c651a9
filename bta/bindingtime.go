package bta

// This file holds BindingTime, the two-point lattice and its use annotation.

// A BindingTime says when a value is known.
type BindingTime uint8

// Static is below Dynamic. StaticDynamic is no third point of the lattice: it
// marks a static value that residual code needs as well (a value with a lifted
// use), or an instruction that is both executed and emitted (a store of a static
// value to memory that outlives specialization).
const (
	Static        BindingTime = iota // known when the specializer is there
	Dynamic                          // known at run time only
	StaticDynamic                    // static, and needed by residual code too
)

// Join is the least upper bound of b and c.
func (b BindingTime) Join(c BindingTime) BindingTime {
	switch {
	case b == Dynamic || c == Dynamic:
		return Dynamic
	case b == StaticDynamic || c == StaticDynamic:
		return StaticDynamic
	}
	return Static
}

// IsStatic reports whether the value is known at specialization time.
func (b BindingTime) IsStatic() bool { return b != Dynamic }

// String is S, D or SD, as listings show it.
func (b BindingTime) String() string {
	switch b {
	case Static:
		return "S"
	case Dynamic:
		return "D"
	}
	return "SD"
}

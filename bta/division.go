package bta

import "quasi/ir"

// A Division is the binding times at one program point.
type Division struct{}

// Reg is Static or Dynamic.
func (d *Division) Reg(r ir.Reg) BindingTime { return Dynamic }

// Mem is the binding time of bytes [lo, hi) of o.
func (d *Division) Mem(o *ir.Object, lo, hi int64) BindingTime { return Dynamic }

// Cell is the binding time of c.
func (d *Division) Cell(c Cell) BindingTime { return Dynamic }

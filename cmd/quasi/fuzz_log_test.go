package main

// This file has a program record the calls of its functions: it puts a call of
// quasi_enter (testdata/fuzz/log.c) in front of every function, and reads what
// that has written.

import (
	"encoding/binary"
	"errors"
	"fmt"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// An activationLog is what is known of the calls in one run of a program.
type activationLog struct {
	Objects []loggedObject
	Funcs   []loggedFunc
}

// A loggedObject is a global variable or function by its IR name.
type loggedObject struct {
	Name string
	Addr uint64
	Size int // of its content in an activation; 0 for functions and constants
	At   int // of its content in activation.Mem
	Func bool
}

// A loggedFunc is a function with some of its activations.
type loggedFunc struct {
	Name  string
	Count int
	Acts  []activation
}

// An activation is the state in which a function was entered.
type activation struct {
	Number int // 0 for the first
	Args   []uint64
	Points [][]byte // what each argument points to; nil if it is no pointer
	Mem    []byte
}

// instrument changes a program so that it records calls, and returns the log
// to read the record with.
func instrument(p *ir.Program) *activationLog {
	log := new(activationLog)
	m := p.Module
	var addrs, sizes []constant.Constant
	add := func(g constant.Constant, o loggedObject) {
		addrs = append(addrs, constant.NewBitCast(g, types.I8Ptr))
		sizes = append(sizes, constant.NewInt(types.I64, int64(o.Size)))
		log.Objects = append(log.Objects, o)
	}
	for _, g := range m.Globals {
		if g.TLSModel != 0 || g.AddrSpace != 0 {
			continue
		}
		size := 0
		if !g.Immutable && g.Init != nil {
			size = int(p.Layout.Size(g.ContentType))
		}
		add(g, loggedObject{Name: g.Name(), Size: size})
	}
	enter := llir.NewFunc("quasi_enter", types.Void, llir.NewParam("", types.I32), llir.NewParam("", types.I32), llir.NewParam("", types.I64))
	enter.Sig.Variadic = true
	enter.Parent = m
	for _, f := range p.Funcs {
		if f.IsDecl() {
			continue
		}
		add(f.LL, loggedObject{Name: f.LL.Name(), Func: true})
		callEnter(f, enter, len(log.Funcs))
		log.Funcs = append(log.Funcs, loggedFunc{Name: f.LL.Name()})
	}
	m.Funcs = append(m.Funcs, enter)
	define := func(name string, init constant.Constant) {
		g := m.NewGlobalDef(name, init)
		g.Immutable = true
	}
	define("quasi_objects", constant.NewArray(types.NewArray(uint64(len(addrs)), types.I8Ptr), addrs...))
	define("quasi_sizes", constant.NewArray(types.NewArray(uint64(len(sizes)), types.I64), sizes...))
	define("quasi_object_count", constant.NewInt(types.I32, int64(len(addrs))))
	define("quasi_function_count", constant.NewInt(types.I32, int64(len(log.Funcs))))
	return log
}

// callEnter calls enter in front of f, function number id.
func callEnter(f *ir.Func, enter *llir.Func, id int) {
	var insts []llir.Instruction
	pointers := uint64(0)
	var args []value.Value
	for i, q := range f.LL.Params {
		bits := func(v value.Value, from *types.IntType) value.Value {
			var cast llir.Instruction
			switch {
			case from.BitSize < 64:
				cast = llir.NewZExt(v, types.I64)
			case from.BitSize > 64:
				cast = llir.NewTrunc(v, types.I64)
			default:
				return v
			}
			insts = append(insts, cast)
			return cast.(value.Value)
		}
		var x value.Value = constant.NewInt(types.I64, 0)
		switch t := q.Typ.(type) {
		case *types.IntType:
			x = bits(q, t)
		case *types.FloatType:
			as := types.I64
			if t.Kind == types.FloatKindFloat {
				as = types.I32
			} else if t.Kind != types.FloatKindDouble {
				break
			}
			cast := llir.NewBitCast(q, as)
			insts = append(insts, cast)
			x = bits(cast, as)
		case *types.PointerType:
			cast := llir.NewPtrToInt(q, types.I64)
			insts = append(insts, cast)
			x = cast
			if i < 64 {
				pointers |= 1 << i
			}
		}
		args = append(args, x)
	}
	args = append([]value.Value{constant.NewInt(types.I32, int64(id)), constant.NewInt(types.I32, int64(len(args))),
		constant.NewInt(types.I64, int64(pointers))}, args...)
	call := llir.NewCall(enter, args...)
	insts = append(insts, call)
	entry := f.LL.Blocks[0]
	entry.Insts = append(insts, entry.Insts...)
}

// The records of testdata/fuzz/log.c.
const (
	recordActivation = 1
	recordEnd        = 2
)

// errRecord says that a record is not what log.c writes.
var errRecord = errors.New("the record of calls is not well-formed")

// read fills the log in from a record.
func (l *activationLog) read(record []byte) error {
	bad := false
	take := func(n int) []byte {
		if bad || n < 0 || n > len(record) {
			bad = true
			return nil
		}
		b := record[:n]
		record = record[n:]
		return b
	}
	word := func() int {
		if b := take(4); b != nil {
			return int(binary.LittleEndian.Uint32(b))
		}
		return 0
	}
	long := func() uint64 {
		if b := take(8); b != nil {
			return binary.LittleEndian.Uint64(b)
		}
		return 0
	}
	total := 0
	for i := range l.Objects {
		o := &l.Objects[i]
		o.Addr, o.At = long(), total
		total += o.Size
	}
	for !bad {
		switch kind := word(); kind {
		case recordActivation:
			fn := word()
			a := activation{Number: word()}
			n := word()
			for range n {
				if bad {
					break
				}
				a.Args = append(a.Args, long())
				a.Points = append(a.Points, take(word()))
			}
			a.Mem = take(total)
			if bad || fn >= len(l.Funcs) {
				return errRecord
			}
			l.Funcs[fn].Acts = append(l.Funcs[fn].Acts, a)
		case recordEnd:
			for i := range l.Funcs {
				l.Funcs[i].Count = word()
			}
			if bad || len(record) > 0 {
				return errRecord
			}
			return nil
		default:
			return fmt.Errorf("%w: kind %d", errRecord, kind)
		}
	}
	return errRecord
}

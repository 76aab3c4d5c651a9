package pe

// This file defines Value: what the specializer knows of one SSA value.

import (
	"fmt"

	"quasi/ir/spec"
)

// kind tells what a Value holds. The zero kind marks a register that holds
// nothing: not yet defined, or dead.
type kind uint8

const (
	kNone   kind = iota
	kInt         // bits: an integer, a float's bit pattern, or a pointer made of an integer
	kPtr         // address of obj plus off; in an integer register, the number that ptrtoint makes of it
	kUndef       // undef
	kPoison      // poison
	kConst       // a constant that is moved but never computed with: constant number bits
	kWide        // an integer of more than 64 bits: bits below, obj and sym above
	kList        // a vector, struct or array: list number bits (list.go)
	kDyn         // known at run time only; the residual value is found through the register's variable
)

// A Value is the specializer's knowledge of one SSA value. It is comparable:
// two equal static Values are the same value.
type Value struct {
	kind kind
	obj  ObjID    // kPtr: the object. kDyn: the object that the pointer is known to be based on, or 0
	bits uint64   // kInt: zero-extended bits. kPtr: the offset as int64. kConst, kList: a number. kDyn: the list that is known of it, or 0
	sym  spec.Sym // kDyn: its symbolic value over the entry state, or 0
}

// static reports whether v is known at specialization time.
func (v Value) static() bool { return v.kind != kDyn && v.kind != kNone }

func (v Value) off() int64 { return int64(v.bits) }

// isNull reports whether v is the null pointer or the integer zero.
func (v Value) isNull() bool { return v.kind == kInt && v.bits == 0 }

func intValue(bits uint64, width uint) Value {
	return Value{kind: kInt, bits: bits & mask(width)}
}

func ptrValue(o ObjID, off int64) Value { return Value{kind: kPtr, obj: o, bits: uint64(off)} }

var dynValue = Value{kind: kDyn}

// mask has the width low bits set; width is 1..64.
func mask(width uint) uint64 { return ^uint64(0) >> (64 - width) }

// sext reads the width low bits of x as a two's complement number.
func sext(x uint64, width uint) int64 { return int64(x<<(64-width)) >> (64 - width) }

func (v Value) String() string {
	switch v.kind {
	case kNone:
		return "-"
	case kInt:
		return fmt.Sprintf("%d", v.bits)
	case kPtr:
		return fmt.Sprintf("&%d%+d", v.obj, v.off())
	case kUndef:
		return "undef"
	case kPoison:
		return "poison"
	case kConst:
		return fmt.Sprintf("const#%d", v.bits)
	case kWide:
		return u128{v.hi(), v.bits}.big().String()
	case kList:
		return fmt.Sprintf("list#%d", v.bits)
	}
	return fmt.Sprintf("dyn(obj=%d sym=%d)", v.obj, v.sym)
}

// hash mixes v into h.
func (v Value) hash(h uint64) uint64 {
	h = mix(h ^ uint64(v.kind) ^ uint64(v.obj)<<8 ^ uint64(uint32(v.sym))<<40)
	return mix(h ^ v.bits)
}

// mix is the finalizer of splitmix64: a bijection with good avalanche.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

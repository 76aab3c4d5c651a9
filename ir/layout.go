package ir

// This file holds Layout: sizes, alignment and offsets of LLVM types, as
// LLVM 14's DataLayout.cpp computes them. Sizes of what has none (void,
// functions, labels, opaque structs, scalable vectors) are -1, never a panic.

import (
	"fmt"
	"math"
	"math/bits"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// DefaultDataLayout is the data layout of x86-64 Linux. A module without a
// data layout is taken to have this one.
const DefaultDataLayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-f80:128-n8:16:32:64-S128"

// maxTypeDepth bounds the nesting of a type that has a size. A named struct
// that contains itself by value is not valid IR, yet it parses.
const maxTypeDepth = 512

// A Layout answers where things lie in memory under one data layout string.
// Its methods may be called from several goroutines.
type Layout struct {
	ptr    map[types.AddrSpace]alignEntry // absent: as address space 0
	ints   []alignEntry                   // by Bits
	flts   []alignEntry                   // by Bits
	vecs   []alignEntry                   // by Bits
	aggr   int64                          // least alignment of a struct
	cache  sync.Map                       // *types.StructType -> *structLayout
	labels sync.Map                       // label -> *constant.BlockAddress; see ConstAddr
}

// A label is the block that a block address is of.
type label struct {
	fn    constant.Constant
	block value.Named
}

// An alignEntry says that types of Bits bits are aligned to Align bytes.
type alignEntry struct{ Bits, Align int64 }

// A structLayout is the layout of one struct type. size is -1 if a field has
// no size.
type structLayout struct {
	size, align int64
	offs        []int64
}

// NewLayout reads a data layout string as in `target datalayout = "..."`. The
// empty string means DefaultDataLayout. Big-endian layouts are refused.
func NewLayout(datalayout string) (*Layout, error) {
	if datalayout == "" {
		datalayout = DefaultDataLayout
	}
	l := &Layout{
		ptr:  map[types.AddrSpace]alignEntry{0: {64, 8}},
		ints: []alignEntry{{1, 1}, {8, 1}, {16, 2}, {32, 4}, {64, 4}},
		flts: []alignEntry{{16, 2}, {32, 4}, {64, 8}, {128, 16}},
		vecs: []alignEntry{{64, 8}, {128, 16}},
		aggr: 1,
	}
	for _, spec := range strings.Split(datalayout, "-") {
		if err := l.parse(spec); err != nil {
			return nil, fmt.Errorf("target datalayout: %q: %w", spec, err)
		}
	}
	return l, nil
}

// parse applies one specification, such as i64:64 or p270:32:32.
func (l *Layout) parse(spec string) error {
	if spec == "" {
		return nil
	}
	num, rest, _ := strings.Cut(spec[1:], ":")
	kind := spec[0]
	switch kind {
	case 'E':
		return fmt.Errorf("big-endian targets are not supported")
	case 'p', 'i', 'f', 'v', 'a':
	default: // mangling, native widths, stack alignment ...: no matter of layout
		return nil
	}
	size, err := parseBits(num)
	if err != nil {
		return err
	}
	fields := strings.Split(rest, ":")
	if kind == 'p' {
		if len(fields) < 2 {
			return fmt.Errorf("want pADDRSPACE:SIZE:ABI")
		}
		width, err := parseBits(fields[0])
		if err != nil {
			return err
		}
		abi, err := parseBits(fields[1])
		if err != nil {
			return err
		}
		if width == 0 || width%8 != 0 || abi == 0 {
			return fmt.Errorf("pointers must have a size and an alignment")
		}
		l.ptr[types.AddrSpace(size)] = alignEntry{width, abi / 8}
		return nil
	}
	abi, err := parseBits(fields[0])
	if err != nil {
		return err
	}
	switch kind {
	case 'i':
		l.ints = setAlign(l.ints, size, abi/8)
	case 'f':
		l.flts = setAlign(l.flts, size, abi/8)
	case 'v':
		l.vecs = setAlign(l.vecs, size, abi/8)
	case 'a':
		l.aggr = max(abi/8, 1)
	}
	return nil
}

// parseBits reads a number of bits, empty meaning 0.
func parseBits(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 24)
	if err != nil {
		return 0, fmt.Errorf("%q is not a number of bits", s)
	}
	return int64(n), nil
}

// setAlign replaces or adds the entry of size bits, keeping the order.
func setAlign(es []alignEntry, size, align int64) []alignEntry {
	align = max(align, 1)
	i := sort.Search(len(es), func(i int) bool { return es[i].Bits >= size })
	if i < len(es) && es[i].Bits == size {
		es[i].Align = align
		return es
	}
	es = append(es, alignEntry{})
	copy(es[i+1:], es[i:])
	es[i] = alignEntry{size, align}
	return es
}

// PointerBits is the width of a pointer in address space 0.
func (l *Layout) PointerBits() int64 { return l.ptr[0].Bits }

// Size is the number of bytes from one element of type t to the next in an
// array (LLVM's alloc size), -1 if t has no size.
func (l *Layout) Size(t types.Type) int64 {
	return l.measure(t, 0).alloc()
}

// StoreSize is the number of bytes that a store of type t writes, -1 if t has
// no size.
func (l *Layout) StoreSize(t types.Type) int64 {
	if n := l.Bits(t); n >= 0 {
		return (n + 7) / 8
	}
	return -1
}

// Bits is the number of bits a value of type t holds, -1 if t has no size.
func (l *Layout) Bits(t types.Type) int64 { return l.measure(t, 0).bits }

// Align is the ABI alignment of t in bytes, -1 if t has no size.
func (l *Layout) Align(t types.Type) int64 { return l.measure(t, 0).align }

// Offset is the byte offset of field i of st, -1 if st has no such field or
// no size.
func (l *Layout) Offset(st *types.StructType, i int) int64 {
	s := l.structure(st, 0)
	if s.size < 0 || i < 0 || i >= len(s.offs) {
		return -1
	}
	return s.offs[i]
}

// FieldAt is the number of the last field of st that starts at or before off
// and, unless off lies in padding, holds it; -1 if there is none.
func (l *Layout) FieldAt(st *types.StructType, off int64) int {
	s := l.structure(st, 0)
	if s.size < 0 || off < 0 || off >= s.size {
		return -1
	}
	return sort.Search(len(s.offs), func(i int) bool { return s.offs[i] > off }) - 1
}

// ScalarAt returns the bytes [lo, hi) of the integer, float, pointer or padding in
// a value of type t that the byte at off belongs to.
func (l *Layout) ScalarAt(t types.Type, off int64) (lo, hi int64) {
	base := int64(0)
	for {
		switch u := t.(type) {
		case *types.StructType:
			i := l.FieldAt(u, off-base)
			if i < 0 {
				return off, off + 1
			}
			base, t = base+l.Offset(u, i), u.Fields[i]
			continue
		case *types.ArrayType:
			size := l.Size(u.ElemType)
			if size <= 0 || off-base >= size*int64(u.Len) {
				return off, off + 1
			}
			base, t = base+(off-base)/size*size, u.ElemType
			continue
		}
		if size := l.Size(t); size > 0 && off < base+size {
			return base, base + size
		}
		return off, off + 1
	}
}

// A measure is the bits and the alignment of a type, both -1 if it has no size.
type measure struct{ bits, align int64 }

var sizeless = measure{-1, -1}

func (m measure) alloc() int64 {
	if m.bits < 0 {
		return -1
	}
	return roundUp((m.bits+7)/8, m.align)
}

// measure asks for the measure of each part of t once, so that a type nested in
// itself costs no more than its depth.
func (l *Layout) measure(t types.Type, depth int) measure {
	if depth > maxTypeDepth {
		return sizeless
	}
	switch t := t.(type) {
	case *types.IntType:
		return measure{int64(t.BitSize), intAlign(l.ints, int64(t.BitSize))}
	case *types.FloatType:
		return measure{floatBits(t.Kind), exactAlign(l.flts, floatBits(t.Kind))}
	case *types.MMXType:
		return measure{64, exactAlign(l.flts, 64)}
	case *types.PointerType:
		return l.pointer(t.AddrSpace)
	case *types.VectorType:
		return l.vector(t, l.measure(t.ElemType, depth+1))
	case *types.ArrayType:
		elem := l.measure(t.ElemType, depth+1)
		if n := mulSize(t.Len, elem.alloc(), 8); n >= 0 {
			return measure{n, elem.align}
		}
	case *types.StructType:
		if s := l.structure(t, depth); s.size >= 0 {
			return measure{s.size * 8, s.align}
		}
	}
	return sizeless
}

// vector: the alignment of the entry of exactly this width, else the power of
// two that holds the stored bytes.
func (l *Layout) vector(t *types.VectorType, elem measure) measure {
	n := mulSize(t.Len, elem.bits, 1)
	if n < 0 || t.Scalable {
		return sizeless
	}
	for _, e := range l.vecs {
		if e.Bits == n {
			return measure{n, e.Align}
		}
	}
	return measure{n, powerOf2Ceil((n + 7) / 8)}
}

func (l *Layout) pointer(as types.AddrSpace) measure {
	e, ok := l.ptr[as]
	if !ok {
		e = l.ptr[0]
	}
	return measure{e.Bits, e.Align}
}

// structure lays out the fields of st in order, each at its alignment unless
// st is packed.
func (l *Layout) structure(st *types.StructType, depth int) *structLayout {
	if s, ok := l.cache.Load(st); ok {
		return s.(*structLayout)
	}
	s := &structLayout{align: 1, offs: make([]int64, 0, len(st.Fields))}
	if !st.Packed {
		s.align = l.aggr
	}
	for _, ft := range st.Fields {
		field := l.measure(ft, depth+1)
		size, align := field.alloc(), field.align
		if size < 0 || s.size > math.MaxInt64/16-size {
			s.size = -1
			break
		}
		if st.Packed {
			align = 1
		}
		s.align = max(s.align, align)
		s.size = roundUp(s.size, align)
		s.offs = append(s.offs, s.size)
		s.size += size
	}
	if st.Opaque {
		s.size = -1
	}
	if s.size >= 0 {
		s.size = roundUp(s.size, s.align)
	} else if depth > 0 {
		// The failure may be the caller's depth, not st's own.
		return s
	}
	l.cache.Store(st, s)
	return s
}

// intAlign is the alignment of the narrowest entry that is at least n bits
// wide, else of the widest: i128 is aligned as i64 in LLVM 14.
func intAlign(es []alignEntry, n int64) int64 {
	for _, e := range es {
		if e.Bits >= n {
			return e.Align
		}
	}
	return es[len(es)-1].Align
}

// exactAlign is the alignment of the entry for n bits, else the power of two
// that holds the stored bytes.
func exactAlign(es []alignEntry, n int64) int64 {
	for _, e := range es {
		if e.Bits == n {
			return e.Align
		}
	}
	return powerOf2Ceil((n + 7) / 8)
}

func floatBits(k types.FloatKind) int64 {
	switch k {
	case types.FloatKindHalf:
		return 16
	case types.FloatKindFloat:
		return 32
	case types.FloatKindDouble:
		return 64
	case types.FloatKindX86_FP80:
		return 80
	}
	return 128
}

// mulSize is n*size*unit, -1 if size is -1 or the product leaves no room for
// rounding up.
func mulSize(n uint64, size, unit int64) int64 {
	if size < 0 {
		return -1
	}
	hi, lo := bits.Mul64(n, uint64(size))
	if hi != 0 || lo > math.MaxInt64/16/uint64(unit) {
		return -1
	}
	return int64(lo) * unit
}

func roundUp(n, align int64) int64 { return (n + align - 1) / align * align }

func powerOf2Ceil(n int64) int64 {
	if n < 0 {
		return -1
	}
	if n <= 1 {
		return 1
	}
	return 1 << bits.Len64(uint64(n-1))
}

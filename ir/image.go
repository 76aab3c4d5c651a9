package ir

// This file holds Image: the bytes and relocations of a constant in memory.

import (
	"math/big"
	"slices"

	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
)

// MaxImageSize is the size above which a constant that is not all zero is not
// laid out.
const MaxImageSize = 1 << 28

// An Image is what a constant looks like in memory. Padding is zero, as
// assemblers emit it. An Image is shared and must not be changed.
type Image struct {
	Size   int64 // alloc size of the constant's type
	Zero   bool  // every byte is zero; Bytes is nil
	Bytes  []byte
	Relocs []Reloc // by Off, without overlap; their Bytes are zero
	Undef  []Range // undef and poison parts, by Off, without overlap; their Bytes are zero
}

// A Reloc is a place in an Image that holds the address Base + Addend.
type Reloc struct {
	Off    int64
	Base   constant.Constant // *llir.Global, *llir.Func, *llir.Alias, *llir.IFunc or *constant.BlockAddress
	Addend int64
	Size   int64
}

// A Range is a run of bytes.
type Range struct{ Off, Size int64 }

// RelocAt returns the relocation that starts at off.
func (m *Image) RelocAt(off int64) (Reloc, bool) {
	i, ok := slices.BinarySearchFunc(m.Relocs, off, func(r Reloc, off int64) int { return int(r.Off - off) })
	if !ok {
		return Reloc{}, false
	}
	return m.Relocs[i], true
}

// Initializer lays c out in memory. It returns nil if c has parts that cannot
// be laid out (expressions over addresses that are not symbol + offset, types
// without a size, vectors of odd elements) or is larger than MaxImageSize without being zero; such a constant must be treated as
// unknown. Images are cached by constant.
func (p *Program) Initializer(c constant.Constant) *Image {
	if img, ok := p.images[c]; ok {
		return img
	}
	img := p.Layout.Image(c)
	if p.images == nil {
		p.images = make(map[constant.Constant]*Image)
	}
	p.images[c] = img
	return img
}

// Image is Program.Initializer without the cache.
func (l *Layout) Image(c constant.Constant) *Image {
	size := l.Size(c.Type())
	if size < 0 {
		return nil
	}
	if isZero(c, 0) {
		return &Image{Size: size, Zero: true}
	}
	if size > MaxImageSize {
		return nil
	}
	w := &imageWriter{l: l, img: &Image{Size: size, Bytes: make([]byte, size)}}
	if !w.put(0, c, 0) {
		return nil
	}
	return w.img
}

// isZero reports whether c is zero in every byte by its form alone.
func isZero(c constant.Constant, depth int) bool {
	if depth > maxConstDepth {
		return false
	}
	switch c := c.(type) {
	case *constant.ZeroInitializer, *constant.Null:
		return true
	case *constant.Int:
		return c.X.Sign() == 0
	case *constant.Float:
		return !c.NaN && c.X.Sign() == 0 && !c.X.Signbit()
	case *constant.CharArray:
		for _, b := range c.X {
			if b != 0 {
				return false
			}
		}
		return true
	case *constant.Array:
		return allZero(c.Elems, depth)
	case *constant.Struct:
		return allZero(c.Fields, depth)
	case *constant.Vector:
		return allZero(c.Elems, depth)
	}
	return false
}

func allZero(cs []constant.Constant, depth int) bool {
	for _, c := range cs {
		if !isZero(c, depth+1) {
			return false
		}
	}
	return true
}

// An imageWriter fills an Image in ascending order of offsets.
type imageWriter struct {
	l   *Layout
	img *Image
}

// put writes c at off and reports whether it could.
func (w *imageWriter) put(off int64, c constant.Constant, depth int) bool {
	if depth > maxConstDepth {
		return false
	}
	switch c := c.(type) {
	case *constant.ZeroInitializer, *constant.Null:
		return true
	case *constant.Undef, *constant.Poison:
		w.undef(off, w.l.Size(c.Type()))
		return true
	case *constant.Float:
		return w.putInt(off, FloatBits(c), w.l.StoreSize(c.Typ))
	case *constant.CharArray:
		copy(w.img.Bytes[off:], c.X)
		return true
	case *constant.Array:
		return w.putElems(off, c.Typ.ElemType, c.Elems, depth)
	case *constant.Vector:
		if w.l.Bits(c.Typ.ElemType)%8 != 0 {
			return false // LLVM 14 itself does not end on <8 x i1>
		}
		return w.putVector(off, c, depth)
	case *constant.Struct:
		for i, f := range c.Fields {
			o := w.l.Offset(c.Typ, i)
			if o < 0 || !w.put(off+o, f, depth+1) {
				return false
			}
		}
		return true
	}
	return w.putScalar(off, c)
}

func (w *imageWriter) putElems(off int64, elem types.Type, cs []constant.Constant, depth int) bool {
	size := w.l.Size(elem)
	for i, c := range cs {
		if !w.put(off+int64(i)*size, c, depth+1) {
			return false
		}
	}
	return true
}

// putVector: the elements of a vector lie without padding between them.
func (w *imageWriter) putVector(off int64, c *constant.Vector, depth int) bool {
	size := w.l.StoreSize(c.Typ.ElemType)
	for i, e := range c.Elems {
		if !w.put(off+int64(i)*size, e, depth+1) {
			return false
		}
	}
	return true
}

// putScalar writes an integer, a pointer or a constant expression of these.
func (w *imageWriter) putScalar(off int64, c constant.Constant) bool {
	size := w.l.StoreSize(c.Type())
	if n, ok := w.l.ConstInt(c); ok {
		return w.putInt(off, n, size)
	}
	if n, ok := w.l.castBits(c); ok {
		return w.putInt(off, n, size)
	}
	var base constant.Constant
	var addend int64
	var ok bool
	switch c.Type().(type) {
	case *types.PointerType:
		base, addend, ok = w.l.ConstAddr(c)
	case *types.IntType:
		base, addend, ok = w.l.intAddr(c, 0)
	}
	if !ok || base == nil {
		return false
	}
	w.img.Relocs = append(w.img.Relocs, Reloc{Off: off, Base: base, Addend: addend, Size: size})
	return true
}

// castBits is the value of a bitcast between integer and floating point.
func (l *Layout) castBits(c constant.Constant) (*big.Int, bool) {
	cast, ok := c.(*constant.ExprBitCast)
	if !ok {
		return nil, false
	}
	switch from := cast.From.(type) {
	case *constant.Float:
		return FloatBits(from), true
	case *constant.Int:
		return wrap(from.X, from.Typ.BitSize), true
	}
	return nil, false
}

// putInt writes the low size bytes of n >= 0, least significant first.
func (w *imageWriter) putInt(off int64, n *big.Int, size int64) bool {
	if n == nil || size < 0 || off+size > w.img.Size {
		return false
	}
	if n.IsUint64() {
		u := n.Uint64()
		for i := off; i < off+size && u != 0; i++ {
			w.img.Bytes[i] = byte(u)
			u >>= 8
		}
		return true
	}
	b := n.FillBytes(make([]byte, max(size, int64(n.BitLen()+7)/8)))
	for i := int64(0); i < size; i++ {
		w.img.Bytes[off+i] = b[len(b)-1-int(i)]
	}
	return true
}

// undef notes an undefined run, joined to the one before it if they touch.
func (w *imageWriter) undef(off, size int64) {
	if size <= 0 {
		return
	}
	if n := len(w.img.Undef); n > 0 {
		last := &w.img.Undef[n-1]
		if last.Off+last.Size == off {
			last.Size += size
			return
		}
	}
	w.img.Undef = append(w.img.Undef, Range{off, size})
}

// FloatBits is the bit pattern of a floating-point constant, nil for a kind
// that x86-64 does not have. llir keeps a NaN's sign only, so this is the
// canonical quiet NaN; Load rewrites other NaNs as bitcasts of integers.
func FloatBits(c *constant.Float) *big.Int {
	switch c.Typ.Kind {
	case types.FloatKindHalf:
		return encodeFloat(c, 5, 10, false)
	case types.FloatKindFloat:
		return encodeFloat(c, 8, 23, false)
	case types.FloatKindDouble:
		return encodeFloat(c, 11, 52, false)
	case types.FloatKindX86_FP80:
		return encodeFloat(c, 15, 63, true)
	case types.FloatKindFP128:
		return encodeFloat(c, 15, 112, false)
	}
	return nil
}

// encodeFloat encodes c with expBits of exponent and fracBits of fraction;
// with lead, the integer bit is stored above the fraction as x86_fp80 does.
// Values are rounded to nearest even, as the constant's own type demands.
func encodeFloat(c *constant.Float, expBits, fracBits uint, lead bool) *big.Int {
	bias := 1<<(expBits-1) - 1
	width := fracBits
	if lead {
		width++
	}
	maxExp := int64(1)<<expBits - 1
	compose := func(exp int64, frac *big.Int) *big.Int {
		r := big.NewInt(exp)
		if c.X != nil && c.X.Signbit() {
			r.SetBit(r, int(expBits), 1)
		}
		return r.Lsh(r, width).Or(r, frac)
	}
	special := new(big.Int)
	if lead {
		special.SetBit(special, int(fracBits), 1)
	}
	switch {
	case c.NaN:
		return compose(maxExp, special.SetBit(special, int(fracBits-1), 1))
	case c.X.IsInf():
		return compose(maxExp, special)
	case c.X.Sign() == 0:
		return compose(0, new(big.Int))
	}
	x := new(big.Float).SetPrec(fracBits + 1).SetMode(big.ToNearestEven).Abs(c.X)
	exp := x.MantExp(nil) - 1 + bias
	if exp <= 0 { // subnormal: the unit is 2^(1-bias-fracBits)
		exp = 0
		x = new(big.Float).Abs(c.X)
		x.SetMantExp(x, bias-1+int(fracBits))
		return compose(0, roundEven(x)) // a carry becomes the exponent 1, as it should
	}
	if int64(exp) >= maxExp {
		return compose(maxExp, special)
	}
	x.SetMantExp(x, int(fracBits)-(exp-bias))
	m, _ := x.Int(nil)
	if !lead {
		m.SetBit(m, int(fracBits), 0)
	}
	return compose(int64(exp), m)
}

// roundEven rounds x >= 0 to an integer, ties to even.
func roundEven(x *big.Float) *big.Int {
	m, acc := x.Int(nil)
	if acc == big.Exact {
		return m
	}
	rest := new(big.Float).Sub(x, new(big.Float).SetInt(m))
	switch rest.Cmp(big.NewFloat(0.5)) {
	case 1:
		m.Add(m, big.NewInt(1))
	case 0:
		if m.Bit(0) == 1 {
			m.Add(m, big.NewInt(1))
		}
	}
	return m
}

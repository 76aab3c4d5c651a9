package spec

// This file holds Expr: predicates as typed trees, one LLVM instruction a node.

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/llir/llvm/ir/constant"

	"quasi/ir"
)

// An Op is an operation of an Expr or of a symbolic value of Facts. The
// integer operations and comparisons (OpAdd to OpTrunc) are those of LLVM on
// iN, without nsw, nuw or exact, so that no predicate is poison; the others
// belong to Expr alone.
type Op uint8

// ExprOp is the operation of an Expr.
type ExprOp = Op

// Operations, each with what it is in LLVM IR; a and b are Args[0] and Args[1].
const (
	OpNone Op = iota

	OpAdd  // add a, b
	OpSub  // sub a, b
	OpMul  // mul a, b
	OpSDiv // sdiv a, b; b is a constant other than 0 and -1 in an Expr
	OpUDiv // udiv a, b; b is a constant other than 0 in an Expr
	OpSRem // srem a, b; as OpSDiv
	OpURem // urem a, b; as OpUDiv
	OpAnd  // and a, b
	OpOr   // or a, b
	OpXor  // xor a, b
	OpShl  // shl a, b; b is below the width in an Expr
	OpLShr // lshr a, b; as OpShl
	OpAShr // ashr a, b; as OpShl

	OpEq  // icmp eq a, b: operands of one width or two pointers; Width 1
	OpNe  // icmp ne a, b
	OpULT // icmp ult a, b
	OpULE // icmp ule a, b
	OpUGT // icmp ugt a, b
	OpUGE // icmp uge a, b
	OpSLT // icmp slt a, b
	OpSLE // icmp sle a, b
	OpSGT // icmp sgt a, b
	OpSGE // icmp sge a, b

	OpZExt  // zext a to iWidth
	OpSExt  // sext a to iWidth
	OpTrunc // trunc a to iWidth

	OpConst    // the constant Int of iWidth; of pointer type: null
	OpParam    // parameter number Param of the function, as its LLVM type has it
	OpAddr     // address of Sym plus Off bytes: getelementptr i8, (bitcast Sym), Off
	OpLoad     // load Width bits from address a, not volatile, align 1
	OpOffset   // getelementptr i8, a, Off, not inbounds
	OpIndex    // getelementptr i8, a, b*Off, not inbounds; b of Width 64
	OpPtrToInt // ptrtoint a to i64
	OpLogAnd   // a && b: b is evaluated only if a is true; all of Width 1
	OpLogOr    // a || b: b is evaluated only if a is false; all of Width 1
	OpLogNot   // xor a, true; Width 1
	OpCond     // a ? b : Args[2]: only one of them is evaluated; a of Width 1
)

var opNames = [...]string{
	OpNone: "none",
	OpAdd:  "add", OpSub: "sub", OpMul: "mul", OpSDiv: "sdiv", OpUDiv: "udiv", OpSRem: "srem", OpURem: "urem",
	OpAnd: "and", OpOr: "or", OpXor: "xor", OpShl: "shl", OpLShr: "lshr", OpAShr: "ashr",
	OpEq: "eq", OpNe: "ne", OpULT: "ult", OpULE: "ule", OpUGT: "ugt", OpUGE: "uge",
	OpSLT: "slt", OpSLE: "sle", OpSGT: "sgt", OpSGE: "sge",
	OpZExt: "zext", OpSExt: "sext", OpTrunc: "trunc",
	OpConst: "const", OpParam: "param", OpAddr: "addr", OpLoad: "load", OpOffset: "offset", OpIndex: "index",
	OpPtrToInt: "ptrtoint", OpLogAnd: "logand", OpLogOr: "logor", OpLogNot: "lognot", OpCond: "cond",
}

// String is the name that LLVM gives the operation, where it has one.
func (o Op) String() string { return opNames[o] }

// IsCompare reports whether o is a comparison, whose result has width 1.
func (o Op) IsCompare() bool { return o >= OpEq && o <= OpSGE }

// IsCast reports whether o is zext, sext or trunc.
func (o Op) IsCast() bool { return o >= OpZExt && o <= OpTrunc }

// IsBinary reports whether o is an arithmetic or bitwise operation on two
// operands of its own width.
func (o Op) IsBinary() bool { return o >= OpAdd && o <= OpAShr }

// An Expr is a node of a typed predicate. C's promotions and conversions are
// explicit casts in it, so that each node is one LLVM instruction (OpLogAnd,
// OpLogOr and OpCond: control flow and a phi) on operands that already have
// their type: i8* if IsPointer, else iWidth. Nothing in it traps or is poison,
// but loads, which are evaluated as C evaluates them.
type Expr struct {
	Op    ExprOp
	Args  []*Expr
	Type  *ir.CType // the C type; comparisons and logic have int, though of Width 1
	Width int       // bits of the result: 1 to 64, 64 for pointers
	Param int
	Int   int64 // of OpConst: sign-extended from Width
	Sym   constant.Constant
	Off   int64
	Pos   Pos

	term *Term // of a load
}

// IsPointer reports whether e yields an address.
func (e *Expr) IsPointer() bool {
	switch e.Type.Kind {
	case ir.CPointer, ir.CArray, ir.CFunc:
		return !e.Op.IsCompare() && e.Op != OpPtrToInt
	}
	return false
}

// Walk calls visit on e and what is below it, operands first, in evaluation
// order.
func (e *Expr) Walk(visit func(*Expr)) {
	for _, a := range e.Args {
		a.Walk(visit)
	}
	visit(e)
}

// String writes the tree as nested calls: `eq(load32(offset(param0, 8)), 3)`.
func (e *Expr) String() string {
	switch e.Op {
	case OpConst:
		if e.IsPointer() {
			return "null"
		}
		return strconv.FormatInt(e.Int, 10)
	case OpParam:
		return "param" + strconv.Itoa(e.Param)
	case OpAddr:
		if e.Off != 0 {
			return fmt.Sprintf("@%s%+d", symName(e.Sym), e.Off)
		}
		return "@" + symName(e.Sym)
	}
	var b strings.Builder
	b.WriteString(e.Op.String())
	if e.Op == OpLoad || e.Op.IsCast() {
		b.WriteString(strconv.Itoa(e.Width))
	}
	b.WriteByte('(')
	for i, a := range e.Args {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(a.String())
	}
	if e.Op == OpOffset || e.Op == OpIndex {
		fmt.Fprintf(&b, ", %d", e.Off)
	}
	b.WriteByte(')')
	return b.String()
}

// mask has the low width bits set.
func mask(width int) uint64 {
	if width >= 64 {
		return ^uint64(0)
	}
	return 1<<width - 1
}

// signed is the value of bits read as a two's complement number of width bits.
func signed(bits uint64, width int) int64 {
	if width >= 64 {
		return int64(bits)
	}
	return int64(bits<<(64-width)) >> (64 - width)
}

// fold computes one integer operation on constants; ok is false where LLVM
// says the result is undefined or poison. width is that of the operands for
// comparisons, of the result for casts, whose operand has width from.
func fold(op Op, width, from int, a, b uint64) (uint64, bool) {
	sa, sb := signed(a, width), signed(b, width)
	truth := func(t bool) (uint64, bool) {
		if t {
			return 1, true
		}
		return 0, true
	}
	switch op {
	case OpAdd:
		return (a + b) & mask(width), true
	case OpSub:
		return (a - b) & mask(width), true
	case OpMul:
		return (a * b) & mask(width), true
	case OpUDiv:
		if b == 0 {
			return 0, false
		}
		return a / b, true
	case OpURem:
		if b == 0 {
			return 0, false
		}
		return a % b, true
	case OpSDiv, OpSRem:
		if b == 0 || sb == -1 && a == 1<<(width-1) {
			return 0, false
		}
		if op == OpSDiv {
			return uint64(sa/sb) & mask(width), true
		}
		return uint64(sa%sb) & mask(width), true
	case OpAnd:
		return a & b, true
	case OpOr:
		return a | b, true
	case OpXor:
		return a ^ b, true
	case OpShl, OpLShr, OpAShr:
		if b >= uint64(width) {
			return 0, false
		}
		switch op {
		case OpShl:
			return a << b & mask(width), true
		case OpLShr:
			return a >> b, true
		}
		return uint64(sa>>b) & mask(width), true
	case OpEq:
		return truth(a == b)
	case OpNe:
		return truth(a != b)
	case OpULT:
		return truth(a < b)
	case OpULE:
		return truth(a <= b)
	case OpUGT:
		return truth(a > b)
	case OpUGE:
		return truth(a >= b)
	case OpSLT:
		return truth(sa < sb)
	case OpSLE:
		return truth(sa <= sb)
	case OpSGT:
		return truth(sa > sb)
	case OpSGE:
		return truth(sa >= sb)
	case OpZExt:
		return a, true
	case OpSExt:
		return uint64(signed(a, from)) & mask(width), true
	case OpTrunc:
		return a & mask(width), true
	}
	return 0, false
}

package ir

// This file holds Op: one number for each kind of binary instruction and
// conversion, so that a switch over llir's node types is needed only here.

import llir "github.com/llir/llvm/ir"

// An Op is a kind of unary, binary or conversion instruction.
type Op uint8

// The kinds. Binary integer operations come first, then those on floating
// point, then conversions.
const (
	OpNone Op = iota
	OpAdd
	OpSub
	OpMul
	OpUDiv
	OpSDiv
	OpURem
	OpSRem
	OpShl
	OpLShr
	OpAShr
	OpAnd
	OpOr
	OpXor
	OpFAdd
	OpFSub
	OpFMul
	OpFDiv
	OpFRem
	OpTrunc
	OpZExt
	OpSExt
	OpFPTrunc
	OpFPExt
	OpFPToUI
	OpFPToSI
	OpUIToFP
	OpSIToFP
	OpPtrToInt
	OpIntToPtr
	OpBitCast
	OpAddrSpaceCast
)

var opNames = [...]string{"none", "add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "shl", "lshr", "ashr", "and", "or", "xor",
	"fadd", "fsub", "fmul", "fdiv", "frem", "trunc", "zext", "sext", "fptrunc", "fpext", "fptoui", "fptosi", "uitofp", "sitofp",
	"ptrtoint", "inttoptr", "bitcast", "addrspacecast"}

// String is the operation's keyword.
func (op Op) String() string { return opNames[op] }

// Binary reports whether op has two operands.
func (op Op) Binary() bool { return OpAdd <= op && op <= OpFRem }

// Float reports whether op is binary on floating point.
func (op Op) Float() bool { return OpFAdd <= op && op <= OpFRem }

// Cast reports whether op is a conversion.
func (op Op) Cast() bool { return op >= OpTrunc }

// Commutes reports whether the operands of op may change places.
func (op Op) Commutes() bool {
	switch op {
	case OpAdd, OpMul, OpAnd, OpOr, OpXor, OpFAdd, OpFMul:
		return true
	}
	return false
}

// OpOf is the kind of inst; ok is false if it is neither a binary operation
// nor a conversion. The operands are the first of inst.Operands().
func OpOf(inst llir.Instruction) (op Op, ok bool) {
	switch inst.(type) {
	case *llir.InstAdd:
		op = OpAdd
	case *llir.InstSub:
		op = OpSub
	case *llir.InstMul:
		op = OpMul
	case *llir.InstUDiv:
		op = OpUDiv
	case *llir.InstSDiv:
		op = OpSDiv
	case *llir.InstURem:
		op = OpURem
	case *llir.InstSRem:
		op = OpSRem
	case *llir.InstShl:
		op = OpShl
	case *llir.InstLShr:
		op = OpLShr
	case *llir.InstAShr:
		op = OpAShr
	case *llir.InstAnd:
		op = OpAnd
	case *llir.InstOr:
		op = OpOr
	case *llir.InstXor:
		op = OpXor
	case *llir.InstFAdd:
		op = OpFAdd
	case *llir.InstFSub:
		op = OpFSub
	case *llir.InstFMul:
		op = OpFMul
	case *llir.InstFDiv:
		op = OpFDiv
	case *llir.InstFRem:
		op = OpFRem
	default:
		op = castOp(inst)
	}
	return op, op != OpNone
}

func castOp(inst llir.Instruction) Op {
	switch inst.(type) {
	case *llir.InstTrunc:
		return OpTrunc
	case *llir.InstZExt:
		return OpZExt
	case *llir.InstSExt:
		return OpSExt
	case *llir.InstFPTrunc:
		return OpFPTrunc
	case *llir.InstFPExt:
		return OpFPExt
	case *llir.InstFPToUI:
		return OpFPToUI
	case *llir.InstFPToSI:
		return OpFPToSI
	case *llir.InstUIToFP:
		return OpUIToFP
	case *llir.InstSIToFP:
		return OpSIToFP
	case *llir.InstPtrToInt:
		return OpPtrToInt
	case *llir.InstIntToPtr:
		return OpIntToPtr
	case *llir.InstBitCast:
		return OpBitCast
	case *llir.InstAddrSpaceCast:
		return OpAddrSpaceCast
	}
	return OpNone
}

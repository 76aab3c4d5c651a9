package pe

// This file tests the constants that lift makes of bit patterns and addresses.

import (
	"math"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"

	"quasi/ir/irtest"
)

func TestScalar(t *testing.T) {
	for _, c := range []struct {
		bits uint64
		typ  types.Type
		want string
	}{
		{0, types.I1, "i1 false"},
		{1, types.I1, "i1 true"},
		{0xff, types.I8, "i8 -1"},
		{0x7f, types.I8, "i8 127"},
		{1 << 63, types.I64, "i64 -9223372036854775808"},
		{1 << 23, types.NewInt(24), "i24 -8388608"},
		{0, types.I8Ptr, "i8* null"},
		{64, types.I8Ptr, "i8* inttoptr (i64 64 to i8*)"},
		{math.Float64bits(1.5), types.Double, "double 1.5"},
		{uint64(math.Float32bits(-2)), types.Float, "float -2.0"},
		{0, types.Double, "double 0.0"},
		{1 << 63, types.Double, "double -0.0"},
	} {
		if got := scalar(c.bits, c.typ).String(); got != c.want {
			t.Errorf("scalar(%#x, %v): got %s, want %s", c.bits, c.typ, got, c.want)
		}
	}
}

func TestAddressOf(t *testing.T) {
	g := llir.NewGlobalDef("g", constant.NewArray(types.NewArray(4, types.I32), constant.NewInt(types.I32, 1),
		constant.NewInt(types.I32, 2), constant.NewInt(types.I32, 3), constant.NewInt(types.I32, 4)))
	m := llir.NewModule()
	m.Globals = append(m.Globals, g)
	f := m.NewFunc("f", types.I64)
	b := f.NewBlock("")
	x := b.NewLoad(types.I32, addressOf(g, 12, types.I32Ptr))
	y := b.NewAdd(addressOf(g, -4, types.I64), addressOf(g, 0, types.I64))
	b.NewRet(b.NewAdd(y, b.NewZExt(x, types.I64)))
	irtest.Verify(t, m.String())
}

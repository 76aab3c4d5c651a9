package spec

import (
	"math"
	"testing"

	"github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"

	qir "quasi/ir"
)

func TestFloatLiterals(t *testing.T) {
	double := &qir.CParam{Name: "d", Type: &qir.CType{Kind: qir.CFloat, Name: "double", Size: 8}, Param: ir.NewParam("d", types.Double)}
	float := &qir.CParam{Name: "f", Type: &qir.CType{Kind: qir.CFloat, Name: "float", Size: 4}, Param: ir.NewParam("f", types.Float)}
	b := &binder{}
	for _, c := range []struct {
		text string
		want float64
		ok   bool
	}{
		{"0.5", 0.5, true}, {"-0", math.Copysign(0, -1), true}, {"3", 3, true}, {"1e-310", 1e-310, true}, {"0x1.8p-3", 0.1875, true},
		{".25", 0.25, true}, {"2.", 2, true}, {"0.1f", float64(float32(0.1)), true}, {"-inf", math.Inf(-1), true}, {"INFINITY", math.Inf(1), true},
		{"0x1fp0", 31, true}, {"1e999", 0, false}, {"nan", 0, false}, {"1_0", 0, false}, {"x", 0, false}, {"", 0, false}, {"1e", 0, false}, {".", 0, false},
	} {
		got, err := b.float(double, Text{Value: c.text})
		if (err == nil) != c.ok || c.ok && got.Int != math.Float64bits(c.want) {
			t.Errorf("%q: got %v, %v, want %v, %v", c.text, math.Float64frombits(got.Int), err, c.want, c.ok)
		}
		if !c.ok {
			continue
		}
		if again, err := b.float(double, Text{Value: got.String()}); err != nil || again != got {
			t.Errorf("%q is written %q, which is read as %v, %v", c.text, got, again, err)
		}
	}
	// A constant without f is a double that is converted: the double is halfway
	// between two floats, what was written is above.
	for text, want := range map[string]float32{"0x1.000001000000001p0": 1, "0x1.000001000000001p0f": 1 + 0x1p-23} {
		if got, err := b.float(float, Text{Value: text}); err != nil || got.Int != uint64(math.Float32bits(want)) {
			t.Errorf("%s as a float: got %#x, %v", text, got.Int, err)
		}
	}
	if got, err := b.float(float, Text{Value: "1e39"}); err == nil {
		t.Errorf("1e39 fits a float: %v", got)
	}
}

package spec

// This file resolves the values of floating-point parameters.

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/llir/llvm/ir/types"

	"quasi/ir"
)

// floatLiteral is C's syntax for floating-point and decimal constants, with a
// sign, and infinity.
var floatLiteral = regexp.MustCompile(`^[+-]?(0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?[0-9]+|[0-9]+\.?[0-9]*([eE][+-]?[0-9]+)?|\.[0-9]+([eE][+-]?[0-9]+)?|inf|INFINITY)[fF]?$`)

// floatWidth is 32 or 64 for a float or double parameter, 0 for any other.
func floatWidth(p *ir.CParam) int {
	if t, ok := p.Param.Typ.(*types.FloatType); ok {
		switch t.Kind {
		case types.FloatKindFloat:
			return 32
		case types.FloatKindDouble:
			return 64
		}
	}
	return 0
}

// float resolves the value of a float or double: a literal, which has the value
// that C gives it. A parameter is that value if its bits are.
func (b *binder) float(p *ir.CParam, t Text) (Const, *Error) {
	c := Const{Kind: ConstFloat, Width: floatWidth(p)}
	if t.quoted != 0 || !floatLiteral.MatchString(t.Value) {
		return c, hint(t.Errorf("'%s' cannot be the value of '%s', which has type '%s'", t, p.Name, p.Type), "write a number such as -0.5")
	}
	digits, size := strings.Replace(strings.ToLower(t.Value), "infinity", "inf", 1), 64
	hex := strings.Contains(digits, "x")
	if s := strings.TrimSuffix(digits, "f"); s != digits && !strings.HasSuffix(digits, "inf") && (!hex || strings.Contains(s, "p")) {
		digits, size = s, 32
	}
	x, err := strconv.ParseFloat(digits, size)
	if c.Width == 32 {
		x = float64(float32(x))
	}
	if errors.Is(err, strconv.ErrRange) || err == nil && math.IsInf(x, 0) && !strings.HasSuffix(digits, "inf") {
		return c, t.Errorf("%s does not fit in '%s' of type '%s'", t, p.Name, p.Type)
	}
	if err != nil {
		return c, t.Errorf("'%s' is not a number", t)
	}
	c.Int = math.Float64bits(x)
	if c.Width == 32 {
		c.Int = uint64(math.Float32bits(float32(x)))
	}
	return c, nil
}

// floatString writes the bits of a float or double so that they can be read back.
func floatString(bits uint64, width int) string {
	x, suffix := math.Float64frombits(bits), ""
	if width == 32 {
		x, suffix = float64(math.Float32frombits(uint32(bits))), "f"
	}
	switch {
	case math.IsInf(x, 1):
		return "inf"
	case math.IsInf(x, -1):
		return "-inf"
	}
	return strconv.FormatFloat(x, 'g', -1, width) + suffix
}

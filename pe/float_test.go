package pe

// This file tests floating point against the machine: each operation over all
// pairs of extreme values, computed by the generic program and by the specializer. What the specializer leaves residual may only be what makes a NaN.

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"quasi/ir/irtest"
	"quasi/ir/spec"
)

var doubles = []uint64{
	0, 1 << 63, math.Float64bits(1), math.Float64bits(-1), math.Float64bits(1.5), math.Float64bits(0.1), math.Float64bits(-2.5),
	math.Float64bits(0.5), math.Float64bits(-0.49999999999999994), math.Float64bits(2.5), math.Float64bits(3), math.Float64bits(-7.75),
	1, 1<<63 | 5, 1<<52 - 1, 1 << 52, math.Float64bits(math.MaxFloat64), math.Float64bits(-math.MaxFloat64), math.Float64bits(math.Inf(1)),
	math.Float64bits(math.Inf(-1)), 0x7ff8000000000000, math.Float64bits(9007199254740993), math.Float64bits(4503599627370495.5), math.Float64bits(math.Pi),
}

var floats = []uint64{
	0, 1 << 31, fbits(1), fbits(-1), fbits(1.5), fbits(0.1), fbits(-2.5), fbits(0.5), fbits(-0.49999997), fbits(2.5), fbits(3), fbits(-7.75),
	1, 1<<31 | 5, 1<<23 - 1, 1 << 23, fbits(math.MaxFloat32), fbits(-math.MaxFloat32), 0x7f800000, 0xff800000, 0x7fc00000,
	fbits(16777217), fbits(8388607.5), fbits(math.Pi),
}

func fbits(x float32) uint64 { return uint64(math.Float32bits(x)) }

// inRangeOf are the values of xs whose integral parts lie in (-limit, limit).
func inRangeOf(xs []uint64, width uint, limit float64, negative bool) []uint64 {
	var out []uint64
	for _, x := range xs {
		if f := toFloat(x, width); math.Abs(f) < limit && (negative || f > -1) {
			out = append(out, x)
		}
	}
	return out
}

// An oracleCase is an operation over all combinations of operands: OP(%x, %y, %z)
// of type from, each from vals, with a result of type to.
type oracleCase struct {
	name     string
	from, to string
	vals     []uint64
	args     int
	body     string // defines %r
	declare  string
	left     string // a pattern of the operation in residual code
	spare    int    // how many results that are no NaN may stay residual
}

func oracleCases() []oracleCase {
	var cs []oracleCase
	small := func(xs []uint64) []uint64 { return append(append([]uint64(nil), xs[3:6]...), xs[12:20]...) }
	for _, t := range []struct {
		typ, suffix string
		vals        []uint64
		width       uint
	}{{"double", "f64", doubles, 64}, {"float", "f32", floats, 32}} {
		add := func(name string, args int, to, body, declare, left string, vals []uint64, spare int) {
			cs = append(cs, oracleCase{name + "/" + t.typ, t.typ, to, vals, args, body, declare, left, spare})
		}
		for _, op := range []string{"fadd", "fsub", "fmul", "fdiv", "frem"} {
			add(op, 2, t.typ, fmt.Sprintf("%%r = %s %s %%x, %%y", op, t.typ), "", " = "+op+" ", t.vals, 0)
		}
		compare := "%c = add i64 0, 0"
		for k, p := range []string{"false", "oeq", "ogt", "oge", "olt", "ole", "one", "ord", "ueq", "ugt", "uge", "ult", "ule", "une", "uno", "true"} {
			compare += fmt.Sprintf("\n  %%c%[1]d = fcmp %[2]s %[3]s %%x, %%y\n  %%z%[1]d = zext i1 %%c%[1]d to i64\n  %%s%[1]d = shl i64 %%z%[1]d, %[1]d", k, p, t.typ)
			sum := "%c"
			if k > 0 {
				sum = fmt.Sprintf("%%r%d", k-1)
			}
			name := fmt.Sprintf("%%r%d", k)
			if k == 15 {
				name = "%r"
			}
			compare += fmt.Sprintf("\n  %s = or i64 %s, %%s%d", name, sum, k)
		}
		add("fcmp", 2, "i64", compare, "", " = fcmp ", t.vals, 0)
		add("fneg", 1, t.typ, fmt.Sprintf("%%r = fneg %s %%x", t.typ), "", " = fneg ", t.vals, 0)
		intrinsic := func(name string, args int, to string, vals []uint64, spare int) {
			f := "@llvm." + name + "." + t.suffix
			if to != t.typ && strings.Contains(name, "sat") {
				f = "@llvm." + name + "." + to + "." + t.suffix
			} else if to != t.typ {
				f = "@llvm." + name + "." + to + "." + t.suffix
			}
			params := strings.TrimSuffix(strings.Repeat(t.typ+", ", args), ", ")
			actual := []string{t.typ + " %x", t.typ + " %y", t.typ + " %z"}[:args]
			add(name, args, to, fmt.Sprintf("%%r = call %s %s(%s)", to, f, strings.Join(actual, ", ")),
				fmt.Sprintf("declare %s %s(%s)", to, f, params), "call .*"+regexp.QuoteMeta(f), vals, spare)
		}
		for _, name := range []string{"floor", "ceil", "trunc", "rint", "nearbyint", "round", "roundeven", "sqrt", "fabs"} {
			intrinsic(name, 1, t.typ, t.vals, 0)
		}
		intrinsic("copysign", 2, t.typ, t.vals, 0)
		intrinsic("minnum", 2, t.typ, t.vals, 2+2*len(t.vals))
		intrinsic("maxnum", 2, t.typ, t.vals, 2+2*len(t.vals))
		intrinsic("fma", 3, t.typ, small(t.vals), 0)
		intrinsic("fmuladd", 3, t.typ, small(t.vals), 0)
		long := inRangeOf(t.vals, t.width, 1<<62, true)
		for _, name := range []string{"lround", "llround", "lrint", "llrint"} {
			intrinsic(name, 1, "i64", long, 0)
		}
		intrinsic("fptosi.sat", 1, "i32", t.vals, 0)
		intrinsic("fptoui.sat", 1, "i32", t.vals, 0)
		intrinsic("fptosi.sat", 1, "i64", t.vals, 0)
		for _, to := range []struct {
			typ   string
			limit float64
		}{{"i8", 127}, {"i32", 1 << 31}, {"i64", 1 << 63}, {"i128", math.Ldexp(1, 126)}} {
			add("fptosi "+to.typ, 1, to.typ, fmt.Sprintf("%%r = fptosi %s %%x to %s", t.typ, to.typ), "", " = fptosi ", inRangeOf(t.vals, t.width, to.limit, true), 0)
			add("fptoui "+to.typ, 1, to.typ, fmt.Sprintf("%%r = fptoui %s %%x to %s", t.typ, to.typ), "", " = fptoui ", inRangeOf(t.vals, t.width, to.limit, false), 0)
		}
	}
	cs = append(cs,
		oracleCase{"fptrunc", "double", "float", doubles, 1, "%r = fptrunc double %x to float", "", " = fptrunc ", 0},
		oracleCase{"fpext", "float", "double", floats, 1, "%r = fpext float %x to double", "", " = fpext ", 0})
	ints := []uint64{0, 1, 2, 1<<53 + 1, 1<<53 - 1, 1<<24 + 1, 1<<63 - 1, 1 << 63, 1<<63 + 1<<10 + 1, 1<<64 - 1, 1<<40 + 1<<16 + 1, 1<<62 + 1<<38 + 1, 12345678901234567}
	for _, to := range []string{"float", "double"} {
		for _, op := range []string{"sitofp", "uitofp"} {
			for _, from := range []string{"i64", "i33", "i8", "i128"} {
				widen := "%n = bitcast i64 %x to i64"
				switch from {
				case "i33", "i8":
					widen = "%n = trunc i64 %x to " + from
				case "i128":
					widen = "%a = zext i64 %x to i128\n  %b = mul i128 %a, 295147905179352825859\n  %n = sub i128 %b, 77"
				}
				cs = append(cs, oracleCase{op + " " + from + "/" + to, "i64", to, ints, 1,
					fmt.Sprintf("%s\n  %%r = %s %s %%n to %s", widen, op, from, to), "", " = " + op + " ", 0})
			}
		}
	}
	return cs
}

// functions are those of case number id: @fillN computes everything, @showN
// prints it.
func (c *oracleCase) functions(id int) string {
	n := len(c.vals)
	words := make([]string, n)
	for i, v := range c.vals {
		words[i] = fmt.Sprintf("i64 %d", int64(v))
	}
	count := n
	dims := [3]int{n, 1, 1}
	for k := 1; k < c.args; k++ {
		dims[k] = n
		count *= n
	}
	operand := func(name, index string) string {
		s := fmt.Sprintf("  %%p%[1]s = getelementptr [%[3]d x i64], [%[3]d x i64]* @vals%[4]d, i64 0, i64 %%%[2]s\n  %%w%[1]s = load i64, i64* %%p%[1]s\n", name, index, n, id)
		switch c.from {
		case "double":
			s += fmt.Sprintf("  %%%[1]s = bitcast i64 %%w%[1]s to double\n", name)
		case "float":
			s += fmt.Sprintf("  %%n%[1]s = trunc i64 %%w%[1]s to i32\n  %%%[1]s = bitcast i32 %%n%[1]s to float\n", name)
		default:
			s += fmt.Sprintf("  %%%[1]s = add i64 %%w%[1]s, 0\n", name)
		}
		return s
	}
	body := operand("x", "i")
	if c.args > 1 {
		body += operand("y", "j")
	}
	if c.args > 2 {
		body += operand("z", "k")
	}
	body += "  " + c.body + "\n"
	switch c.to {
	case "double":
		body += "  %out64 = bitcast double %r to i64\n"
	case "float":
		body += "  %out32 = bitcast float %r to i32\n  %out64 = zext i32 %out32 to i64\n"
	case "i64":
		body += "  %out64 = add i64 %r, 0\n"
	case "i128":
		body += "  %hi = lshr i128 %r, 37\n  %mixed = xor i128 %r, %hi\n  %out64 = trunc i128 %mixed to i64\n"
	default:
		body += fmt.Sprintf("  %%out64 = zext %s %%r to i64\n", c.to)
	}
	return fmt.Sprintf(`
@vals%[8]d = internal constant [%[1]d x i64] [%[2]s]
@results%[8]d = internal global [%[3]d x i64] zeroinitializer
define void @fill%[8]d(i64* %%out) {
entry:
  br label %%loop
loop:
  %%i = phi i64 [ 0, %%entry ], [ %%i2, %%next ]
  %%j = phi i64 [ 0, %%entry ], [ %%j2, %%next ]
  %%k = phi i64 [ 0, %%entry ], [ %%k2, %%next ]
  %%at = phi i64 [ 0, %%entry ], [ %%at1, %%next ]
%[5]s
  %%place = getelementptr i64, i64* %%out, i64 %%at
  store i64 %%out64, i64* %%place
  br label %%next
next:
  %%at1 = add i64 %%at, 1
  %%i1 = add i64 %%i, 1
  %%iend = icmp eq i64 %%i1, %[6]d
  %%i2 = select i1 %%iend, i64 0, i64 %%i1
  %%jstep = zext i1 %%iend to i64
  %%j1 = add i64 %%j, %%jstep
  %%jend = icmp eq i64 %%j1, %[7]d
  %%j2 = select i1 %%jend, i64 0, i64 %%j1
  %%kstep = zext i1 %%jend to i64
  %%k2 = add i64 %%k, %%kstep
  %%more = icmp ne i64 %%at1, %[3]d
  br i1 %%more, label %%loop, label %%done
done:
  ret void
}
define internal void @show%[8]d() {
entry:
  %%out = getelementptr [%[3]d x i64], [%[3]d x i64]* @results%[8]d, i64 0, i64 0
  call void @fill%[8]d(i64* %%out)
  br label %%loop
loop:
  %%at = phi i64 [ 0, %%entry ], [ %%at1, %%loop ]
  %%p = getelementptr i64, i64* %%out, i64 %%at
  %%v = load i64, i64* %%p
  %%f = getelementptr [5 x i8], [5 x i8]* @format, i64 0, i64 0
  %%n = call i32 (i8*, ...) @printf(i8* %%f, i64 %%v)
  %%at1 = add i64 %%at, 1
  %%more = icmp ne i64 %%at1, %[3]d
  br i1 %%more, label %%loop, label %%done
done:
  ret void
}
`, n, strings.Join(words, ", "), count, c.declare, body, dims[0], dims[1], id)
}

// oracleProgram is the module of all cases; @main prints the results of one a line.
func oracleProgram(cs []oracleCase) string {
	var b, calls strings.Builder
	b.WriteString("@format = internal constant [5 x i8] c\"%lx\\0A\\00\"\ndeclare i32 @printf(i8*, ...)\n")
	declared := make(map[string]bool)
	for i := range cs {
		if d := cs[i].declare; !declared[d] {
			declared[d] = true
			b.WriteString(d + "\n")
		}
		b.WriteString(cs[i].functions(i))
		fmt.Fprintf(&calls, "  call void @show%d()\n", i)
	}
	fmt.Fprintf(&b, "define i32 @main() {\n%s  ret i32 0\n}\n", calls.String())
	return b.String()
}

func TestFloatOracle(t *testing.T) {
	cs := oracleCases()
	src := oracleProgram(cs)
	out, _ := irtest.Run(t, src, irtest.RunOptions{})
	want := strings.Fields(out)
	cfg := configure(t, src, "fill0")
	cfg.Budget = Budget{Insts: 1 << 20, LoopInsts: 1 << 20}
	var residual []string
	for i := range cs {
		f, err := spec.FromFlags(fmt.Sprintf("fill%d", i), nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := spec.Resolve(cfg.Prog, f)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Variant, cfg.Facts = r.Variants[0], spec.NewFacts(r.Variants[0])
		res, err := Specialize(cfg)
		if err != nil {
			t.Fatal(err)
		}
		residual = append(residual, res.Residual.Ident())
	}
	text := irtest.Print(t, cfg.Prog)
	module := text
	for i, name := range residual {
		module = strings.Replace(module, fmt.Sprintf("call void @fill%d(", i), "call void "+name+"(", 1)
	}
	out, _ = irtest.Run(t, module, irtest.RunOptions{})
	got := strings.Fields(out)
	if len(got) != len(want) {
		t.Fatalf("got %d results, want %d", len(got), len(want))
	}
	for i := range cs {
		n := 1
		for range cs[i].args {
			n *= len(cs[i].vals)
		}
		t.Run(cs[i].name, func(t *testing.T) { cs[i].check(t, got[:n], want[:n], definition(text, residual[i])) })
		got, want = got[n:], want[n:]
	}
}

// check compares the results of one case and looks at its residual code.
func (c *oracleCase) check(t *testing.T, got, want []string, residual string) {
	width := uint(64)
	if c.to == "float" {
		width = 32
	}
	isFloat := c.to == "float" || c.to == "double"
	nans := 0
	for i := range want {
		a, _ := strconv.ParseUint(want[i], 16, 64)
		b, _ := strconv.ParseUint(got[i], 16, 64)
		if isFloat && isNaN(a, width) {
			nans++
			// LLVM computes residual ones at compile time, llvm.fmuladd as fused.
			if isNaN(b, width) || strings.HasPrefix(c.name, "fmuladd") && isInf(b, width) {
				continue
			}
		}
		if a != b {
			x, y := c.vals[i%len(c.vals)], c.vals[i/len(c.vals)%len(c.vals)]
			t.Errorf("result %d of %#x, %#x: got %#x, want %#x", i, x, y, b, a)
		}
	}
	if n := len(regexp.MustCompile(c.left).FindAllString(residual, -1)); n > nans+c.spare {
		t.Errorf("%d operations are residual, %d results are no numbers", n, nans)
	}
}

// TestNaNBits tests what is done with the bits of NaNs.
func TestNaNBits(t *testing.T) {
	const quiet, other, signalling = 0x7ff8000000000123, 0xfff8000000000456, 0x7ff0000000000001
	one := math.Float64bits(1)
	for _, c := range []struct {
		x, y uint64
		want uint64
		ok   bool
	}{
		{quiet, one, quiet, true}, {one, other, other, true}, {quiet, other, 0, false}, {signalling, one, 0, false}, {one, signalling, 0, false},
	} {
		for _, op := range []uint8{fAdd, fSub, fMul, fDiv} {
			if got, ok := floatBinary(op, 64, c.x, c.y); ok != c.ok || ok && got != c.want {
				t.Errorf("op %d of %#x, %#x: got %#x, %v, want %#x, %v", op, c.x, c.y, got, ok, c.want, c.ok)
			}
		}
	}
	flags := fastMath{nnan: true}
	if flags.allows(64, one, quiet) || !flags.allows(64, one) || (fastMath{ninf: true}).allows(32, 0x7f800000) {
		t.Error("fast-math flags do not refuse what they make poison")
	}
	for _, f := range []float64{math.NaN(), math.Inf(1), 128, -129, 1e300} {
		if _, ok := floatToInteger(f, 8, true); ok {
			t.Errorf("%v fits 8 bits", f)
		}
	}
	for _, f := range []float64{-1, 256} {
		if _, ok := floatToInteger(f, 8, false); ok {
			t.Errorf("%v fits 8 bits unsigned", f)
		}
	}
	if n, ok := floatToInteger(-0.75, 8, false); !ok || !n.isZero() {
		t.Error("-0.75 is 0 as an unsigned number")
	}
}

// FuzzFused tests fused multiplication of floats against exact arithmetic.
func FuzzFused(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		f.Add(r.Uint32(), r.Uint32(), r.Uint32())
	}
	for _, x := range floats {
		f.Add(uint32(x), uint32(floats[int(x)%len(floats)]), uint32(x)^1<<31)
	}
	f.Fuzz(func(t *testing.T, a, b, c uint32) {
		x, y, z := float64(math.Float32frombits(a)), float64(math.Float32frombits(b)), float64(math.Float32frombits(c))
		got := float32(fusedMultiplyAdd(x, y, z, 32))
		if x != x || y != y || z != z || math.IsInf(x, 0) || math.IsInf(y, 0) || math.IsInf(z, 0) {
			return
		}
		exact := func(v float64) *big.Float { return new(big.Float).SetPrec(2000).SetFloat64(v) }
		sum := new(big.Float).SetPrec(2000)
		sum.Mul(exact(x), exact(y)).Add(sum, exact(z))
		want, _ := sum.Float32()
		if want == 0 && got == 0 {
			return // the sign of an exact zero is that of IEEE, which big.Float does not have
		}
		if math.Float32bits(got) != math.Float32bits(want) {
			t.Errorf("fma(%v, %v, %v): got %v, want %v", x, y, z, got, want)
		}
	})
}

package bta

// This file holds benchmarks, each in three sizes: the time for an instruction that
// the entry reaches should stay about the same.

import (
	"fmt"
	"strings"
	"testing"
)

func BenchmarkAnalyze(b *testing.B) {
	for _, shape := range []struct {
		name string
		text func(n int) string
	}{{"diamonds", chain}, {"calls", calls}, {"unreached", unreached}} {
		for _, n := range []int{10, 100, 1000} {
			b.Run(fmt.Sprintf("%s/%d", shape.name, n), func(b *testing.B) {
				var cfg Config
				res := analyzeText(b, shape.text(n), nil, func(c *Config) { cfg = *c })
				insts := 0
				for _, v := range res.Variants {
					insts += int(v.Fn.End - v.Fn.First)
				}
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					if _, err := Analyze(cfg); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)*float64(insts)/b.Elapsed().Seconds(), "instrs/s")
			})
		}
	}
}

// chain is a function of n diamonds, every other one under dynamic control.
func chain(n int) string {
	var sb strings.Builder
	sb.WriteString("; bta: @f s=S\ndefine i32 @f(i32 %s, i32 %d) {\nb0:\n  %x0 = add i32 %s, 1\n")
	for i := range n {
		of := []string{"%s", "%d"}[i%2]
		fmt.Fprintf(&sb, "  %%c%d = icmp eq i32 %s, %d\n  br i1 %%c%d, label %%t%d, label %%e%d\nt%d:\n  %%y%d = add i32 %%x%d, 1\n  br label %%b%d\ne%d:\n  br label %%b%d\nb%d:\n  %%x%d = phi i32 [ %%y%d, %%t%d ], [ %%x%d, %%e%d ]\n",
			i, of, i, i, i, i, i, i, i, i+1, i, i+1, i+1, i+1, i, i, i, i)
	}
	fmt.Fprintf(&sb, "  ret i32 %%x%d\n}\n", n)
	return sb.String()
}

// calls is a chain of n functions; each writes a slot of its caller's under dynamic
// control and passes what is static on.
func calls(n int) string {
	var sb strings.Builder
	sb.WriteString("; bta: @f s=S\ndefine i32 @f(i32 %s, i32 %d) {\n  %slot = alloca i32\n  store i32 0, i32* %slot\n")
	sb.WriteString("  %r = call i32 @g0(i32 %s, i32 %d, i32* %slot)\n  ret i32 %r\n}\n")
	for i := range n {
		fmt.Fprintf(&sb, "define internal i32 @g%d(i32 %%s, i32 %%d, i32* %%p) {\n", i)
		sb.WriteString("  %c = icmp eq i32 %d, 0\n  br i1 %c, label %t, label %e\nt:\n  store i32 %s, i32* %p\n  br label %e\ne:\n")
		sb.WriteString("  %v = load i32, i32* %p\n  %s1 = add i32 %s, 1\n  %d1 = add i32 %d, %v\n")
		if i < n-1 {
			fmt.Fprintf(&sb, "  %%r = call i32 @g%d(i32 %%s1, i32 %%d1, i32* %%p)\n  ret i32 %%r\n}\n", i+1)
		} else {
			sb.WriteString("  ret i32 %d1\n}\n")
		}
	}
	return sb.String()
}

// unreached is a small program with n functions that the entry does not reach.
func unreached(n int) string {
	return chain(10) + strings.ReplaceAll(calls(n)[strings.Index(calls(n), "}\n")+2:], "; bta", "; ")
}

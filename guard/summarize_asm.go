package guard

// This file makes rows of inline assembly, rule (D9).

import (
	"regexp"
	"slices"
	"strings"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"

	"quasi/ir"
)

// callBr makes the rows of asm goto.
func (s *scan) callBr(pt ir.Point, call *llir.TermCallBr) {
	if asm, ok := call.Callee.(*llir.InlineAsm); ok {
		s.assembly(pt, call, asm, call.Args)
		return
	}
	s.outside(pt, call, call.Callee, call.Args)
}

// assembly makes rows of a pointer that inline assembly gets, and of memory that
// it says it changes.
func (s *scan) assembly(pt ir.Point, call ir.User, asm *llir.InlineAsm, args []value.Value) {
	outputs := asmOutputs(asm.Constraint)
	memory := strings.Contains(asm.Constraint, "~{memory}")
	for i, a := range args {
		a = ir.Unwrap(a)
		ptr, isPtr := a.Type().(*types.PointerType)
		if !isPtr {
			continue
		}
		n := int64(farEnd)
		operand := outputs[i] || asmInputOnly(asm.Constraint, i)
		if operand {
			if !outputs[i] && !memory {
				continue // it only reads it
			}
			if n = s.prog.Layout.StoreSize(ptr.ElemType); n <= 0 {
				n = farEnd
			}
		}
		w := access{pt: pt, inst: call, addr: a, n: n, how: ByAsm, what: "inline assembly gets a pointer to"}
		if operand && memory && bitString.MatchString(asm.Asm) {
			w.n, w.member = farEnd, true
		}
		if outputs[i] {
			w.what = "inline assembly writes"
		}
		ways := s.ways(w.addr)
		s.digest(w, ways)
		for _, t := range s.targets {
			v := s.judge(t, w, ways)
			if v.row && v.class == MustGuard && !outputs[i] {
				v.class = MayWrite
			}
			s.record(t, w, v)
			if v.row && v.class <= MayWrite && !v.open {
				s.warn(t, pt, WarnAssembly, "inline assembly gets a pointer to '"+t.text+"'", "")
			}
		}
		s.flushOthers(w)
	}
	if !memory || !asm.IntelDialect && harmless(asm.Asm) {
		return
	}
	for _, t := range s.targets {
		if t.global != nil && isLocal(t.global.Linkage) && !s.addressTaken[t.global] {
			continue
		}
		s.sum.Rows = append(s.sum.Rows, s.row(t, pt, NotVisible, ByAsm, "inline assembly says that it changes memory"))
		s.warn(t, pt, WarnAssembly, "inline assembly says that it changes memory: it may write '"+t.text+"'", "what it writes cannot be guarded")
	}
}

// asmOutputs are the arguments that are memory operands which the assembly writes:
// those of constraints like =*m come first, in order.
func asmOutputs(constraint string) map[int]bool {
	out := make(map[int]bool)
	arg := 0
	for _, c := range constraints(constraint) {
		switch {
		case strings.HasPrefix(c, "~") || strings.HasPrefix(c, "!"):
		case strings.HasPrefix(c, "=") || strings.HasPrefix(c, "+"):
			if strings.Contains(c, "*") {
				out[arg] = true
				arg++
			}
		default:
			arg++
		}
	}
	return out
}

// asmInputOnly reports whether argument i is a memory operand that the assembly
// only reads.
func asmInputOnly(constraint string, i int) bool {
	arg := 0
	for _, c := range constraints(constraint) {
		switch {
		case strings.HasPrefix(c, "~") || strings.HasPrefix(c, "!"):
		case strings.HasPrefix(c, "=") || strings.HasPrefix(c, "+"):
			if strings.Contains(c, "*") {
				arg++
			}
		default:
			if arg == i {
				return strings.HasPrefix(c, "*")
			}
			arg++
		}
	}
	return false
}

// constraints splits a constraint string at the commas between operands.
func constraints(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

var asmComment = regexp.MustCompile(`(?s)/\*.*?\*/`)

// simple are the instructions that write no memory but their operands, without the
// suffixes of sizes.
var simple = map[string]bool{
	"mov": true, "and": true, "or": true, "xor": true, "add": true, "sub": true, "adc": true, "sbb": true, "inc": true, "dec": true,
	"neg": true, "not": true, "bts": true, "btr": true, "btc": true, "bt": true, "bsf": true, "bsr": true, "xadd": true, "xchg": true,
	"cmpxchg": true, "cmp": true, "test": true, "shl": true, "shr": true, "sar": true, "mfence": true, "lfence": true,
	"sfence": true, "pause": true, "nop": true, "hlt": true, "cli": true, "sti": true, "serialize": true, "cpuid": true,
	"rdtsc": true, "rdmsr": true, "wrmsr": true, "clflush": true, "wbinvd": true, "invlpg": true, "pushf": true, "popf": true,
	"push": true, "pop": true, "int3": true, "ud2": true, "clac": true, "stac": true, "swapgs": true, "in": true, "out": true,
	"bswap": true, "rep": true, "lock": true,
}

// bitString are the instructions that write a bit so many bits from their operand.
var bitString = regexp.MustCompile(`\bbt[src][wlq]?\b`)

// plain is an operand that is no memory but what the assembly gets: one of its own, a
// register, a number.
var plain = regexp.MustCompile(`^(\$\$.*|\$[0-9]+|\$\{[0-9]+(:[a-zA-Z])?\}|\*?%[a-z0-9]+)$`)

// harmless reports whether an assembly text writes no memory but its operands:
// barriers and atomic operations name memory only to order it. The operands have
// rows of their own.
func harmless(asm string) bool {
	text := strings.NewReplacer(";", "\n", "\t", " ").Replace(asmComment.ReplaceAllString(asm, " "))
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		for len(words) > 1 && (words[0] == "lock" || words[0] == "rep" || strings.HasSuffix(words[0], ":")) {
			words = words[1:]
		}
		if len(words) == 0 || words[0][0] == '.' || strings.HasSuffix(words[0], ":") {
			continue // a directive, a label
		}
		op := words[0]
		if !simple[op] && !simple[strings.TrimRight(op, "bwlq")] && !strings.HasPrefix(op, "set") && op[0] != 'j' && !strings.HasPrefix(op, "cmov") {
			return false
		}
		// A full barrier has an address all the same: lock; addl $0,-4(%rsp).
		if op[0] == 'j' || strings.HasPrefix(op, "add") && strings.Contains(line, "$$0") && strings.Contains(line, "sp)") {
			continue
		}
		operands := strings.Join(words[1:], "")
		if operands != "" && slices.ContainsFunc(strings.Split(operands, ","), func(o string) bool { return !plain.MatchString(o) }) {
			return false
		}
	}
	return true
}

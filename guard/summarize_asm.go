package guard

// This file makes rows of inline assembly.

import (
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
	for i, a := range args {
		a = ir.Unwrap(a)
		ptr, isPtr := a.Type().(*types.PointerType)
		if !isPtr {
			continue
		}
		n := int64(farEnd)
		if outputs[i] {
			if n = s.prog.Layout.StoreSize(ptr.ElemType); n <= 0 {
				n = farEnd
			}
		} else if asmInputOnly(asm.Constraint, i) {
			continue
		}
		w := access{pt: pt, inst: call, addr: a, n: n, how: ByAsm, what: "inline assembly gets a pointer to"}
		if outputs[i] {
			w.what = "inline assembly writes"
		}
		for _, t := range s.targets {
			v := s.judge(t, w, s.tr)
			if v.row && v.class == MustGuard && !outputs[i] {
				v.class = MayWrite
			}
			s.record(t, w, v)
			if v.row && v.class <= MayWrite && !v.open {
				s.warn(t, pt, WarnAssembly, "inline assembly gets a pointer to '"+t.text+"'", "")
			}
		}
	}
	if !strings.Contains(asm.Constraint, "~{memory}") || harmless(asm.Asm) {
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

// harmless reports whether every instruction of an assembly text is known to write
// no memory of the program: barriers and the like name memory only to order it.
func harmless(asm string) bool {
	text := strings.NewReplacer(";", "\n", "\t", " ").Replace(asm)
	for _, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		for len(words) > 0 && (words[0] == "lock" || words[0] == "rep") && len(words) > 1 {
			words = words[1:]
		}
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "mfence", "lfence", "sfence", "pause", "nop", "hlt", "cli", "sti", "rep", "lock", "serialize", "cpuid",
			"clflush", "wbinvd", "invlpg", "pushf", "popf", "pushfq", "popfq", "push", "pop", "pushq", "popq", "#", "int3", "ud2":
			continue
		}
		// The idiom of a full barrier: lock; addl $0,-4(%rsp).
		if strings.HasPrefix(words[0], "add") && strings.Contains(line, "$$0") && strings.Contains(line, "sp)") {
			continue
		}
		return false
	}
	return true
}

package ir

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/constant"
	"github.com/llir/llvm/ir/types"
	"github.com/llir/llvm/ir/value"
)

// TestTrace runs programs with every access recorded and checks what they did
// against points-to sets, call graph and mod/ref: each address must be a target
// of its instruction, at its offset. It needs clang and opt, version 14.
//
// QUASI_TRACE names more programs, .c or .ll, separated by spaces.
func TestTrace(t *testing.T) {
	clang, opt := llvmTool(t, "clang"), llvmTool(t, "opt")
	files, _ := filepath.Glob("testdata/pts/trace/programs/*.c")
	files = append(files, strings.Fields(os.Getenv("QUASI_TRACE"))...)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			dir := t.TempDir()
			ll := file
			if strings.HasSuffix(file, ".c") {
				ll = filepath.Join(dir, "raw.ll")
				tool(t, clang, "-O1", "-g", "-w", "-Xclang", "-disable-llvm-passes", "-S", "-emit-llvm", "-I/usr/include/csmith", "-o", ll, file)
				tool(t, opt, "-passes=sroa", "-S", "-o", filepath.Join(dir, "in.ll"), ll)
				ll = filepath.Join(dir, "in.ll")
			}
			traceProgram(t, clang, dir, ll, strings.Fields(os.Getenv("QUASI_TRACE_ARGS")))
		})
	}
}

func llvmTool(t *testing.T, name string) string {
	t.Helper()
	if dir := os.Getenv("QUASI_LLVM"); dir != "" {
		return filepath.Join(dir, name)
	}
	path, err := exec.LookPath(name + "-14")
	if err != nil {
		t.Skipf("no %s-14", name)
	}
	return path
}

func tool(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Skipf("%s %s: %v\n%.1000s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
}

// traceProgram instruments, runs and checks one module.
func traceProgram(t *testing.T, clang, dir, ll string, args []string) {
	src, err := os.ReadFile(ll)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(ll, src)
	if err != nil {
		t.Fatal(err)
	}
	main := p.FuncByName("main")
	if main == nil {
		t.Skip("no main")
	}
	open := SolvePointsTo(p)
	closed := SolvePointsToWith(p, SolveConfig{Entry: []*Func{main}})
	openCG, closedCG := BuildCallGraph(p, open), BuildCallGraph(p, closed)
	openMR, closedMR := ComputeModRef(p, open, openCG), ComputeModRef(p, closed, closedCG)

	users := make([]User, p.NumPoints()) // instrumentation moves points
	for pt := range users {
		users[pt] = p.UserAt(Point(pt))
	}
	(&tracer{p: p, pt: closed}).instrument()
	var out bytes.Buffer
	if err := Fprint(&out, p); err != nil {
		t.Fatal(err)
	}
	traced := filepath.Join(dir, "traced.ll")
	if err := os.WriteFile(traced, out.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	exe, log := filepath.Join(dir, "traced"), filepath.Join(dir, "log")
	// Some programs rely on the optimizer to drop calls of nothing.
	if out, err := exec.Command(clang, "-O0", "-w", "-o", exe, traced, "testdata/pts/trace/trace.c", "-lm", "-lpthread", "-ldl").CombinedOutput(); err != nil {
		t.Skipf("clang: %v\n%.2000s", err, out)
	}
	run := exec.Command("timeout", append([]string{"20", exe}, args...)...)
	run.Env = append(os.Environ(), "PT_LOG="+log)
	if out, err := run.CombinedOutput(); err != nil {
		t.Logf("the program failed: %v\n%.300s", err, out)
	}
	events, err := os.ReadFile(log)
	if err != nil {
		t.Skip("no log")
	}
	c := &traceChecker{t: t, users: users, jumps: bytes.Contains(src, []byte("longjmp")) || bytes.Contains(src, []byte("sjlj"))}
	c.check(events, "open", open, openCG, openMR)
	c.check(events, "closed", closed, closedCG, closedMR)
	t.Logf("%d events", c.events)
}

// A traceChecker compares a log with a solution.
type traceChecker struct {
	t      *testing.T
	users  []User
	jumps  bool // calls may be left by a jump, unseen
	events int
}

func (c *traceChecker) check(log []byte, mode string, pt *PointsTo, cg *CallGraph, mr *ModRef) {
	wrong := 0
	for scan := bufio.NewScanner(bytes.NewReader(log)); scan.Scan(); {
		var kind string
		var at, obj int
		var off int64
		if _, err := fmt.Sscanf(scan.Text(), "%s %d %d %d", &kind, &at, &obj, &off); err != nil {
			c.t.Fatal(err)
		}
		c.events++
		if c.jumps && (kind == "R" || kind == "W") {
			continue
		}
		user := c.users[at]
		ok, said := true, ""
		switch kind {
		case "L", "S":
			addr := accessed(user, kind == "L")
			ok = covers(pt, addr, obj, off)
			said = targetList(pt.Targets(addr))
		case "C":
			fns, unknown := cg.calleesOf(user)
			ok = obj < 0 && unknown || obj >= 0 && (unknown && pt.esc[obj] ||
				slices.ContainsFunc(fns, func(f *Func) bool { return f.LL == pt.objs[obj].Site }))
			said = fmt.Sprint(fns, unknown)
		case "R", "W":
			e := mr.of(user)
			effect := e.mod
			if kind == "R" {
				effect = e.ref
			}
			ok = obj < 0 || effect.May(pt.objs[obj])
			said = fmt.Sprint(effect.Objs, effect.Unknown)
		}
		if ok {
			continue
		}
		if wrong++; wrong > 10 {
			return
		}
		name := "outside memory"
		if obj >= 0 {
			name = pt.objs[obj].String()
		}
		c.t.Errorf("%s: %s %v: %s+%d is not among {%s}", mode, kind, user, name, off, said)
	}
}

// accessed is the address operand of an access.
func accessed(user User, load bool) value.Value {
	switch user := user.(type) {
	case *llir.InstLoad:
		return user.Src
	case *llir.InstStore:
		return user.Dst
	case *llir.InstAtomicRMW:
		return user.Dst
	case *llir.InstCmpXchg:
		return user.Ptr
	case *llir.InstCall:
		if load {
			return user.Args[1]
		}
		return user.Args[0]
	}
	panic(fmt.Sprintf("no access: %v", user))
}

// covers reports whether the targets of addr have an object and offset.
func covers(pt *PointsTo, addr value.Value, obj int, off int64) bool {
	for _, to := range pt.Targets(addr) {
		switch {
		case obj < 0:
			if _, variadic := to.Obj.Site.(*llir.InstCall); to.Obj.Kind == ObjUnknown || to.Obj.Kind == ObjStack && variadic {
				return true
			}
			continue
		case to.Obj.ID == 0:
			if pt.esc[obj] {
				return true
			}
			continue
		case to.Obj.ID != obj:
			continue
		}
		if pt.Covers(to, off) {
			return true
		}
	}
	return false
}

// A tracer inserts the calls of trace.c.
type tracer struct {
	p     *Program
	pt    *PointsTo
	names int
	funcs map[string]*llir.Func
	insts []llir.Instruction
}

var bytePtr = types.NewPointer(types.I8)

func (tr *tracer) instrument() {
	tr.funcs = make(map[string]*llir.Func)
	for _, sig := range []struct {
		name   string
		ret    types.Type
		params []types.Type
	}{
		{"pt_object", types.Void, []types.Type{bytePtr, types.I64, types.I32}},
		{"pt_stack", types.Void, []types.Type{bytePtr, types.I64, types.I32}},
		{"pt_enter", types.I32, nil},
		{"pt_leave", types.Void, []types.Type{types.I32}},
		{"pt_heap", types.Void, []types.Type{bytePtr, types.I32}},
		{"pt_free", types.Void, []types.Type{bytePtr}},
		{"pt_load", types.Void, []types.Type{bytePtr, types.I64, types.I32}},
		{"pt_store", types.Void, []types.Type{bytePtr, types.I64, types.I32}},
		{"pt_call", types.I32, []types.Type{bytePtr, types.I32}},
		{"pt_return", types.Void, []types.Type{types.I32}},
	} {
		var params []*llir.Param
		for _, t := range sig.params {
			params = append(params, llir.NewParam("", t))
		}
		tr.funcs[sig.name] = llir.NewFunc(sig.name, sig.ret, params...)
	}
	for _, g := range tr.p.Module.Globals {
		g.UnnamedAddr = 0 // so that equal constants are not merged
	}
	for _, f := range tr.p.Funcs {
		tr.function(f)
	}
	for _, name := range []string{"pt_object", "pt_stack", "pt_enter", "pt_leave", "pt_heap", "pt_free", "pt_load", "pt_store", "pt_call", "pt_return"} {
		tr.p.Module.Funcs = append(tr.p.Module.Funcs, tr.funcs[name])
	}
}

func (tr *tracer) function(f *Func) {
	for _, b := range f.Blocks {
		tr.insts = nil
		var phis int
		for phis < len(b.LL.Insts) {
			if _, ok := b.LL.Insts[phis].(*llir.InstPhi); !ok {
				break
			}
			phis++
		}
		tr.insts = append(tr.insts, b.LL.Insts[:phis]...)
		var mark *llir.InstCall
		if b.ID == 0 {
			mark = tr.call("pt_enter")
			mark.SetName("pt.mark")
			tr.entry(f)
		}
		for i, inst := range b.LL.Insts[phis:] {
			tr.inst(inst, b.First+Point(phis+i))
		}
		if _, ok := b.LL.Term.(*llir.TermRet); ok {
			if mark == nil {
				mark = f.Blocks[0].LL.Insts[slices.IndexFunc(f.Blocks[0].LL.Insts, func(i llir.Instruction) bool {
					c, ok := i.(*llir.InstCall)
					return ok && c.Callee == tr.funcs["pt_enter"]
				})].(*llir.InstCall)
			}
			if n := len(tr.insts); n > 0 && isMustTail(tr.insts[n-1]) {
				b.LL.Insts = tr.insts
				continue
			}
			tr.call("pt_leave", mark)
		}
		b.LL.Insts = tr.insts
	}
}

func isMustTail(inst llir.Instruction) bool {
	c, ok := inst.(*llir.InstCall)
	return ok && c.Tail.String() == "musttail"
}

// entry records globals and functions in main, and byval parameters.
func (tr *tracer) entry(f *Func) {
	if f.Name() == "main" {
		for _, o := range tr.pt.Objects() {
			switch site := o.Site.(type) {
			case *llir.Global:
				if size := tr.p.Layout.Size(site.ContentType); size > 0 && !strings.HasPrefix(site.Name(), "llvm.") {
					tr.call("pt_object", constant.NewBitCast(site, bytePtr), i64(size), i32(o.ID))
				}
			case *llir.Func:
				if !strings.HasPrefix(site.Name(), "llvm.") {
					tr.call("pt_object", constant.NewBitCast(site, bytePtr), i64(1), i32(o.ID))
				}
			}
		}
	}
	for _, p := range f.LL.Params {
		if o := tr.pt.ObjectOf(p); o != nil {
			tr.call("pt_stack", tr.cast(p), i64(o.Size), i32(o.ID))
		}
	}
}

func (tr *tracer) inst(inst llir.Instruction, at Point) {
	switch inst := inst.(type) {
	case *llir.InstLoad:
		tr.call("pt_load", tr.cast(inst.Src), i64(tr.p.Layout.StoreSize(inst.ElemType)), i32(int(at)))
	case *llir.InstStore:
		tr.call("pt_store", tr.cast(inst.Dst), i64(tr.p.Layout.StoreSize(inst.Src.Type())), i32(int(at)))
	case *llir.InstCmpXchg:
		tr.call("pt_store", tr.cast(inst.Ptr), i64(1), i32(int(at)))
	case *llir.InstAtomicRMW:
		tr.call("pt_store", tr.cast(inst.Dst), i64(1), i32(int(at)))
	case *llir.InstCall:
		tr.traceCall(inst, at)
		return
	case *llir.InstAlloca:
		tr.insts = append(tr.insts, inst)
		size := value.Value(i64(tr.p.Layout.Size(inst.ElemType)))
		if inst.NElems != nil {
			n := inst.NElems
			if !n.Type().Equal(types.I64) {
				n = tr.named(llir.NewZExt(n, types.I64)).(value.Value)
			}
			size = tr.named(llir.NewMul(n, size)).(value.Value)
		}
		if o := tr.pt.ObjectOf(inst); o != nil {
			tr.call("pt_stack", tr.cast(inst), size, i32(o.ID))
		}
		return
	}
	tr.insts = append(tr.insts, inst)
}

// traceCall records a call, what it allocates and what an intrinsic copies.
func (tr *tracer) traceCall(inst *llir.InstCall, at Point) {
	if IsDebug(inst) {
		tr.insts = append(tr.insts, inst)
		return
	}
	if f, ok := inst.Callee.(*llir.Func); ok {
		name := f.Name()
		switch {
		case strings.HasPrefix(name, "llvm.lifetime."):
			return // so that no two slots share their place
		case strings.HasPrefix(name, "llvm.memcpy"), strings.HasPrefix(name, "llvm.memmove"):
			tr.call("pt_load", tr.cast(Unwrap(inst.Args[1])), Unwrap(inst.Args[2]), i32(int(at)))
			tr.call("pt_store", tr.cast(Unwrap(inst.Args[0])), Unwrap(inst.Args[2]), i32(int(at)))
		case strings.HasPrefix(name, "llvm.memset"):
			tr.call("pt_store", tr.cast(Unwrap(inst.Args[0])), Unwrap(inst.Args[2]), i32(int(at)))
		case name == "free", name == "realloc":
			tr.call("pt_free", Unwrap(inst.Args[0]))
		}
		if strings.HasPrefix(name, "llvm.") || isMustTail(inst) {
			tr.insts = append(tr.insts, inst)
			return
		}
	}
	_, isAsm := inst.Callee.(*llir.InlineAsm)
	if isAsm || isMustTail(inst) {
		tr.insts = append(tr.insts, inst)
		return
	}
	mark := tr.call("pt_call", tr.cast(inst.Callee), i32(int(at)))
	mark.SetName(tr.name())
	tr.insts = append(tr.insts, inst)
	tr.call("pt_return", mark)
	if o := tr.pt.ObjectOf(inst); o != nil && o.Kind == ObjHeap {
		if _, isPtr := inst.Type().(*types.PointerType); isPtr {
			tr.call("pt_heap", tr.cast(inst), i32(o.ID))
		}
	}
}

func (tr *tracer) call(name string, args ...value.Value) *llir.InstCall {
	c := llir.NewCall(tr.funcs[name], args...)
	tr.insts = append(tr.insts, c)
	return c
}

// cast makes v an i8*.
func (tr *tracer) cast(v value.Value) value.Value {
	if v.Type().Equal(bytePtr) {
		return v
	}
	if c, ok := v.(constant.Constant); ok {
		return constant.NewBitCast(c, bytePtr)
	}
	return tr.named(llir.NewBitCast(v, bytePtr)).(value.Value)
}

func (tr *tracer) name() string {
	tr.names++
	return fmt.Sprintf("pt.%d", tr.names)
}

func (tr *tracer) named(inst llir.Instruction) llir.Instruction {
	inst.(value.Named).SetName(tr.name())
	tr.insts = append(tr.insts, inst)
	return inst
}

func i64(n int64) *constant.Int { return constant.NewInt(types.I64, n) }
func i32(n int) *constant.Int   { return constant.NewInt(types.I32, int64(n)) }

package ir

import (
	"slices"
	"testing"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
)

func TestLibSummary(t *testing.T) {
	for _, name := range []string{"memcpy", "sinf", "llvm.memcpy.p0i8.p0i8.i64", "llvm.dbg.value", "llvm.sadd.with.overflow.i32", "llvm.x86.sse2.psad.bw", "llvm.vector.reduce.add.v4i32"} {
		if _, ok := LibSummary(name); !ok {
			t.Errorf("LibSummary(%q): not known", name)
		}
	}
	for _, name := range []string{"", "mylib_call", "llvm.", "llvm.memory", "llvm.x86.sse2.maskmov.dqu", "pthread_mutex_lock", "ioctl"} {
		if _, ok := LibSummary(name); ok {
			t.Errorf("LibSummary(%q): known, want unknown", name)
		}
	}
	declared := func(name string, params ...types.Type) *llir.Func {
		f := llir.NewFunc(name, types.I32)
		f.Sig.Params = params
		return f
	}
	record := func(name string) types.Type {
		st := types.NewStruct(types.I32)
		st.SetName(name)
		return types.NewPointer(st)
	}
	if s, ok := WriteFunc(declared("pthread_mutex_lock", record("union.pthread_mutex_t"))); !ok || s.Arg(0) != ArgRead|ArgWrite {
		t.Errorf("pthread_mutex_lock: %+v, %v", s, ok)
	}
	for _, f := range []*llir.Func{
		declared("memcpy", types.I8Ptr, types.I8Ptr, types.I64), declared("memcpy"), declared("open", types.I8Ptr, types.I32),
		declared("fclose", record("struct._IO_FILE")), declared("stat", types.I8Ptr, record("struct.stat.7")), declared("link", types.I8Ptr, types.I8Ptr),
	} {
		if _, ok := WriteFunc(f); !ok {
			t.Errorf("%s: not known", f.LLString())
		}
	}
	for _, f := range []*llir.Func{
		declared("link", record("struct.node"), record("struct.node")), declared("remove", types.I64), declared("time", types.I8Ptr, types.I8Ptr),
	} {
		if _, ok := LibFunc(f); ok {
			t.Errorf("%s: taken for the library's", f.LLString())
		}
	}
	for name := range synchronizing {
		if _, ok := libTable[name]; ok {
			t.Errorf("%s is in both tables", name)
		}
	}
	if s, _ := LibSummary("qsort"); s.Arg(0) != ArgRead|ArgWrite || s.Arg(3) != ArgCall {
		t.Errorf("qsort: arguments %v", s.Args)
	}
	if s, _ := LibSummary("printf"); s.Format != 0 || !s.Stdio || s.Arg(5)&ArgWrite == 0 {
		t.Errorf("printf: %+v", s)
	}
	if s, _ := LibSummary("exit"); !s.NoReturn || !s.Opaque {
		t.Errorf("exit: %+v", s)
	}
}

func TestFormatEffects(t *testing.T) {
	const r, w, c = ArgRead, ArgWrite, ArgCapture
	for _, tt := range []struct {
		format string
		scan   bool
		want   []ArgEffect
		ok     bool
	}{
		{"plain 100%%", false, nil, true},
		{"%d %s %-*.*lf", false, []ArgEffect{0, r, 0, 0, 0}, true},
		{"%n%p%m%s", false, []ArgEffect{w, c, r}, true},
		{"%2$s %1$d", false, nil, false},
		{"%", false, nil, true},
		{"%*d %d %[]a-z] %c", true, []ArgEffect{w, w, w}, true},
		{"%p %ms", true, []ArgEffect{w | ArgTaint, w | ArgTaint}, true},
	} {
		got, ok := formatEffects(tt.format, tt.scan)
		if ok != tt.ok || !slices.Equal(got, tt.want) {
			t.Errorf("formatEffects(%q): %v, %v; want %v, %v", tt.format, got, ok, tt.want, tt.ok)
		}
	}
}

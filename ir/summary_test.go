package ir

import (
	"slices"
	"testing"
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
	if s, ok := WriteSummary("pthread_mutex_lock"); !ok || s.Arg(0) != ArgRead|ArgWrite {
		t.Errorf("pthread_mutex_lock: %+v, %v", s, ok)
	}
	if _, ok := WriteSummary("memcpy"); !ok {
		t.Error("WriteSummary(memcpy): not known")
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

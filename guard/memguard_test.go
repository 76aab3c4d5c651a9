package guard

// This file runs MemGuard: its decoder against Zydis (rt/testdata/decode_zydis.c), every
// kind of write at every kind of place (memguard_writes.c), random writes against a copy
// (memguard_fuzz.c), and what it promises besides, a case each (memguard_cases.c, memguard_threads.c).

import (
	"bytes"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"quasi/ir/irtest"
)

var (
	memguardWrites = flag.Int("memguard.writes", 20_000, "random writes of each run of `TestMemGuardFuzz`")
	memguardSeeds  = flag.Int("memguard.seeds", 1, "runs, with 1, 2, 3 and 4 threads each")
	memguardSeed   = flag.Int("memguard.seed", 1, "the first seed")
)

var memguardBuilds = []cBuild{
	{name: "clang", compiler: "clang", flags: []string{"-O1", "-fno-plt"}},
	{name: "gcc", compiler: "gcc", flags: []string{"-O2", "-fno-plt", "-fcf-protection"}},
}

// memguard compiles a program of rt/testdata with all of MemGuard.
func (b cBuild) memguard(t *testing.T, source string) (program string) {
	t.Helper()
	files, err := filepath.Glob("rt/memguard*.c")
	if err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(t.TempDir(), "program")
	b.compileC(t, program, append(files, "rt/testdata/"+source)...)
	return program
}

func TestMemGuardDecoder(t *testing.T) {
	clang := irtest.Tool(t, "clang")
	if _, err := os.Stat("/usr/include/Zydis/Zydis.h"); err != nil {
		t.Skip("libzydis-dev is not installed")
	}
	program := filepath.Join(t.TempDir(), "decode")
	run(t, nil, clang, "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, "rt/testdata/decode_zydis.c", "rt/memguard_decode.c", "-lZydis", "-lZycore")
	objects := []string{"/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libm.so.6", "/usr/lib/llvm-14/lib/libLLVM-14.so.1"}
	var args []string
	for _, o := range objects {
		if _, err := os.Stat(o); err == nil {
			args = append(args, o)
		}
	}
	out, err := exec.Command(program, append(args, "random", "1000000", strconv.Itoa(*memguardSeed))...).Output()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		name, counts, _ := strings.Cut(strings.TrimSpace(line), ": ")
		var instructions, stores, refused, wrong int
		if n, _ := fmt.Sscanf(counts, "%d instructions, %d explicit stores: %d refused, %d wrong", &instructions, &stores, &refused, &wrong); n != 4 {
			continue
		}
		t.Log(strings.TrimSpace(line))
		// Compilers emit nothing that is refused; of random bytes it is what only kernels may execute.
		if wrong != 0 || stores < 1000 || name != "random" && refused != 0 {
			t.Errorf("got %s", line)
		}
	}
}

func TestMemGuardWrites(t *testing.T) {
	for _, b := range memguardBuilds {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			program := b.memguard(t, "memguard_writes.c")
			for _, threads := range map[string][]string{"clang": {"1", "3"}, "gcc": {"2"}}[b.name] {
				out, errs, err := b.output(t, 2*time.Minute, program, threads)
				if err != nil {
					t.Errorf("%s threads: %v\n%s%s", threads, err, out, errs)
				}
				t.Logf("%s threads: %s", threads, strings.TrimSpace(out))
			}
		})
	}
}

func TestMemGuardFuzz(t *testing.T) {
	t.Parallel()
	b := memguardBuilds[0]
	program := b.memguard(t, "memguard_fuzz.c")
	for i := range *memguardSeeds {
		for threads := 1; threads <= 4; threads++ {
			seed := strconv.Itoa(*memguardSeed + 4*i + threads)
			limit := time.Minute + time.Duration(*memguardWrites)*200*time.Microsecond
			out, errs, err := b.output(t, limit, program, strconv.Itoa(threads), strconv.Itoa(*memguardWrites), seed)
			if err != nil {
				t.Errorf("%d threads, seed %s: %v\n%s%s", threads, seed, err, out, errs)
			}
			t.Logf("%d threads, seed %s: %s", threads, seed, strings.TrimSpace(out))
		}
	}
}

func TestMemGuardCases(t *testing.T) {
	for _, b := range memguardBuilds {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			testMemGuardCases(t, b, "memguard_cases.c")
			testMemGuardCases(t, b, "memguard_threads.c")
		})
	}
}

func testMemGuardCases(t *testing.T, b cBuild, source string) {
	program := b.memguard(t, source)
	names, _, err := b.output(t, time.Minute, program)
	if err != nil || len(strings.Fields(names)) < 15 {
		t.Fatalf("the cases are %q, %v", names, err)
	}
	for _, name := range strings.Fields(names) {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("prlimit", "--core=0", "--cpu=60", program, name)
			log := filepath.Join(t.TempDir(), "log")
			cmd.Env = append(os.Environ(), "QUASI_MEMGUARD_LOG=")
			logs := strings.Contains(name, "log")
			if logs {
				cmd.Env = append(cmd.Env, "QUASI_MEMGUARD_LOG="+log)
			}
			var out bytes.Buffer
			cmd.Stdout = &out
			err := cmd.Run()
			if logs {
				checkMemGuardLog(t, program, log, name)
			}
			if strings.HasPrefix(name, "dies_") || strings.HasPrefix(name, "crashes_") {
				var exit *exec.ExitError
				if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGSEGV {
					t.Errorf("got %v, want a death of SIGSEGV\n%s", err, &out)
				}
				err = nil
				if logs {
					return
				}
			}
			if err != nil || !strings.HasSuffix(out.String(), "ok\n") {
				t.Errorf("%v\n%s", err, &out)
			}
		})
	}
}

// TestMemGuardEnvironment: variables of the environment are heeded, or refused by name.
func TestMemGuardEnvironment(t *testing.T) {
	t.Parallel()
	program := memguardBuilds[0].memguard(t, "memguard_cases.c")
	for _, c := range []struct {
		env, says string
		hits      int // in the file log
		callers   bool
	}{
		{env: "QUASI_MEMGUARD_LOG=log", hits: 3, callers: true},
		{env: "QUASI_MEMGUARD_LOG=log QUASI_MEMGUARD_CALLERS=0", hits: 3},
		{env: "QUASI_MEMGUARD_LOG=log QUASI_MEMGUARD_CALLERS=x", says: "QUASI_MEMGUARD_CALLERS=x is not a number; it is not heeded\n", hits: 3, callers: true},
		{env: "QUASI_MEMGUARD_LOG=", says: ""},
		{env: "QUASI_MEMGUARD_LOG=none/log", says: "QUASI_MEMGUARD_LOG=none/log: cannot be written; hits are not logged\n"},
		{env: "QUASI_MEMGUARD_LOG=" + strings.Repeat("x", 5000), says: ": cannot be written; hits are not logged\n"},
		{env: "QUASI_MEMGUARD_LOG=/dev/full", says: "QUASI_MEMGUARD_LOG=/dev/full: not all hits could be written\n"},
	} {
		cmd := exec.Command(program, "elsewhere")
		cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), strings.Fields(c.env)...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Run(); err != nil || !strings.HasSuffix(errs.String(), c.says) || (errs.Len() > 0) != (c.says != "") {
			t.Errorf("%.60s: %v, it says %q, want %q", c.env, err, errs.String(), c.says)
		}
		text, _ := os.ReadFile(filepath.Join(cmd.Dir, "log"))
		if n := strings.Count(string(text), "\n"); n != c.hits || c.hits > 0 && strings.Contains(string(text), `"from":[{`) != c.callers {
			t.Errorf("%.60s: %d hits, want %d, with callers: %v\n%s", c.env, n, c.hits, c.callers, text)
		}
	}
}

// A memguardLine is a line of the log, as quasi.h tells.
type memguardLine struct {
	N        int
	Pid, Tid int
	Kind     string
	Term     string
	TermAddr string `json:"term_addr"`
	TermSize int    `json:"term_size"`
	Addr     string
	Size     int
	Old, New string
	At       memguardCode
	From     []memguardCode
}

type memguardCode struct{ Addr, Object, Offset string }

// checkMemGuardLog expects what the cases logs, logs_and_tells and crashes_after_log write.
func checkMemGuardLog(t *testing.T, program, log, name string) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	symbols := functionsOf(t, program)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i, line := range lines {
		var l memguardLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("line %d: %v\n%s", i+1, err, line)
		}
		last := name != "crashes_after_log" && i == 9000
		number, term := i, "a \"term\"\\\n"
		if name == "crashes_after_log" {
			number, term = 1, "before the crash"
		}
		if l.N != i+1 || l.Pid == 0 || l.Pid != l.Tid || l.Kind != "user" || l.Term != term || l.TermSize != 4 || l.Size != 4 || l.Addr != l.TermAddr {
			t.Fatalf("line %d is %s", i+1, line)
		}
		want := hex.EncodeToString([]byte{byte(number), byte(number >> 8), 0, 0})
		writer, caller := "writes_logged", "calls_writer"
		if last {
			want, writer, caller = "04040404", "", "calls_memset"
		}
		if l.New != want {
			t.Errorf("line %d: new value %s, want %s", i+1, l.New, want)
		}
		if writer != "" && (l.At.Object != program || symbols.at(t, l.At.Offset) != writer) {
			t.Fatalf("line %d: written by %+v, want %s", i+1, l.At, writer)
		}
		if writer == "" && !strings.Contains(l.At.Object, "libc") {
			t.Errorf("line %d: written by %+v, want libc", i+1, l.At)
		}
		var callers []string
		for _, c := range l.From {
			if c.Object == program {
				callers = append(callers, symbols.at(t, c.Offset))
			}
		}
		// clang and gcc may put main's part of the case into main.
		if len(callers) < 2 || callers[0] != caller || !strings.Contains(strings.Join(callers, " "), "main") {
			t.Fatalf("line %d: called by %q, want %s ... main", i+1, callers, caller)
		}
	}
	if want := map[string]int{"logs": 9001, "logs_and_tells": 9001, "crashes_after_log": 1}[name]; len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
}

type functions []elf.Symbol

func functionsOf(t *testing.T, object string) functions {
	t.Helper()
	f, err := elf.Open(object)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	return symbols
}

func (f functions) at(t *testing.T, offset string) string {
	t.Helper()
	at, err := strconv.ParseUint(offset, 0, 64)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range f {
		if elf.ST_TYPE(s.Info) == elf.STT_FUNC && s.Value <= at && at < s.Value+s.Size {
			return s.Name
		}
	}
	return ""
}

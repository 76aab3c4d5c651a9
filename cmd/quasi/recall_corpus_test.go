package main

// This file holds the programs on which TestRecall measures guard: their
// units as IR, where instructions that write are in it, and what clang's AST says of
// them. All of that is kept beside the programs by the hash of what it is made of.

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A corpus is one program.
type corpus struct {
	name  string
	terms []string
	units []*corpusUnit
	// seconds of making IR and of the oracle, if they were not there
	prepared float64
}

// A corpusUnit is one of its translation units.
type corpusUnit struct {
	dir, file string
	args      []string // of clang, without inputs, outputs and levels
	ll        string
	bytes     int64
	before    map[place]writing // instructions that write, as clang leaves them
	after     map[place]writing // of these, what sroa leaves
	functions map[string]bool   // that have such instructions
	rows      []oracleRow
}

// A place is where the debug information of an instruction says it is. Of a line
// as a whole, the column is 0.
type place struct {
	function     string
	line, column int
}

// A writing says what writes at a place. A struct that a function returns in
// registers is written by stores; the call tells nothing.
type writing uint8

const (
	byCall  writing = 1 + iota // calls alone
	byStore                    // a store, memcpy or the like, or a call that is given a place for the result
)

// An oracleRow is what testdata/recall/oracle.cc writes.
type oracleRow struct {
	Term     string `json:"term"`
	Kind     string `json:"kind"`
	Scope    string `json:"scope"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	First    int    `json:"first"`
	Last     int    `json:"last"`
	Function string `json:"function"`
	Local    string `json:"local"`
	Dead     bool   `json:"dead"`
}

func (r *oracleRow) String() string {
	return fmt.Sprintf("  %s:%d:%d: %s: %s", r.File, r.Line, r.Column, r.Function, r.Kind)
}

func (r *oracleRow) place() place { return place{r.Function, r.Line, r.Column} }

// A recallTools is what prepares corpora.
type recallTools struct {
	clang, opt, oracle, resources string
	irKey, oracleKey              string
}

// newRecallTools compiles the oracle.
func newRecallTools(clang, opt, dir string) (*recallTools, error) {
	h := &recallTools{clang: clang, opt: opt}
	version, err := exec.Command(clang, "--version").Output()
	if err != nil {
		return nil, err
	}
	resources, err := exec.Command(clang, "-print-resource-dir").Output()
	if err != nil {
		return nil, err
	}
	h.resources = strings.TrimSpace(string(resources))
	const source = "../../testdata/recall/oracle.cc"
	text, err := os.ReadFile(source)
	if err != nil {
		return nil, err
	}
	h.irKey, h.oracleKey = hashOf(string(version)), hashOf(string(version), string(text))
	h.oracle = filepath.Join(dir, "oracle-"+h.oracleKey)
	if isExecutable(h.oracle) {
		return h, nil
	}
	llvm := "/usr/lib/llvm-" + llvmMajor
	cmd := exec.Command("g++", "-std=c++17", "-O1", "-fno-rtti", "-o", h.oracle+".tmp", source, "-I"+llvm+"/include", "-L"+llvm+"/lib",
		"-l:libclang-cpp.so."+llvmMajor, "-lLLVM-"+llvmMajor)
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling the oracle: %v\n%s", err, said)
	}
	return h, os.Rename(h.oracle+".tmp", h.oracle)
}

func hashOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// readCorpus lists the units of dir/name/compile_commands.json.
func readCorpus(dir, name string, terms []string) (*corpus, error) {
	text, err := os.ReadFile(filepath.Join(dir, name, "compile_commands.json"))
	if err != nil {
		return nil, err
	}
	var commands []struct {
		Directory, File string
		Arguments       []string
	}
	if err := json.Unmarshal(text, &commands); err != nil {
		return nil, err
	}
	c := &corpus{name: name, terms: terms}
	for _, cmd := range commands {
		c.units = append(c.units, &corpusUnit{dir: cmd.Directory, file: cmd.File, args: unitFlagsOf(cmd.Arguments)})
	}
	slices.SortFunc(c.units, func(a, b *corpusUnit) int { return strings.Compare(a.file, b.file) })
	return c, nil
}

// unitFlagsOf leaves of a compiler's arguments what decides what a file means.
func unitFlagsOf(args []string) []string {
	var kept []string
	for i := 1; i < len(args); i++ {
		a := args[i]
		switch {
		case a == "-o":
			i++
		case a == "-c", strings.HasPrefix(a, "-O"), a == "-g", strings.HasPrefix(a, "-Wp,-M"), strings.HasPrefix(a, "-W"):
		case !strings.HasPrefix(a, "-") && (strings.HasSuffix(a, ".c") || strings.HasSuffix(a, ".o")) && args[i-1] != "-include":
		default:
			kept = append(kept, a)
		}
	}
	return kept
}

// prepare makes of every unit what is not there yet.
func (h *recallTools) prepare(dir string, c *corpus) error {
	for _, sub := range []string{"ll", "points", "oracle"} {
		if err := os.MkdirAll(filepath.Join(dir, c.name, sub), 0o777); err != nil {
			return err
		}
	}
	errs := make([]error, len(c.units))
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				if err := h.unit(filepath.Join(dir, c.name), c, c.units[i]); err != nil {
					errs[i] = fmt.Errorf("%s: %w", c.units[i].file, err)
				}
			}
		})
	}
	for i := range c.units {
		next <- i
	}
	close(next)
	wg.Wait()
	return errors.Join(errs...)
}

// unit makes the IR of a unit, as guard wants it, and asks the oracle.
func (h *recallTools) unit(dir string, c *corpus, u *corpusUnit) error {
	path := u.file
	if !filepath.IsAbs(path) {
		path = filepath.Join(u.dir, path)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	key := hashOf(append([]string{h.irKey, u.dir, u.file, string(source)}, u.args...)...)
	stem := strings.TrimSuffix(filepath.Base(u.file), ".c") + "-" + key
	u.ll = filepath.Join(dir, "ll", stem+".ll")
	points := filepath.Join(dir, "points", stem)
	if _, err := os.Stat(points); err != nil {
		if err := h.compile(u, points); err != nil {
			return err
		}
	}
	info, err := os.Stat(u.ll)
	if err != nil {
		return err
	}
	u.bytes = info.Size()
	if u.before, u.after, err = readPlaces(points); err != nil {
		return err
	}
	u.functions = make(map[string]bool)
	for p := range u.before {
		u.functions[p.function] = true
	}
	answers := filepath.Join(dir, "oracle", stem+"-"+hashOf(append([]string{h.oracleKey}, c.terms...)...))
	if _, err := os.Stat(answers); err != nil {
		args := append(slices.Clone(c.terms), "--", "clang")
		args = append(append(args, u.args...), "-resource-dir", h.resources, "-O1", u.file)
		if err := toFile(answers, u.dir, h.oracle, args...); err != nil {
			return err
		}
	}
	u.rows, err = readOracle(answers)
	return err
}

// compile makes the .ll of a unit and the file of its places.
func (h *recallTools) compile(u *corpusUnit, points string) error {
	raw := u.ll + ".raw"
	defer os.Remove(raw)
	args := append(slices.Clone(u.args), "-O1", "-g", "-w", "-Xclang", "-disable-llvm-passes", "-S", "-emit-llvm", "-o", raw, u.file)
	if err := runIn(u.dir, h.clang, args...); err != nil {
		return err
	}
	if err := runIn(u.dir, h.opt, "-passes=sroa", "-S", "-o", u.ll+".tmp", raw); err != nil {
		return err
	}
	if err := os.Rename(u.ll+".tmp", u.ll); err != nil {
		return err
	}
	before, err := writePlaces(raw)
	if err != nil {
		return err
	}
	after, err := writePlaces(u.ll)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for p := range before {
		fmt.Fprintf(&out, "%s %d %d %d %d\n", p.function, p.line, p.column, before[p], after[p])
	}
	if err := os.WriteFile(points+".tmp", out.Bytes(), 0o666); err != nil {
		return err
	}
	return os.Rename(points+".tmp", points)
}

func runIn(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %v\n%s", filepath.Base(name), err, said)
	}
	return nil
}

func toFile(out, dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stderr = &said
	text, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %v\n%s", filepath.Base(name), err, said.Bytes())
	}
	if err := os.WriteFile(out+".tmp", text, 0o666); err != nil {
		return err
	}
	return os.Rename(out+".tmp", out)
}

func readOracle(name string) ([]oracleRow, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rows []oracleRow
	seen := make(map[oracleRow]bool)
	for d := json.NewDecoder(f); ; {
		var r oracleRow
		if err := d.Decode(&r); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if !seen[r] { // an initializer is in the AST twice
			seen[r] = true
			rows = append(rows, r)
		}
	}
}

func readPlaces(name string) (before, after map[place]writing, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	before, after = make(map[place]writing), make(map[place]writing)
	for s := bufio.NewReader(f); ; {
		var p place
		var was, is writing
		_, err := fmt.Fscanln(s, &p.function, &p.line, &p.column, &was, &is)
		if err == io.EOF {
			return before, after, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		whole := place{p.function, p.line, 0}
		before[p], before[whole] = was, max(before[whole], was)
		if is > 0 {
			after[p], after[whole] = is, max(after[whole], is)
		}
	}
}

var (
	definedFunction = regexp.MustCompile(`^define [^@]*@(?:"([^"]+)"|([-\w.$]+))\(`)
	writingCode     = regexp.MustCompile(`^\s+(?:%\S+ = )?(?:(?:tail |musttail |notail )?(?:call|invoke|callbr) |store |atomicrmw |cmpxchg )`)
	plainCall       = regexp.MustCompile(`^\s+(?:%\S+ = )?(?:tail |musttail |notail )?call `)
	attachedPlace   = regexp.MustCompile(`!dbg !(\d+)`)
	placeRecord     = regexp.MustCompile(`^!(\d+) = (?:distinct )?!DILocation\(line: (\d+)(?:, column: (\d+))?`)
)

// writePlaces lists where the instructions of a module are that may write memory.
// It reads the text alone, for it is to judge what package ir makes of it.
func writePlaces(name string) (map[place]writing, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	type use struct{ function, location string }
	uses := make(map[use]writing)
	places := make(map[place]writing)
	at := make(map[string][2]int)
	in := ""
	s := bufio.NewReaderSize(f, 1<<20)
	for {
		line, err := s.ReadString('\n')
		switch {
		case strings.HasPrefix(line, "define "):
			if m := definedFunction.FindStringSubmatch(line); m != nil {
				in = m[1] + m[2]
			}
		case strings.HasPrefix(line, "}"):
			in = ""
		case in != "" && writingCode.MatchString(line) && !strings.Contains(line, "@llvm.dbg.") && !strings.Contains(line, "@llvm.lifetime."):
			if m := attachedPlace.FindStringSubmatch(line); m != nil {
				kind := byStore
				if plainCall.MatchString(line) && !strings.Contains(line, " sret(") && !strings.Contains(line, "@llvm.mem") {
					kind = byCall
				}
				u := use{in, m[1]}
				uses[u] = max(uses[u], kind)
			}
		case strings.HasPrefix(line, "!"):
			if m := placeRecord.FindStringSubmatch(line); m != nil {
				l, _ := strconv.Atoi(m[2])
				c, _ := strconv.Atoi(m[3])
				at[m[1]] = [2]int{l, c}
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	for u, kind := range uses {
		if l, ok := at[u.location]; ok {
			p := place{u.function, l[0], l[1]}
			places[p] = max(places[p], kind)
		}
	}
	return places, nil
}

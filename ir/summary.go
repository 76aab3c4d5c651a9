package ir

// This file holds Summary: what a function outside the module does, as far as
// memory is concerned. The functions themselves are in libc.go.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	llir "github.com/llir/llvm/ir"
	"github.com/llir/llvm/ir/types"
)

// An ArgEffect is what a function does with a pointer argument. The effects
// are on the object that the argument points to.
type ArgEffect uint16

const (
	ArgRead    ArgEffect = 1 << iota // reads its bytes
	ArgWrite                         // writes bytes that are no pointers
	ArgFree                          // ends its life
	ArgCapture                       // keeps the pointer, or hands it to unknown code
	ArgCall                          // calls it, with pointers the function has been given
	ArgVaList                        // is a va_list: advances it, and does Summary.Rest to the arguments in it
	ArgExpose                        // with ArgRead: the bytes leave the program, pointers among them
	ArgTaint                         // with ArgWrite: the bytes may be any pointer that has escaped
	ArgInside                        // with ArgWrite: writes a pointer into the object of argument 0
	ArgNew                           // with ArgWrite: writes a pointer to memory it allocates
	ArgStream                        // is a FILE *, or kept by stdio: see Summary.Stdio
)

// RetEffect is where a returned pointer comes from. The zero value with Same
// and Inside -1 is a result that is no pointer, or null.
type RetEffect struct {
	Fresh   bool   // newly allocated memory, or null
	Unknown bool   // anything that has escaped
	Same    int    // this argument, -1 if none
	Inside  int    // somewhere in the object of this argument, -1 if none
	Lib     string // memory of the library with this name
}

// A CopyEffect says that a function copies memory as memcpy does.
type CopyEffect struct {
	Dst, Src int // arguments; Dst -1 is the returned pointer
	Len      int // argument with the number of bytes, -1 if it is not known
}

// A Summary is what a library function or intrinsic may do. What it does not
// mention does not happen: the function writes no other memory that the
// program can see, keeps no pointer and calls nothing.
type Summary struct {
	Name string
	Args []ArgEffect
	Rest ArgEffect // of arguments after Args
	Ret  RetEffect
	Copy *CopyEffect // nil if it copies nothing

	Size   []int // for Ret.Fresh: the arguments whose product is the size; nil if not known
	Zeroed bool  // for Ret.Fresh: the memory is zero
	Format int   // the argument that holds a printf or scanf format, -1 if none
	Scan   bool  // Format is scanf's

	Pure     bool // no effect; the result depends on arguments and the memory read only
	NoReturn bool
	Errno    bool // may set errno
	// Stdio: reads and writes stdio's state and the buffers that the program
	// has given to stdio (ArgStream).
	Stdio bool
	// Hidden: also reads and writes what earlier calls have captured, so
	// anything that escapes.
	Hidden bool
	// Twice: returns again after anything may have happened, so its effects are
	// those of unknown code, although it keeps nothing.
	Twice bool
	// Opaque: may do whatever unknown code may do, such as call functions that
	// escape. exit runs atexit's functions.
	Opaque bool
}

// Arg is the effect on argument i.
func (s *Summary) Arg(i int) ArgEffect {
	if i < len(s.Args) {
		return s.Args[i]
	}
	return s.Rest
}

// LibSummary returns what is known of the external function called name: a
// function of the C library or the mathematical library, or an LLVM intrinsic
// (with its full name). The names are those of functions without a body; a
// module that defines one itself means its own. ok is false if nothing is
// known, and the function then must be taken to be unknown code.
//
// The summaries hold for glibc and musl as their standards demand:
// strings end in zero, buffers are as large as they must be, a stream is not
// used after fclose.
func LibSummary(name string) (Summary, bool) {
	libOnce.Do(parseLib)
	if rest, ok := strings.CutPrefix(name, "llvm."); ok {
		return intrinsicSummary(rest)
	}
	s, ok := libTable[name]
	return s, ok
}

// LibFunc is LibSummary of a declared function. One that takes other arguments than the
// library's of that name, such as the program's own link(struct node *, struct node *), is not known.
func LibFunc(f *llir.Func) (Summary, bool) {
	s, ok := LibSummary(f.Name())
	return s, ok && s.fits(f)
}

// WriteFunc is LibFunc for those who only ask what the function itself writes: it
// also knows functions of POSIX that let signal handlers or other threads run, or their
// writes be seen.
func WriteFunc(f *llir.Func) (Summary, bool) {
	s, ok := LibSummary(f.Name())
	if !ok {
		s, ok = synchronizing[f.Name()]
	}
	return s, ok && s.fits(f)
}

// fits reports whether f takes the arguments of s: pointers where they have effects, to nothing
// but what the library has, and none more.
func (s *Summary) fits(f *llir.Func) bool {
	if strings.HasPrefix(f.Name(), "llvm.") {
		return true
	}
	for i, t := range f.Sig.Params {
		p, isPtr := t.(*types.PointerType)
		switch {
		case !isPtr && i < len(s.Args) && s.Args[i] != 0, isPtr && i >= len(s.Args) && s.Rest == 0:
			return false
		case !isPtr:
			continue
		}
		if st, ok := p.ElemType.(*types.StructType); ok && !libraryRecord(st.Name()) {
			return false
		}
	}
	return true
}

// libraryRecord reports whether an IR struct of that name is, by its tag, of the C library.
func libraryRecord(name string) bool {
	_, tag, ok := strings.Cut(name, ".")
	if i := strings.IndexByte(tag, '.'); i > 0 {
		tag = tag[:i] // a second one of that tag
	}
	return !ok || strings.HasPrefix(tag, "_") || strings.HasPrefix(tag, "pthread_") || strings.HasPrefix(tag, "sockaddr") || slices.Contains(libraryTags, tag)
}

var (
	libOnce       sync.Once
	libTable      map[string]Summary
	intrinsics    map[string]Summary
	synchronizing map[string]Summary
)

// parseLib reads the tables of libc.go.
func parseLib() {
	libTable = parseSummaries(libcText)
	for _, line := range strings.Split(mathText, "\n") {
		for name, s := range parseSummaries(line) {
			for _, suffix := range []string{"", "f", "l"} {
				s.Name = name + suffix
				libTable[s.Name] = s
			}
		}
	}
	intrinsics = parseSummaries(intrinsicText)
	synchronizing = parseSummaries(synchronizingText)
}

// parseSummaries reads lines of the form
//
//	NAME[,NAME...] ARG... [->] [RET...] [: FLAG...]
//
// An argument is a string of letters, each an effect, or "." for none; "..."
// before the last stands for all that follow. See argLetters and the switches
// below for the words. A fault in the table is a bug, hence the panics.
func parseSummaries(text string) map[string]Summary {
	table := make(map[string]Summary)
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		left, flags, _ := strings.Cut(line, ":")
		left, ret, _ := strings.Cut(left, "->")
		words := strings.Fields(left)
		s := Summary{Ret: RetEffect{Same: -1, Inside: -1}, Format: -1}
		for _, w := range words[1:] {
			if rest, ok := strings.CutPrefix(w, "..."); ok {
				s.Rest = argEffect(line, rest)
				continue
			}
			s.Args = append(s.Args, argEffect(line, w))
		}
		for _, w := range strings.Fields(ret) {
			s.Ret.parse(line, w)
		}
		for _, w := range strings.Fields(flags) {
			s.flag(line, w)
		}
		for _, a := range append([]ArgEffect{s.Rest}, s.Args...) {
			s.Stdio = s.Stdio || a&ArgStream != 0
		}
		for _, name := range strings.Split(words[0], ",") {
			if _, dup := table[name]; dup {
				panic("library summary: " + name + " is listed twice")
			}
			s.Name = name
			table[name] = s
		}
	}
	return table
}

var argLetters = map[rune]ArgEffect{
	'.': 0,
	'r': ArgRead,
	'w': ArgWrite,
	'f': ArgFree,
	'c': ArgCapture,
	'x': ArgCall,
	'v': ArgRead | ArgWrite | ArgVaList,
	'R': ArgRead | ArgExpose,
	'W': ArgWrite | ArgTaint,
	'i': ArgWrite | ArgInside,
	'n': ArgWrite | ArgNew,
	'S': ArgStream,
}

func argEffect(line, word string) (e ArgEffect) {
	for _, c := range word {
		bit, ok := argLetters[c]
		if !ok {
			panic(fmt.Sprintf("library summary: %q: effect %q", line, c))
		}
		e |= bit
	}
	return e
}

// parse adds one word of a result: new, ?, =N (argument N), inN (inside
// argument N), lib/NAME.
func (r *RetEffect) parse(line, w string) {
	var err error
	switch {
	case w == "new":
		r.Fresh = true
	case w == "?":
		r.Unknown = true
	case strings.HasPrefix(w, "="):
		r.Same, err = strconv.Atoi(w[1:])
	case strings.HasPrefix(w, "in"):
		r.Inside, err = strconv.Atoi(w[2:])
	case strings.HasPrefix(w, "lib/"):
		r.Lib = w[4:]
	default:
		err = fmt.Errorf("result %q", w)
	}
	if err != nil {
		panic(fmt.Sprintf("library summary: %q: %v", line, err))
	}
}

// flag adds one word after the colon.
func (s *Summary) flag(line, w string) {
	name, nums, _ := strings.Cut(w, "=")
	var args []int
	for _, n := range strings.Split(nums, ",") {
		if n != "" {
			i, err := strconv.Atoi(n)
			if err != nil {
				panic(fmt.Sprintf("library summary: %q: %v", line, err))
			}
			args = append(args, i)
		}
	}
	switch name {
	case "pure":
		s.Pure = true
	case "noreturn":
		s.NoReturn = true
	case "errno":
		s.Errno = true
	case "stdio":
		s.Stdio = true
	case "hidden":
		s.Hidden = true
	case "twice":
		s.Twice = true
	case "opaque":
		s.Opaque = true
	case "zeroed":
		s.Zeroed = true
	case "size":
		s.Size = args
	case "format":
		s.Format = args[0]
	case "scan":
		s.Format, s.Scan = args[0], true
	case "copy":
		s.Copy = &CopyEffect{Dst: args[0], Src: args[1], Len: args[2]}
	default:
		panic(fmt.Sprintf("library summary: %q: flag %q", line, w))
	}
}

// intrinsicSummary looks an intrinsic up by ever shorter names: types are part
// of the name, as in memcpy.p0i8.p0i8.i64.
func intrinsicSummary(name string) (Summary, bool) {
	for key := name; ; {
		if s, ok := intrinsics[key]; ok {
			s.Name = "llvm." + name
			return s, true
		}
		dot := strings.LastIndexByte(key, '.')
		if dot < 0 {
			break
		}
		key = key[:dot]
	}
	if rest, ok := strings.CutPrefix(name, "x86."); ok && vectorOperation(rest) {
		return Summary{Name: "llvm." + name, Ret: RetEffect{Same: -1, Inside: -1}, Format: -1, Pure: true}, true
	}
	return Summary{}, false
}

// vectorOperation reports whether an x86 intrinsic only computes on registers.
func vectorOperation(name string) bool {
	family, op, _ := strings.Cut(name, ".")
	switch family {
	case "sse", "sse2", "sse3", "ssse3", "sse41", "sse42", "avx", "avx2", "avx512", "aesni", "pclmulqdq", "bmi", "fma":
	default:
		return false
	}
	for _, memory := range []string{"mask", "gather", "scatter", "load", "store", "mov", "ldu", "fence", "flush", "pause", "csr", "monitor", "mwait", "zero", "prefetch"} {
		if strings.Contains(op, memory) {
			return false
		}
	}
	return true
}

// formatEffects returns the effect of a printf or scanf call on each argument
// after a constant format; ok is false if the format uses what is not
// understood (positional arguments), and each argument then may have any.
func formatEffects(format string, scan bool) (effects []ArgEffect, ok bool) {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		i++
		skip, alloc := false, false
		for ; i < len(format) && strings.IndexByte("-+ #0'I123456789.*hlLqjztm", format[i]) >= 0; i++ {
			switch {
			case format[i] == '*' && scan:
				skip = true
			case format[i] == '*':
				effects = append(effects, 0)
			case format[i] == 'm' && !scan:
				goto verb // printf's %m is strerror(errno), without an argument
			case format[i] == 'm':
				alloc = true
			}
		}
	verb:
		if i >= len(format) {
			return effects, true
		}
		verb := format[i]
		if verb == '[' {
			end := strings.IndexByte(format[min(i+2, len(format)):], ']')
			if end < 0 {
				return nil, false
			}
			i += 2 + end
		}
		if strings.IndexByte("%diouxXeEfFgGaAcsCSpnm[", verb) < 0 {
			return nil, false
		}
		if verb == '%' || verb == 'm' || skip {
			continue
		}
		effects = append(effects, verbEffect(verb, scan, alloc))
	}
	return effects, true
}

func verbEffect(verb byte, scan, alloc bool) ArgEffect {
	switch {
	case scan && (verb == 'p' || alloc):
		return ArgWrite | ArgTaint
	case scan:
		return ArgWrite
	case verb == 's' || verb == 'S':
		return ArgRead
	case verb == 'n':
		return ArgWrite
	case verb == 'p':
		return ArgCapture // the address leaves the program
	}
	return 0
}

package irtest

// This file holds what fuzz targets share: changes of a module's text token by
// token, which gets further than changes of bytes do, and bounds on what one
// input may cost.

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"
)

// Texts returns the contents of the files that match the patterns, in the order
// of their paths, and fails t if there are none.
func Texts(t testing.TB, patterns ...string) []string {
	t.Helper()
	var paths []string
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	slices.Sort(paths)
	if len(paths) == 0 {
		t.Fatalf("%v: no files", patterns)
	}
	var texts []string
	for _, p := range paths {
		src, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(src))
	}
	return texts
}

// words are tokens of IR that tests may not have near each other.
var words = []string{
	"0", "1", "-1", "2", "63", "64", "4294967296", "9223372036854775807", "18446744073709551616", "340282366920938463463374607431768211456",
	"i1", "i8", "i32", "i64", "i65", "i128", "float", "double", "x86_fp80", "void", "i8*", "i32*", "[2 x i32]", "[0 x i8]", "<2 x i32>",
	"{ i32, i64 }", "metadata", "null", "undef", "poison", "zeroinitializer", "true", "false", "volatile", "inbounds", "nsw", "nuw", "exact",
	"add", "sub", "mul", "udiv", "sdiv", "urem", "srem", "shl", "lshr", "ashr", "and", "or", "xor", "icmp", "eq", "ult", "slt", "phi", "select",
	"load", "store", "alloca", "getelementptr", "trunc", "zext", "sext", "bitcast", "ptrtoint", "inttoptr", "call", "ret", "br", "switch", "unreachable",
	"extractvalue", "insertvalue", "freeze", "fence", "seq_cst", "acquire", "tail", "musttail", "byval(i32)", "align 16", "addrspace(1)", "internal",
	"external", "weak", "common", "constant", "global", "alias", "declare", "define", ",", "(", ")", "[", "]", "{", "}", "=", "*", "...", "x", "\n",
}

// Mutate changes text as edits say: each four bytes of it are one change of a
// token, such as its removal, or its replacement by another token of text.
func Mutate(text string, edits []byte) string {
	toks := tokens(text)
	const maxEdits = 12
	for n := 0; len(edits) >= 4 && len(toks) > 1 && n < maxEdits; n++ {
		what, a, b := edits[0], int(edits[1])<<8|int(edits[2]), int(edits[3])
		edits = edits[4:]
		at := a % len(toks)
		// Tokens near by are likelier to fit, but all can be had.
		from := at + b - 128
		if what&8 != 0 {
			from = a*31 + b*257
		}
		from = (from%len(toks) + len(toks)) % len(toks)
		switch what & 7 {
		case 0, 1:
			toks[at] = toks[from]
		case 2:
			toks[at], toks[from] = toks[from], toks[at]
		case 3:
			toks = slices.Delete(toks, at, at+1)
		case 4:
			toks = slices.Insert(toks, at, toks[from])
		case 5:
			toks[at] = words[(b+int(what>>4)*256)%len(words)]
		case 6: // a line again
			lo, hi := lineAround(toks, at)
			toks = slices.Insert(toks, hi, slices.Clone(toks[lo:hi])...)
		case 7: // without a line
			lo, hi := lineAround(toks, at)
			toks = slices.Delete(toks, lo, hi)
		}
	}
	return strings.Join(toks, "")
}

// lineAround returns the range of tokens that is the line of token at.
func lineAround(toks []string, at int) (lo, hi int) {
	for lo = at; lo > 0 && toks[lo-1] != "\n"; lo-- {
	}
	for hi = at; hi < len(toks) && toks[hi] != "\n"; hi++ {
	}
	return lo, min(hi+1, len(toks))
}

// tokens splits text into words, strings, single characters and blanks.
func tokens(text string) []string {
	var toks []string
	word := func(c byte) bool {
		return c == '_' || c == '.' || c == '%' || c == '@' || c == '!' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	}
	for i := 0; i < len(text); {
		j := i + 1
		switch c := text[i]; {
		case c == '"':
			if k := strings.IndexAny(text[j:], "\"\n"); k >= 0 && text[j+k] == '"' {
				j += k + 1
			}
		case word(c):
			for j < len(text) && word(text[j]) {
				j++
			}
		}
		toks = append(toks, text[i:j])
		i = j
	}
	return toks
}

// Bounded runs f, which works on size bytes of input, and fails t if it
// allocates more than perByte a byte beyond a constant. If f does not end, the
// process does, with all stacks.
func Bounded(t testing.TB, size, perByte int, f func()) {
	t.Helper()
	const constant, patience = 64 << 20, 60 * time.Second
	watch := time.AfterFunc(patience, func() {
		debug.SetTraceback("all")
		panic("irtest.Bounded: the input takes more than " + patience.String())
	})
	defer watch.Stop()
	before := allocated()
	f()
	if n := allocated() - before; n > uint64(constant+perByte*size) {
		t.Errorf("%d bytes of input allocate %d", size, n)
	}
}

// allocated counts the bytes that this process has ever allocated.
func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

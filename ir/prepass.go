package ir

// This file holds the pre-pass: edits of the text that lead llir's parser
// round its faults. Each keeps the meaning and the line numbers.
//
//	(L1) `align N` among return attributes is a syntax error: written as
//	     dereferenceable of an impossible size, of which Load makes an alignment
//	     again.
//	(L2) NaNs lose their payload, subnormal x86_fp80 and all fp128 their value:
//	     written as a bitcast of the integer with the same bits, which LLVM
//	     folds back.
//	(L3) a getelementptr instruction with a constant expression as an index
//	     makes it panic: the expression moves to a global of its own, and a
//	     number stands for it until Load puts it back.
//	(L4) a type that is not a struct and is defined through itself overflows
//	     its stack; LLVM refuses it too, and so does the pre-pass.
//	(L5) brackets, or the stars of a type, nested without a bound take time and
//	     text by the square of their depth, or overflow its stack: refused beyond
//	     maxDepth.
//	(L6) a label that is called as some field of debug information is taken for
//	     that: written in quotes.
//	(L7) a literal of x86_fp80 or of 128 bits with more digits than its type has
//	     is read differently by llir and LLVM, which both drop some: refused.

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// An edit replaces text[from:to].
type edit struct {
	from, to int
	with     string
}

// A prepassed module is its text after the edits.
type prepassed struct {
	text    string
	edits   []edit
	aligned bool              // (L1) was applied
	stands  map[uint64]string // (L3): number that stands for an index -> name of the global that holds it
}

// alignBase plus N is the size that stands for `align N` in (L1).
const alignBase = 1 << 63

func alignMark(num string) string {
	n, _ := strconv.ParseUint(num, 10, 32)
	return fmt.Sprintf("dereferenceable(%d)", alignBase+n)
}

// standPrefix starts the names of the globals of (L3).
const standPrefix = "quasi.load.index."

// maxDepth bounds the nesting of (L5). Nothing that clang writes comes near.
const maxDepth = 1000

// prepass edits text; the error is the first fault that (L4), (L5) or (L7) finds,
// at the line given with it.
func prepass(text string) (out *prepassed, line int, err error) {
	defs, deep := survey(text)
	if deep >= 0 {
		return nil, strings.Count(text[:deep], "\n") + 1, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	p := &scan{text: text}
	n := 0
	for start := 0; start < len(text); n++ {
		end := strings.IndexByte(text[start:], '\n')
		if end < 0 {
			end = len(text)
		} else {
			end += start
		}
		p.line(start, end)
		if p.tooLong != "" {
			return nil, n + 1, fmt.Errorf("the literal %s has too many digits", p.tooLong)
		}
		start = end + 1
	}
	if def, ok := selfReferential(defs); ok {
		return nil, strings.Count(text[:def.off], "\n") + 1, fmt.Errorf("type %s is defined through itself but is no struct", def.name)
	}
	return p.finish(), 0, nil
}

// survey goes through text but for comments and strings: it returns the type
// definitions that (L4) is about, by name, and the offset where text nests deeper
// than (L5) allows, -1 if it does nowhere.
func survey(text string) (defs map[string]typeDef, deep int) {
	defs = make(map[string]typeDef)
	depth, stars := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '[', '{', '<':
			depth++
		case ')', ']', '}', '>':
			depth = max(depth-1, 0)
		case '*':
			stars++
		case ' ', '\t', '\n', '\r':
		case '"':
			i = skipString(text, i) - 1
		case ';':
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return defs, -1
			}
			i += end
		case '=':
			stars = 0
			if depth > 0 {
				break
			}
			if def, ok := parseTypeDef(text, i); ok {
				defs[def.name] = def
			}
		default:
			stars = 0
		}
		if depth > maxDepth || stars > maxDepth {
			return defs, i
		}
	}
	return defs, -1
}

// A scan collects edits line by line.
type scan struct {
	text    string
	edits   []edit
	aligned bool
	indices []string // (L3): constant expressions with their types
	base    uint64   // first number of (L3)
	tooLong string   // (L7): the literal
}

// line looks at text[start:end], without the newline.
func (p *scan) line(start, end int) {
	s := p.text[start:end]
	i := skipBlanks(s, 0)
	if i == len(s) || s[i] == ';' || s[i] == '!' {
		return
	}
	if colon := strings.IndexByte(s[i:], ':'); colon > 0 && fieldLabels[s[i:i+colon]] {
		// A field's value follows it.
		if rest := strings.TrimLeft(s[i+colon+1:], " \t\r"); rest == "" || rest[0] == ';' {
			p.edits = append(p.edits, edit{start + i, start + i + colon, strconv.Quote(s[i : i+colon])})
		}
		return
	}
	if strings.Contains(s, "align ") {
		p.returnAlign(s, i, start)
	}
	if strings.Contains(s, "0x") {
		p.floats(s, start)
	}
	if g := strings.Index(s, "= getelementptr "); g >= 0 && strings.IndexByte(s[g:], '(') >= 0 {
		p.gepIndices(s, g+len("= getelementptr "), start)
	}
}

// fieldLabels are the labels of (L6).
var fieldLabels = map[string]bool{
	"allocated": true, "annotations": true, "associated": true, "dataLocation": true, "debugBaseAddress": true,
	"defaulted": true, "isDecl": true, "rangesBaseAddress": true, "rank": true, "sdk": true, "spFlags": true,
	"stride": true, "stringLength": true, "stringLengthExpression": true, "stringLocationExpression": true,
	"sysroot": true, "upperBound": true,
}

// returnAlign applies (L1) to line s, whose first token is at i.
func (p *scan) returnAlign(s string, i, start int) {
	for _, keyword := range [...]string{"define ", "declare ", "call ", "invoke ", "callbr "} {
		at := i
		if keyword[0] == 'c' || keyword[0] == 'i' {
			if at = word(s, keyword); at < 0 {
				continue
			}
		} else if !strings.HasPrefix(s[i:], keyword) {
			continue
		}
		at += len(keyword)
		for {
			at = skipBlanks(s, at)
			to := skipAttribute(s, at)
			if to == at {
				return
			}
			if s[at:to] == "align" {
				num := skipBlanks(s, to)
				for to = num; to < len(s) && isDigit(s[to]); to++ {
				}
				p.edits = append(p.edits, edit{start + at, start + to, alignMark(s[num:to])})
				p.aligned = true
			}
			at = to
		}
	}
}

// word is where w begins in s, not as the end of a name (%call = call), -1 if nowhere.
func word(s, w string) int {
	for from := 0; ; {
		at := strings.Index(s[from:], w)
		if at < 0 {
			return -1
		}
		if at += from; at == 0 || s[at-1] == ' ' || s[at-1] == '\t' {
			return at
		}
		from = at + 1
	}
}

// skipAttribute returns the end of the linkage, flag, calling convention or
// attribute at s[i], i if a type or a name begins there.
func skipAttribute(s string, i int) int {
	to := i
	switch {
	case i == len(s):
		return i
	case s[i] == '"': // "key" or "key"="value"
		to = skipString(s, i)
		if to+1 < len(s) && s[to] == '=' && s[to+1] == '"' {
			to = skipString(s, to+1)
		}
		return to
	case isDigit(s[i]): // of `cc 10`
		for to < len(s) && isDigit(s[to]) {
			to++
		}
		return to
	}
	for to < len(s) && isWord(s[to]) {
		to++
	}
	if isTypeWord(s[i:to]) {
		return i
	}
	if to > i && to < len(s) && s[to] == '(' { // dereferenceable(8), addrspace(1)
		if close := strings.IndexByte(s[to:], ')'); close >= 0 {
			to += close + 1
		}
	}
	return to
}

// isTypeWord reports whether a type begins with the word w.
func isTypeWord(w string) bool {
	switch w {
	case "void", "half", "bfloat", "float", "double", "fp128", "x86_fp80", "ppc_fp128", "x86_mmx",
		"x86_amx", "label", "token", "metadata", "opaque", "ptr", "asm", "blockaddress":
		return true
	}
	return len(w) > 1 && w[0] == 'i' && isDigit(w[1])
}

// floats applies (L2) to line s.
func (p *scan) floats(s string, start int) {
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			i = skipString(s, i) - 1
			continue
		}
		if s[i] != '0' || i+1 == len(s) || s[i+1] != 'x' || (i > 0 && (isWord(s[i-1]) || s[i-1] == '%' || s[i-1] == '@')) {
			continue
		}
		to := i + 2
		for to < len(s) && isWord(s[to]) {
			to++
		}
		if tooManyDigits(s[i+2 : to]) {
			p.tooLong = s[i:to]
			return
		}
		if with := floatCast(s[i+2:to], s[:i]); with != "" {
			p.edits = append(p.edits, edit{start + i, start + to, with})
		}
		i = to - 1
	}
}

// tooManyDigits reports whether (L7) refuses the literal 0xDIGITS.
func tooManyDigits(digits string) bool {
	switch {
	case strings.HasPrefix(digits, "K"):
		return len(digits) > 1+20
	case strings.HasPrefix(digits, "L"), strings.HasPrefix(digits, "M"):
		return len(digits) > 1+32
	}
	return false
}

// floatCast returns what to write for the literal 0xDIGITS, "" to leave it.
// before is the line up to it, whose last type name is the literal's type.
func floatCast(digits, before string) string {
	if digits == "" {
		return ""
	}
	kind := byte(0)
	if strings.IndexByte("KLHRM", digits[0]) >= 0 {
		kind, digits = digits[0], digits[1:]
	}
	n, ok := new(big.Int).SetString(digits, 16)
	if !ok {
		return ""
	}
	cast := func(width int, typ string) string { return fmt.Sprintf("bitcast (i%d %v to %s)", width, n, typ) }
	lo := low64(n)
	switch kind {
	case 'K':
		// Four digits of sign and exponent, then those of the significand.
		short := len(digits) != 20
		n = pair(digits, 4)
		lo = low64(n)
		exp := new(big.Int).Rsh(n, 64).Uint64() & 0x7fff
		const integer = 1 << 63
		normal := exp != 0 && lo&integer != 0 && (exp != 0x7fff || lo == integer)
		if zero := exp == 0 && lo == 0; !short && (normal || zero) {
			return ""
		}
		return cast(80, "x86_fp80")
	case 'L':
		// LLVM writes the low half first, and leaves it out of a short literal.
		half := 16
		if len(digits) < half {
			half = 0
		}
		n = pair(digits, half)
		hi := new(big.Int).SetUint64(low64(n))
		n = hi.Lsh(hi, 64).Or(hi, new(big.Int).Rsh(n, 64))
		return cast(128, "fp128")
	case 'H':
		if lo>>10&0x1f == 0x1f && lo&0x3ff != 0 {
			return cast(16, "half")
		}
	case 0:
		const quiet = 0x7ff8000000000000
		if lo&quiet>>52 != 0x7ff || lo<<12 == 0 || lo&^(1<<63) == quiet || len(digits) > 16 {
			return ""
		}
		switch lastFloatType(before) {
		case "double":
			return cast(64, "double")
		case "float":
			n.SetUint64(lo>>63<<31 | 0x7f800000 | lo<<12>>(12+29))
			return cast(32, "float")
		}
	}
	return ""
}

// pair reads hexadecimal digits as LLVM does: the first of them, at most first,
// are the upper word, the others, at most 16, the lower one.
func pair(digits string, first int) *big.Int {
	first = min(first, len(digits))
	n := new(big.Int)
	if high, ok := new(big.Int).SetString(digits[:first], 16); ok {
		n.Lsh(high, 64)
	}
	if low, ok := new(big.Int).SetString(digits[first:], 16); ok {
		n.Or(n, low)
	}
	return n
}

// lastFloatType returns the last of float and double in s that stands alone.
func lastFloatType(s string) string {
	for end := len(s); end > 0; {
		for end > 0 && !isWord(s[end-1]) {
			end--
		}
		from := end
		for from > 0 && isWord(s[from-1]) {
			from--
		}
		if w := s[from:end]; (w == "float" || w == "double") && (from == 0 || strings.IndexByte(`%@"!`, s[from-1]) < 0) {
			return w
		}
		end = from
	}
	return ""
}

// gepIndices applies (L3) to an instruction whose operands begin at s[i].
func (p *scan) gepIndices(s string, i, start int) {
	args := splitTop(s, i)
	for _, arg := range args[min(2, len(args)):] {
		from := skipType(s, arg.from)
		if from < arg.to && s[from] == '<' { // a vector constant
			for _, e := range splitTop(s[:arg.to], from+1) {
				p.stand(s, e, start)
			}
			continue
		}
		p.stand(s, arg, start)
	}
}

// stand puts a number in the place of the value of typed operand arg, if it is
// a constant expression.
func (p *scan) stand(s string, arg span, start int) {
	from := skipType(s, arg.from)
	to := from
	for to < arg.to && isWord(s[to]) && !isDigit(s[from]) {
		to++
	}
	open := skipBlanks(s, to)
	// inbounds, nuw, exact ... come between the word and the parenthesis.
	for open < arg.to && isWord(s[open]) {
		for open < arg.to && isWord(s[open]) {
			open++
		}
		open = skipBlanks(s, open)
	}
	if to == from || open >= arg.to || s[open] != '(' {
		return
	}
	end := skipParens(s, open)
	if end < 0 || end > arg.to {
		return
	}
	if p.base == 0 {
		p.base = freeNumber(p.text)
	}
	typ := strings.TrimSpace(s[arg.from:from])
	p.edits = append(p.edits, edit{start + from, start + end, strconv.FormatUint(p.base+uint64(len(p.indices)), 10)})
	p.indices = append(p.indices, typ+" "+s[from:end])
}

// freeNumber returns a ten-digit number such that no number in text begins
// with its first five digits.
func freeNumber(text string) uint64 {
	for n := uint64(19000); ; n++ {
		if !strings.Contains(text, strconv.FormatUint(n, 10)) || n == 21000 {
			return n * 100000
		}
	}
}

// finish applies the edits.
func (p *scan) finish() *prepassed {
	out := &prepassed{text: p.text, edits: p.edits, aligned: p.aligned}
	if len(p.edits) == 0 {
		return out
	}
	slices.SortStableFunc(p.edits, func(a, b edit) int { return a.from - b.from })
	var sb strings.Builder
	sb.Grow(len(p.text) + 64*len(p.edits))
	last := 0
	for _, e := range p.edits {
		if e.from < last {
			continue
		}
		sb.WriteString(p.text[last:e.from])
		sb.WriteString(e.with)
		last = e.to
	}
	sb.WriteString(p.text[last:])
	if len(p.indices) > 0 {
		out.stands = make(map[uint64]string, len(p.indices))
		sb.WriteByte('\n')
		for i, c := range p.indices {
			name := standPrefix + strconv.Itoa(i)
			fmt.Fprintf(&sb, "@%s = private constant %s\n", name, c)
			out.stands[p.base+uint64(i)] = name
		}
	}
	out.text = sb.String()
	return out
}

// original maps an offset into the edited text back to the text before.
func (p *prepassed) original(off int) int {
	shift := 0
	for _, e := range p.edits {
		if e.from+shift > off {
			break
		}
		shift += len(e.with) - (e.to - e.from)
	}
	return max(off-shift, 0)
}

// A typeDef is `%name = type ...` of something that is not a struct.
type typeDef struct {
	name string
	off  int      // of the =
	refs []string // names in its definition
}

// parseTypeDef reads the type definition whose = is at text[off]; ok is false for
// anything else, and for structs, through which a type may refer to itself.
func parseTypeDef(text string, off int) (def typeDef, ok bool) {
	from := skipSpace(text, off+1)
	if !strings.HasPrefix(text[from:], "type") {
		return def, false
	}
	from = skipSpace(text, from+len("type"))
	for _, s := range [...]string{"{", "<{", "opaque"} {
		if strings.HasPrefix(text[from:], s) {
			return def, false
		}
	}
	before := strings.TrimRight(text[:off], " \t\r\n")
	name := len(before)
	if strings.HasSuffix(before, `"`) {
		name = max(strings.LastIndexByte(before[:name-1], '"'), 0)
	}
	for name > 0 && isWord(before[name-1]) {
		name--
	}
	if name == 0 || before[name-1] != '%' {
		return def, false
	}
	body := text[from:skipType(text, from)]
	def = typeDef{name: before[name-1:], off: off}
	for i := 0; i < len(body); i++ {
		if body[i] != '%' {
			continue
		}
		to := i + 1
		if to < len(body) && body[to] == '"' {
			to = skipString(body, to)
		} else {
			for to < len(body) && isWord(body[to]) {
				to++
			}
		}
		def.refs = append(def.refs, body[i:to])
		i = to - 1
	}
	return def, true
}

// selfReferential returns the first definition that reaches itself.
func selfReferential(defs map[string]typeDef) (typeDef, bool) {
	order := make([]typeDef, 0, len(defs))
	for _, d := range defs {
		order = append(order, d)
	}
	slices.SortFunc(order, func(a, b typeDef) int { return a.off - b.off })
	const open, done = 1, 2
	state := make(map[string]int)
	var visit func(d typeDef) bool
	visit = func(d typeDef) bool {
		state[d.name] = open
		for _, r := range d.refs {
			next, ok := defs[r]
			if ok && (state[r] == open || (state[r] == 0 && visit(next))) {
				return true
			}
		}
		state[d.name] = done
		return false
	}
	for _, d := range order {
		if state[d.name] == 0 && visit(d) {
			return d, true
		}
	}
	return typeDef{}, false
}

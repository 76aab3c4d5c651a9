package spec

// This file holds the parser of C expressions. What it yields is not typed.

import "slices"

// A syntaxKind is the kind of a syntax node.
type syntaxKind uint8

const (
	synInt     syntaxKind = iota // val, op is the suffix
	synChar                      // val
	synIdent                     // name
	synParam                     // val
	synUnary                     // op is one of + - ! ~ * &, a
	synBinary                    // op, a, b
	synCond                      // a ? b : c
	synCast                      // typ, a
	synSizeof                    // typ or a
	synIndex                     // a[b]
	synMember                    // a.name or a->name; op
	synElement                   // a.[val] or a->[val]; op
)

// A syntax node covers text[from:to].
type syntax struct {
	kind     syntaxKind
	from, to int
	op       string
	opFrom   int // of the operator, for messages
	name     string
	nameFrom int
	val      uint64
	typ      *typeName
	a, b, c  *syntax
	parens   bool // written in parentheses
}

// A typeName is the type of a cast.
type typeName struct {
	from, to int
	words    []string // `unsigned char`, `struct cred`, `uint32_t`
	stars    int
}

// maxNesting bounds the depth of an expression.
const maxNesting = 200

// exprParser parses one expression. isType tells which identifiers are typedefs:
// where that is not known, `(x) - y` and the like are read as arithmetic.
type exprParser struct {
	text   Text
	toks   []token
	pos    int
	depth  int
	isType func(string) bool
}

// parseExpr parses the whole of t.
func parseExpr(t Text, isType func(string) bool) (n *syntax, err *Error) {
	toks, err := lex(t)
	if err != nil {
		return nil, err
	}
	if isType == nil {
		isType = func(string) bool { return false }
	}
	p := &exprParser{text: t, toks: toks, isType: isType}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*Error)
			if !ok {
				panic(r)
			}
			n, err = nil, e
		}
	}()
	if p.tok().kind == tokEnd {
		p.fail(p.tok(), "expected an expression")
	}
	n = p.cond()
	p.end()
	return n, nil
}

// end reports what cannot follow an expression.
func (p *exprParser) end() {
	t := p.tok()
	switch {
	case t.kind == tokEnd:
		return
	case t.text == "=":
		panic(hint(p.text.errorAt(t.from, t.to, "a predicate cannot assign"), "did you mean '=='?"))
	case t.text == "++" || t.text == "--" || len(t.text) > 1 && t.text[len(t.text)-1] == '=':
		p.fail(t, "a predicate cannot change anything, as '%s' does", t.text)
	case t.text == ")" || t.text == "]":
		p.fail(t, "'%s' without its opening bracket", t.text)
	case t.text == ",":
		panic(hint(p.text.errorAt(t.from, t.to, "unexpected ','"), "write '&&', or two predicates"))
	}
	p.fail(t, "expected an operator before %s", p.describe(t))
}

func (p *exprParser) describe(t token) string {
	if t.kind == tokEnd {
		return "the end"
	}
	return "'" + p.text.Value[t.from:t.to] + "'"
}

// fail aborts parsing; parseExpr recovers.
func (p *exprParser) fail(t token, format string, args ...any) {
	panic(p.text.errorAt(t.from, t.to, format, args...))
}

func (p *exprParser) tok() token { return p.toks[p.pos] }

// ahead is the n-th token after the current one.
func (p *exprParser) ahead(n int) token { return p.toks[min(p.pos+n, len(p.toks)-1)] }

func (p *exprParser) next() token {
	t := p.toks[p.pos]
	if t.kind != tokEnd {
		p.pos++
	}
	return t
}

// accept skips the punctuation s, if it is there.
func (p *exprParser) accept(s string) bool {
	if t := p.tok(); t.kind == tokPunct && t.text == s {
		p.pos++
		return true
	}
	return false
}

// expect skips the punctuation s, which closes what open began.
func (p *exprParser) expect(s string, open token) {
	if !p.accept(s) {
		e := p.text.errorAt(p.tok().from, p.tok().to, "expected '%s' before %s", s, p.describe(p.tok()))
		e.Note = p.text.errorAt(open.from, open.to, "to match this '%s'", open.text)
		panic(e)
	}
}

func (p *exprParser) enter() {
	if p.depth++; p.depth > maxNesting {
		p.fail(p.tok(), "expression is nested more than %d levels deep", maxNesting)
	}
}

// cond: logical-or [ '?' expression ':' cond ].
func (p *exprParser) cond() *syntax {
	p.enter()
	defer func() { p.depth-- }()
	a := p.binary(0)
	q := p.tok()
	if !p.accept("?") {
		return a
	}
	b := p.cond()
	p.expect(":", q)
	c := p.cond()
	return &syntax{kind: synCond, from: a.from, to: c.to, opFrom: q.from, op: "?", a: a, b: b, c: c}
}

// levels are the binary operators, those that bind least first.
var levels = [][]string{
	{"||"}, {"&&"}, {"|"}, {"^"}, {"&"}, {"==", "!="}, {"<", ">", "<=", ">="}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"},
}

// Levels whose operators are easily misread without parentheses.
const (
	levelBitOr      = 2
	levelEquality   = 5
	levelRelational = 6
)

func (p *exprParser) binary(level int) *syntax {
	if level == len(levels) {
		return p.cast()
	}
	a := p.binary(level + 1)
	for {
		t := p.tok()
		if t.kind != tokPunct || !slices.Contains(levels[level], t.text) {
			return a
		}
		p.pos++
		b := p.binary(level + 1)
		p.checkMixed(level, t, a, b)
		a = &syntax{kind: synBinary, from: a.from, to: b.to, op: t.text, opFrom: t.from, a: a, b: b}
	}
}

// checkMixed rejects the two expressions whose meaning in C nearly nobody
// intends: `a < b < c` and `flags & M == 0`.
func (p *exprParser) checkMixed(level int, op token, a, b *syntax) {
	comparison := func(n *syntax) bool {
		return n.kind == synBinary && !n.parens && (slices.Contains(levels[levelEquality], n.op) ||
			slices.Contains(levels[levelRelational], n.op))
	}
	switch {
	case level == levelRelational && comparison(a):
		panic(hint(p.text.errorAt(op.from, op.to, "'%s' compares the result of '%s', which is 0 or 1", op.text, a.op),
			"write 'a %s b && b %s c', or parentheses if this is meant", a.op, op.text))
	case level >= levelBitOr && level < levelEquality && (comparison(a) || comparison(b)):
		cmp := a
		if !comparison(a) {
			cmp = b
		}
		panic(hint(p.text.errorAt(op.from, op.to, "'%s' binds less than '%s'", op.text, cmp.op), "add parentheses around the operands of one of them"))
	}
}

var basicTypeWords = []string{"void", "char", "short", "int", "long", "signed", "unsigned", "_Bool", "bool", "float", "double"}

// startsType reports whether the tokens after an opening parenthesis are a
// type name.
func (p *exprParser) startsType() bool {
	t, n := p.ahead(1), p.ahead(2)
	if t.kind != tokIdent {
		return false
	}
	switch t.text {
	case "struct", "union", "enum", "const", "volatile":
		return true
	}
	if slices.Contains(basicTypeWords, t.text) || p.isType(t.text) {
		return true
	}
	if n.text == ")" { // a value cannot be followed by another
		a := p.ahead(3)
		return a.kind == tokIdent || a.kind == tokInt || a.kind == tokChar || a.kind == tokParam ||
			a.kind == tokPunct && (a.text == "(" || a.text == "!" || a.text == "~")
	}
	for i := 2; n.text == "*"; i++ {
		if n = p.ahead(i + 1); n.text == ")" {
			return true
		}
	}
	return false
}

// typeName parses a type name up to the closing parenthesis.
func (p *exprParser) typeName(open token) *typeName {
	t := &typeName{from: p.tok().from}
	for {
		w := p.tok()
		if w.kind != tokIdent {
			break
		}
		p.pos++
		if w.text != "const" && w.text != "volatile" && w.text != "restrict" {
			t.words = append(t.words, w.text)
		}
		t.to = w.to
	}
	if len(t.words) == 0 {
		p.fail(p.tok(), "expected a type before %s", p.describe(p.tok()))
	}
	for p.tok().text == "*" {
		t.to = p.next().to
		t.stars++
		for p.tok().text == "const" || p.tok().text == "volatile" {
			p.pos++
		}
	}
	p.expect(")", open)
	return t
}

func (p *exprParser) cast() *syntax {
	p.enter()
	defer func() { p.depth-- }()
	open := p.tok()
	if open.kind != tokPunct || open.text != "(" || !p.startsType() {
		return p.unary()
	}
	p.pos++
	typ := p.typeName(open)
	a := p.cast()
	return &syntax{kind: synCast, from: open.from, to: a.to, typ: typ, a: a}
}

func (p *exprParser) unary() *syntax {
	t := p.tok()
	if t.kind == tokPunct {
		switch t.text {
		case "+", "-", "!", "~", "*", "&":
			p.pos++
			a := p.cast()
			return &syntax{kind: synUnary, from: t.from, to: a.to, op: t.text, opFrom: t.from, a: a}
		case "&&":
			p.fail(t, "expected an expression before '&&'")
		case "++", "--":
			p.fail(t, "a predicate cannot change anything, as '%s' does", t.text)
		}
	}
	if t.kind == tokIdent && t.text == "sizeof" {
		return p.sizeof()
	}
	return p.postfix()
}

func (p *exprParser) sizeof() *syntax {
	t, open := p.next(), p.tok()
	if open.kind == tokPunct && open.text == "(" && p.startsType() {
		p.pos++
		typ := p.typeName(open)
		return &syntax{kind: synSizeof, from: t.from, to: p.toks[p.pos-1].to, typ: typ}
	}
	p.enter()
	defer func() { p.depth-- }()
	a := p.unary()
	return &syntax{kind: synSizeof, from: t.from, to: a.to, a: a}
}

func (p *exprParser) postfix() *syntax {
	a := p.primary()
	for {
		t := p.tok()
		if t.kind != tokPunct {
			return a
		}
		switch t.text {
		case "[":
			p.pos++
			b := p.cond()
			p.expect("]", t)
			a = &syntax{kind: synIndex, from: a.from, to: p.toks[p.pos-1].to, opFrom: t.from, a: a, b: b}
		case ".", "->":
			p.pos++
			a = p.member(a, t)
		case "(":
			panic(hint(p.text.errorAt(a.from, a.to, "a predicate cannot call functions"), "name the memory that the function reads"))
		case "++", "--":
			p.fail(t, "a predicate cannot change anything, as '%s' does", t.text)
		default:
			return a
		}
	}
}

// member parses what follows `.` or `->`: a name, or `[n]`.
func (p *exprParser) member(a *syntax, op token) *syntax {
	n := &syntax{kind: synMember, from: a.from, op: op.text, opFrom: op.from, a: a}
	t := p.next()
	switch {
	case t.kind == tokIdent:
		n.name, n.nameFrom, n.to = t.text, t.from, t.to
	case t.text == "[" && p.tok().kind == tokInt:
		num := p.next()
		n.kind, n.val, n.nameFrom = synElement, num.val, num.from
		p.expect("]", t)
		n.to = p.toks[p.pos-1].to
	default:
		p.fail(t, "expected the name of a member after '%s'", op.text)
	}
	return n
}

func (p *exprParser) primary() *syntax {
	t := p.next()
	n := &syntax{from: t.from, to: t.to, val: t.val, op: t.text, name: t.text, nameFrom: t.from}
	switch t.kind {
	case tokInt:
		n.kind = synInt
		return n
	case tokChar:
		n.kind = synChar
		return n
	case tokParam:
		n.kind = synParam
		return n
	case tokIdent:
		n.kind = synIdent
		return n
	case tokString:
		panic(hint(p.text.errorAt(t.from, t.to, "a predicate cannot have strings"), "compare characters: s[0] == 'a'"))
	}
	if t.text == "(" {
		a := p.cond()
		p.expect(")", t)
		a.parens = true
		a.from, a.to = t.from, p.toks[p.pos-1].to
		return a
	}
	p.fail(t, "expected an expression before %s", p.describe(t))
	return nil
}

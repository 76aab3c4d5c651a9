package spec

// This file holds File, a specification as it is written, and its YAML form.

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	yamltoken "github.com/goccy/go-yaml/token"
)

// A File is a specification that is well-formed but not bound to a program.
type File struct {
	Entries []*Entry
}

// An Entry asks for one variant. Texts that are not given are zero.
type Entry struct {
	Function Text
	As       Text
	Static   []Setting
	When     []Text
	Always   []Text
	Plug     Text
	Expect   []Expectation
}

// A Setting is a parameter with the value that a specification gives it.
type Setting struct {
	Param Text // a name, or #N
	Value Text
}

// Keys of an entry, and values of plug.
var (
	entryKeys = []string{"function", "as", "static", "when", "always", "plug", "expect"}
	plugKinds = []string{"pointer", "simple", "counting"}
)

// Parse reads a specification. file names it in messages. All faults that it
// finds are in the error: each is an *Error, several are joined.
func Parse(file string, src []byte) (*File, error) {
	s := newSource(file, string(src))
	if !utf8.Valid(src) {
		off := 0
		for off < len(src) {
			r, n := utf8.DecodeRune(src[off:])
			if r == utf8.RuneError && n <= 1 {
				break
			}
			off += n
		}
		return nil, s.errorAt(off, off+1, "file is not UTF-8 text")
	}
	r := &reader{src: s, masked: maskIndicators(s.text)}
	f := r.file()
	if err := r.errs.err(); err != nil {
		return nil, err
	}
	return f, nil
}

// FromFlags makes the specification that `-e fn --static NAME=VALUE --when
// EXPR` says.
func FromFlags(fn string, static []string, when []string) (*File, error) {
	var errs errorList
	e := &Entry{Function: plainText(newSource("--entry", fn), 0, fn)}
	if strings.TrimSpace(fn) == "" {
		errs.add(&Error{Pos: Pos{File: "--entry"}, Msg: "no function is named"})
	}
	for _, text := range static {
		s := newSource("--static", text)
		name, value, ok := strings.Cut(text, "=")
		if !ok {
			errs.add(hint(s.errorAt(0, len(text), "expected NAME=VALUE"), "for example --static sig=10"))
			continue
		}
		set := Setting{Param: plainText(s, 0, strings.TrimSpace(name)), Value: plainText(s, len(name)+1, value)}
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			set.Value = plainText(s, len(name)+2, value[1:n-1])
			set.Value.quoted = value[0]
			if value[0] == '"' {
				unquoted, err := strconv.Unquote(value)
				if err != nil {
					errs.add(s.errorAt(len(name)+1, len(text), "string is not well-formed"))
					continue
				}
				if unquoted != value[1:n-1] {
					set.Value = spread(s, len(name)+1, unquoted, '"')
				}
			}
		}
		e.setStatic(set, &errs)
	}
	for _, text := range when {
		e.When = append(e.When, plainText(newSource("--when", text), 0, text))
	}
	e.check(&errs)
	if err := errs.err(); err != nil {
		return nil, err
	}
	return &File{Entries: []*Entry{e}}, nil
}

// spread is a Text whose value is not what the source says at off; errors in
// it point at off.
func spread(s *source, off int, value string, quoted byte) Text {
	t := Text{Value: value, Pos: s.pos(off), src: s, quoted: quoted}
	for range len(value) + 1 {
		t.at = append(t.at, off)
	}
	return t
}

// setStatic adds a static parameter.
func (e *Entry) setStatic(set Setting, errs *errorList) {
	for _, old := range e.Static {
		if old.Param.Value == set.Param.Value {
			err := set.Param.Errorf("parameter '%s' is given twice", set.Param)
			err.Note = old.Param.Errorf("it is given here, too")
			errs.add(err)
			return
		}
	}
	e.Static = append(e.Static, set)
}

// check looks at what can be judged without a program.
func (e *Entry) check(errs *errorList) {
	for _, texts := range [...][]Text{e.Always, e.When} {
		for _, t := range texts {
			if _, err := parseExpr(t, nil); err != nil {
				errs.add(err)
			}
		}
	}
	if !e.Plug.IsZero() && !slices.Contains(plugKinds, e.Plug.Value) {
		errs.add(hint(e.Plug.Errorf("no plug is called '%s'", e.Plug), "plugs are pointer, simple and counting"))
	}
}

// maskIndicators replaces the characters that mean something to YAML but are
// plain C where a value begins (`&global`, `*p == 1`, `!x`, `?`) by letters, so
// that every offset stays. Anchors, aliases, tags and complex keys have no use
// in a specification.
func maskIndicators(text string) string {
	b := []byte(text)
	begins := true   // a value may begin here
	quote := byte(0) // what ends the quotes or, as \n, the comment that we are in
	for i := 0; i < len(b); i++ {
		c, next := b[i], byte('\n')
		if i+1 < len(b) {
			next = b[i+1]
		}
		blankNext := next == ' ' || next == '\n' || next == '\r'
		switch {
		case c == '\n' && (quote == 0 || quote == '\n'):
			begins, quote = true, 0
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == ' ' || c == '\t' || c == '\r':
		case begins && (c == '&' || c == '*' || c == '!' || c == '?'):
			b[i], begins = '_', false
		case begins && (c == '"' || c == '\''):
			quote, begins = c, false
		case c == '#' && (i == 0 || strings.IndexByte(" \t\n", b[i-1]) >= 0):
			quote = '\n'
		case c == '-':
			begins = begins && blankNext
		case c == ':':
			begins = blankNext
		default:
			begins = c == '{' || c == '[' || c == ','
		}
	}
	return string(b)
}

// reader makes a File of YAML's tree.
type reader struct {
	src    *source
	masked string
	errs   errorList
}

func (r *reader) file() *File {
	doc := r.document()
	if doc == nil {
		return nil
	}
	f := &File{}
	top, ok := doc.(ast.MapNode)
	if !ok {
		r.errs.add(hint(r.at(doc, "expected 'specialize:'"), "a specification begins with 'specialize:' and a list of functions"))
		return nil
	}
	for it := top.MapRange(); it.Next(); {
		key := r.key(it.Key())
		if key.Value != "specialize" {
			r.errs.add(suggest(key.Errorf("unknown key '%s'", key), key.Value, []string{"specialize"}))
			continue
		}
		functions := r.list(it.Value(), "functions")
		if len(functions) == 0 && len(r.errs.errs) == 0 {
			r.errs.add(key.Errorf("'specialize' names no functions"))
		}
		for _, n := range functions {
			if e := r.entry(n); e != nil {
				f.Entries = append(f.Entries, e)
			}
		}
	}
	f.checkNames(&r.errs)
	return f
}

// checkNames reports variants of one name.
func (f *File) checkNames(errs *errorList) {
	seen := make(map[string]Text)
	for _, e := range f.Entries {
		if e.As.IsZero() {
			continue
		}
		if old, ok := seen[e.As.Value]; ok {
			err := e.As.Errorf("two variants are called '%s'", e.As)
			err.Note = old.Errorf("the first is here")
			errs.add(err)
			continue
		}
		seen[e.As.Value] = e.As
	}
}

// document runs the YAML parser, which may panic on damaged input.
func (r *reader) document() (body ast.Node) {
	defer func() {
		if recover() != nil {
			r.errs.add(&Error{Pos: Pos{File: r.src.name}, Msg: "file is not well-formed YAML"})
			body = nil
		}
	}()
	file, err := parser.ParseBytes([]byte(r.masked), 0)
	if err != nil {
		r.errs.add(r.syntaxError(err))
		return nil
	}
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if _, isComment := d.Body.(*ast.CommentGroupNode); isComment {
			continue
		}
		if body != nil {
			r.errs.add(r.at(d.Body, "a file holds one specification"))
			return nil
		}
		body = d.Body
	}
	if body == nil {
		r.errs.add(hint(&Error{Pos: Pos{File: r.src.name}, Msg: "file holds no specification"},
			"a specification begins with 'specialize:' and a list of functions"))
	}
	return body
}

// syntaxError turns a fault of the YAML itself into an Error.
func (r *reader) syntaxError(err error) *Error {
	var se *yaml.SyntaxError
	if !errors.As(err, &se) || se.Token == nil || se.Token.Position == nil {
		return &Error{Pos: Pos{File: r.src.name}, Msg: "file is not well-formed YAML"}
	}
	off := r.src.offset(se.Token.Position.Line, se.Token.Position.Column)
	e := r.src.errorAt(off, off+1, "%s", se.Message)
	switch {
	case strings.Contains(se.Message, "already defined"):
		key, _, _ := strings.Cut(strings.TrimPrefix(se.Message, `mapping key "`), `"`)
		e = r.src.errorAt(off, off+len(key), "key '%s' is given twice", key)
	case strings.Contains(se.Message, "tab character"), strings.Contains(se.Message, "'\t'"):
		e.Msg = "YAML is indented by spaces, not by tabs"
	default:
		e.Msg = "not well-formed YAML: " + se.Message
		if strings.ContainsAny(e.Line, "[{&|=<>'\"") {
			e.Hint = "put an expression in quotes if it has brackets in a list in brackets, ': ', ' #', or begins with a quote"
		}
	}
	return e
}

// offsetOf is the offset of a token in the source.
func (r *reader) offsetOf(t *yamltoken.Token) int {
	if t == nil || t.Position == nil {
		return 0
	}
	return r.src.offset(t.Position.Line, t.Position.Column)
}

// at makes an error at the beginning of a node.
func (r *reader) at(n ast.Node, format string, args ...any) *Error {
	n = first(n)
	off := r.offsetOf(n.GetToken())
	width := 1
	if s, ok := n.(ast.ScalarNode); ok {
		width = max(len(s.GetToken().Value), 1)
	}
	return r.src.errorAt(off, off+width, format, args...)
}

// first is the node that begins n: the token of a mapping is its first colon.
func first(n ast.Node) ast.Node {
	for {
		switch m := n.(type) {
		case *ast.MappingNode:
			if m.IsFlowStyle || len(m.Values) == 0 {
				return n
			}
			n = m.Values[0].Key
		case *ast.MappingValueNode:
			n = m.Key
		default:
			return n
		}
	}
}

// key is the text of a mapping's key.
func (r *reader) key(n ast.MapKeyNode) Text {
	if s, ok := n.(ast.ScalarNode); ok {
		return r.text(s)
	}
	r.errs.add(r.at(n, "a key must be a name"))
	return plainText(r.src, r.offsetOf(n.GetToken()), "")
}

// list is the elements of a sequence.
func (r *reader) list(n ast.Node, what string) []ast.Node {
	switch s := n.(type) {
	case *ast.SequenceNode:
		return s.Values
	case *ast.NullNode:
		r.errs.add(r.at(n, "expected a list of %s", what))
		return nil
	}
	r.errs.add(hint(r.at(n, "expected a list of %s", what), "begin each with '- '"))
	return nil
}

// entry reads one element of specialize.
func (r *reader) entry(n ast.Node) *Entry {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.errs.add(hint(r.at(n, "expected 'function: NAME'"), "write '- function: NAME'"))
		return nil
	}
	e := &Entry{}
	before := len(r.errs.errs)
	for it := m.MapRange(); it.Next(); {
		key := r.key(it.Key())
		switch key.Value {
		case "function":
			e.Function = r.name(it.Value(), key)
		case "as":
			e.As = r.name(it.Value(), key)
		case "plug":
			e.Plug = r.name(it.Value(), key)
		case "static":
			r.static(e, it.Value())
		case "when":
			e.When = r.exprs(it.Value())
		case "always":
			e.Always = r.exprs(it.Value())
		case "expect":
			r.expect(e, it.Value())
		default:
			r.errs.add(suggest(key.Errorf("unknown key '%s'", key), key.Value, entryKeys))
		}
	}
	if e.Function.IsZero() && len(r.errs.errs) == before {
		r.errs.add(r.at(n, "the function is missing: expected 'function: NAME'"))
	}
	e.check(&r.errs)
	return e
}

// name reads a scalar that is an identifier.
func (r *reader) name(n ast.Node, key Text) Text {
	s, ok := n.(ast.ScalarNode)
	if !ok {
		r.errs.add(r.at(n, "expected a name after '%s:'", key))
		return Text{}
	}
	if n.Type() == ast.NullType {
		r.errs.add(key.Errorf("'%s' has no value", key))
		return Text{}
	}
	t := r.text(s)
	if !isName(t.Value) {
		r.errs.add(t.Errorf("'%s' is not a name", t))
		return Text{}
	}
	return t
}

// isName reports whether s can be the name of a C or IR symbol.
func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isIdentPart(c) && c != '.' && c != '$' || i == 0 && isDigit(c) {
			return false
		}
	}
	return s != ""
}

// static reads the parameters' values.
func (r *reader) static(e *Entry, n ast.Node) {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.errs.add(hint(r.at(n, "expected the values of parameters"), "write static: { NAME: VALUE }"))
		return
	}
	for it := m.MapRange(); it.Next(); {
		key := r.key(it.Key())
		s, ok := it.Value().(ast.ScalarNode)
		if !ok {
			r.errs.add(r.at(it.Value(), "expected the value of '%s': an integer, \"string\", null, &global, function, or ?", key))
			continue
		}
		if s.Type() == ast.NullType && s.GetToken().Type == yamltoken.ImplicitNullType {
			r.errs.add(hint(key.Errorf("'%s' has no value", key), "write null for a null pointer, ? if the value is not known"))
			continue
		}
		e.setStatic(Setting{Param: key, Value: r.text(s)}, &r.errs)
	}
}

// exprs reads a list of expressions; one expression may stand alone.
func (r *reader) exprs(n ast.Node) []Text {
	nodes := []ast.Node{n}
	if seq, ok := n.(*ast.SequenceNode); ok {
		nodes = seq.Values
	}
	var texts []Text
	for _, n := range nodes {
		s, ok := n.(ast.ScalarNode)
		switch {
		case !ok:
			r.errs.add(hint(r.at(n, "expected an expression"), "put an expression with ': ' or brackets in quotes"))
		case n.Type() == ast.NullType:
			r.errs.add(r.at(n, "expected an expression"))
		default:
			texts = append(texts, r.text(s))
		}
	}
	return texts
}

// text is a scalar as it is written, before maskIndicators.
func (r *reader) text(s ast.ScalarNode) Text {
	tok := s.GetToken()
	off := r.offsetOf(tok)
	value := tok.Value
	t := Text{Value: value, Pos: r.src.pos(off), src: r.src}
	if lit, ok := s.(*ast.LiteralNode); ok { // | and >
		t.Value, t.quoted = strings.TrimRight(lit.Value.Value, "\n"), '|'
		if i := strings.IndexByte(r.masked[off:], '\n'); i >= 0 {
			off += i + 1
		}
	}
	switch tok.Type {
	case yamltoken.DoubleQuoteType:
		t.quoted = '"'
	case yamltoken.SingleQuoteType:
		t.quoted = '\''
	}
	r.align(&t, off)
	return t
}

// align finds each byte of t.Value in the source from off on, and undoes
// maskIndicators: white space may be folded, and quotes double or escape what they hold.
// From where that fails, positions are those of the scalar.
func (r *reader) align(t *Text, off int) {
	value := []byte(t.Value)
	if t.quoted == '"' || t.quoted == '\'' {
		off++
	}
	start := off
	src := r.masked
	for i := 0; i < len(value); i++ {
		c := value[i]
		isSpace := c == ' ' || c == '\n'
		if isSpace {
			t.at = append(t.at, min(off, len(src)))
			if off < len(src) && strings.IndexByte(" \t\r\n", src[off]) >= 0 {
				off++
				for i+1 < len(value) && value[i+1] != ' ' && value[i+1] != '\n' && off < len(src) && strings.IndexByte(" \t\r\n", src[off]) >= 0 {
					off++
				}
			}
			continue
		}
		for off < len(src) && src[off] != c && strings.IndexByte(" \t\r\n", src[off]) >= 0 {
			off++
		}
		if off+1 < len(src) && (t.quoted == '\'' && src[off] == '\'' && src[off+1] == '\'' ||
			t.quoted == '"' && src[off] == '\\' && src[off+1] == c) {
			off++
		}
		if off >= len(src) || src[off] != c {
			for len(t.at) <= len(value) {
				t.at = append(t.at, start)
			}
			return
		}
		value[i] = r.src.text[off]
		t.at = append(t.at, off)
		off++
	}
	t.at = append(t.at, min(off, len(src)))
	t.Value = string(value)
}

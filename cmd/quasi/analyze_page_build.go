package main

// This file makes the data of the page of analyze --html from a pipeline: listings
// and source with the division before partial evaluation, what became of each
// point and the residual functions after it.

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/llir/llvm/ir/value"

	"quasi/bta"
	"quasi/ir"
	"quasi/pe"
)

// A pageBuilder makes a pageData.
type pageBuilder struct {
	p      *pipeline
	data   *pageData
	files  numbered[string]
	texts  numbered[string]
	words  numbered[string]
	causes numbered[pageCause]
	chains numbered[[2]int]
	roots  map[int]*bta.Cause // the last causes, by number
	asked  map[asking]int
	order  []asking // of asked
	cut    bool     // there was more to be asked than maxAsks

	room        int         // how many lines of IR may still be listed
	unoptimized *ir.Program // with residual functions, if LLVM does not optimize them

	funcs   map[*ir.Func]int
	lineOf  map[ir.Point]int // of IR, where functions are listed
	names   map[value.Value]string
	sources map[string][]measuredLine
}

// asking is a question for causes: why register reg is dynamic at pt of v, or pt
// residual.
type asking struct {
	v   *bta.Variant
	pt  ir.Point
	reg ir.Reg
}

// maxListed bounds the lines of IR in a page.
const maxListed = 150_000

func newPageBuilder(p *pipeline) *pageBuilder {
	b := &pageBuilder{p: p, room: maxListed, data: &pageData{Roots: []pageRoot{}}, roots: map[int]*bta.Cause{}, asked: map[asking]int{}, funcs: map[*ir.Func]int{},
		lineOf: map[ir.Point]int{}, names: map[value.Value]string{}, sources: map[string][]measuredLine{}}
	b.files.add("") // place 0 is none
	return b
}

// finish returns the data, with the tables filled in.
func (b *pageBuilder) finish() *pageData {
	for i, name := range b.files.list {
		b.files.list[i] = shownFile(name, b.p.files)
	}
	b.data.Files, b.data.Causes, b.data.Chains = b.files.list, b.causes.list, b.chains.list
	b.data.Texts, b.data.Words = b.texts.list, b.words.list
	return b.data
}

// shownFile is a file's name without folders that are the machine's: of an
// absolute path that is no input, what an #include would say, or the last part.
func shownFile(name string, inputs []string) string {
	if !filepath.IsAbs(name) || slices.Contains(inputs, name) {
		return name
	}
	if i := strings.LastIndex(name, "/include/"); i >= 0 {
		return "<" + name[i+len("/include/"):] + ">"
	}
	return filepath.Base(name)
}

// place is the number of a line of a file, 0 for none.
func (b *pageBuilder) place(file string, line int) int {
	if file == "" || line <= 0 || line >= placeLines {
		return 0
	}
	return b.files.add(file)*placeLines + line
}

// placeOf is the place of a point.
func (b *pageBuilder) placeOf(p *ir.Program, pt ir.Point) int {
	if f := p.Frames(pt); len(f) > 0 {
		return b.place(f[0].File, f[0].Line)
	}
	return 0
}

// lines are those of a source file, nil if it cannot be read.
func (b *pageBuilder) lines(file string) []measuredLine {
	lines, ok := b.sources[file]
	if !ok {
		for _, raw := range b.p.diag.lines(file) {
			lines = append(lines, measure(raw))
		}
		b.sources[file] = lines
	}
	return lines
}

// A listedLine is a line of a listing with its point; none has ok false.
type listedLine struct {
	text string
	pt   ir.Point
	ok   bool
}

// listFunc lists f without what holds debug info.
func listFunc(f *ir.Func) []listedLine {
	var text bytes.Buffer
	const sign = "\x01"
	if err := ir.FprintListing(&text, f, ir.Listing{Point: func(pt ir.Point) string { return fmt.Sprint(sign, pt) }}); err != nil {
		panic(err) // a buffer takes all
	}
	var list []listedLine
	for line := range strings.Lines(text.String()) {
		l := listedLine{text: strings.TrimSuffix(line, "\n")}
		if at := strings.LastIndex(l.text, " ; "+sign); at >= 0 {
			n, _ := fmt.Sscan(l.text[at+len(" ; "+sign):], &l.pt)
			l.ok = n == 1
			l.text = l.text[:at]
		}
		if l.ok && ir.IsDebug(f.Prog.InstAt(l.pt)) {
			continue
		}
		l.text = strings.ToValidUTF8(lineNoise.ReplaceAllString(attached.ReplaceAllString(l.text, ""), ""), "\uFFFD")
		list = append(list, l)
	}
	return list
}

// list is listFunc, as long as there is room in the page; otherwise it says so.
func (b *pageBuilder) list(f *ir.Func) []listedLine {
	lines := listFunc(f)
	if len(lines) > b.room {
		return []listedLine{{text: fmt.Sprintf("; %d lines of IR are left out: the page has too many", len(lines))}}
	}
	b.room -= len(lines)
	return lines
}

// function numbers a function of the generic program, which is listed the first time.
func (b *pageBuilder) function(f *ir.Func) int {
	if n, ok := b.funcs[f]; ok {
		return n
	}
	n := len(b.data.Funcs)
	b.funcs[f] = n
	pf := &pageFunc{Name: f.Name(), Insts: countInsts(f.LL), IR: []string{}, Places: []int{}}
	b.data.Funcs = append(b.data.Funcs, pf)
	for i, l := range b.list(f) {
		at := 0
		if l.ok {
			b.lineOf[l.pt] = i
			at = b.placeOf(f.Prog, l.pt)
		}
		pf.IR, pf.Places = append(pf.IR, l.text), append(pf.Places, at)
	}
	pf.Sections = b.sections(f)
	if d := f.Prog.Debug(); d != nil {
		for v, name := range d.Vars(f.LL) {
			b.names[v] = name
		}
	}
	return n
}

// sectionGap is how many lines without code end a section that is not of the
// function itself, and sectionRound how many are shown around one.
const (
	sectionGap   = 12
	sectionRound = 2
)

// sections are the source lines that the code of f comes from, its own first.
func (b *pageBuilder) sections(f *ir.Func) []*pageSection {
	at := f.Prog.PositionOf(f)
	own := sourceOrigin{file: at.File}
	used := map[sourceOrigin]map[int]bool{}
	use := func(o sourceOrigin, line int) {
		if used[o] == nil {
			used[o] = map[int]bool{}
		}
		used[o][line] = true
	}
	for _, blk := range f.Blocks {
		for pt := blk.First; pt < blk.End(); pt++ {
			frames := f.Prog.Frames(pt)
			if len(frames) == 0 || !listed(f.Prog, pt) || b.place(frames[0].File, frames[0].Line) == 0 {
				continue
			}
			use(originOf(frames), frames[0].Line)
		}
	}
	if at.Line > 0 {
		use(own, at.Line)
	}
	var others []sourceOrigin
	for o := range used {
		if o != own {
			others = append(others, o)
		}
	}
	slices.SortFunc(others, compareOrigins)
	list := []*pageSection{}
	for _, o := range append([]sourceOrigin{own}, others...) {
		if len(used[o]) == 0 {
			continue
		}
		text := b.lines(o.file)
		if len(text) == 0 {
			continue
		}
		var title string
		switch shown := shownFile(o.file, b.p.files); {
		case o.fn != "":
			title = fmt.Sprintf("%s, inlined here, from %s", o.fn, shown)
		case o != own:
			title = "from " + shown
		}
		for _, r := range runs(used[o], o != own || at.Line == 0, text) {
			s := &pageSection{Title: title, File: b.files.add(o.file), First: r.from}
			for _, l := range text[r.from-1 : r.to-1] {
				s.Lines = append(s.Lines, l.text)
			}
			list = append(list, s)
		}
	}
	return list
}

// runs are the ranges of lines, ends excluded, that hold those used: one for a
// function, which ends with its brace, several for what is spread.
func runs(used map[int]bool, spread bool, text []measuredLine) []piece {
	var lines []int
	for n := range used {
		if n <= len(text) {
			lines = append(lines, n)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	slices.Sort(lines)
	if !spread {
		from, to := lines[0], lines[len(lines)-1]+1
		if to <= len(text) && strings.TrimSpace(text[to-1].raw) == "}" {
			to++
		}
		return []piece{{from, to}}
	}
	var list []piece
	for _, n := range lines {
		from, to := max(n-sectionRound, 1), min(n+sectionRound, len(text))+1
		if last := len(list) - 1; last >= 0 && from-list[last].to < sectionGap {
			list[last].to = to
			continue
		}
		list = append(list, piece{from, to})
	}
	return list
}

// spec adds a specialization, with the variants of its division; seen is what
// became of its points, by variant.
func (b *pageBuilder) spec(v *variant, seen map[*bta.Variant]map[ir.Point]*pe.Observation) *pageSpec {
	if v.body.Fn != v.Fn {
		f := b.data.Funcs[b.function(v.body.Fn)]
		f.Name, f.Peeled = v.Fn.Name(), true
	}
	s := &pageSpec{Name: v.Name, Variants: []*pageVariant{}, Residual: []*pageResidual{}}
	rests := len(given(v)) < b.p.pageTries(v.Fn)
	for _, bv := range v.bta.Variants {
		s.Variants = append(s.Variants, b.variant(v, bv, seen[bv], rests))
	}
	b.data.Specs = append(b.data.Specs, s)
	return s
}

// maxMemory bounds the cells of an entry division that are listed.
const maxMemory = 40

// variant is the division of one variant, and what became of its points; with rests,
// also what those that are static rest on.
func (b *pageBuilder) variant(v *variant, bv *bta.Variant, seen map[ir.Point]*pe.Observation, rests bool) *pageVariant {
	f := bv.Fn
	n := b.function(f)
	pv := &pageVariant{Func: n, ID: bv.ID, Params: paramMarks(b.p.prog, bv), Memory: []string{}}
	for i, c := range bv.Division().Static() {
		if i == maxMemory {
			pv.Memory = append(pv.Memory, fmt.Sprintf("and %d more", len(bv.Division().Static())-i))
			break
		}
		pv.Memory = append(pv.Memory, c.String())
	}
	lines := len(b.data.Funcs[n].IR)
	marks := bytes.Repeat([]byte{' '}, lines)
	pv.Chains, pv.Became, pv.Rests, pv.Notes = blanks(lines), blanks(lines), blanks(lines), b.notes(bv, lines)
	for _, blk := range f.Blocks {
		reached := bv.Reached(blk)
		for pt := blk.First; pt < blk.End(); pt++ {
			l, ok := b.lineOf[pt]
			if !ok {
				continue
			}
			if !reached {
				marks[l] = 'x'
				continue
			}
			bt := bv.Exec(pt)
			marks[l] = markOf(bt)
			if listed(b.p.prog, pt) {
				pv.Counts[bt]++
			}
			if bt == bta.Static && rests && listed(b.p.prog, pt) {
				pv.Rests[l] = b.texts.add(basisText(answer{of: v, v: bv, at: asked{pt, ir.NoReg}}))
			}
			if bt == bta.Dynamic {
				pv.Chains[l] = b.why(asking{bv, pt, ir.NoReg})
			}
			pv.Became[l] = b.texts.add(b.became(bv, pt, seen[pt]))
		}
	}
	pv.Marks = string(marks)
	pv.Points = b.sourcePoints(v, bv, pv, seen)
	pv.Cut = b.cut
	return pv
}

// blanks are n entries of none.
func blanks(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = -1
	}
	return list
}

// notes are what the analysis says of calls and specialized points, by line.
func (b *pageBuilder) notes(bv *bta.Variant, lines int) []int {
	list := blanks(lines)
	var text bytes.Buffer
	if err := printVariantIR(&text, bv, newPalette(false)); err != nil {
		panic(err) // a buffer takes all
	}
	i := -1 // the first line is a title
	for line := range strings.Lines(text.String()) {
		line = strings.TrimSuffix(line, "\n")
		if at := strings.LastIndex(line, " ; "); at >= 0 && i >= 0 && i < lines {
			if note := line[at+len(" ; "):]; len(note) > len("SD") { // more than the mark
				list[i] = b.texts.add(strings.ToValidUTF8(note, "\uFFFD"))
			}
		}
		i++
	}
	return list
}

// A sourcePoint is a marked token while marks are gathered.
type sourcePoint struct {
	place, unit, length int
	mark                int
	use                 bool  // an operand that a variable's name stands for
	lines               []int // of IR
	chain, text         int   // of a use
}

// joinPage combines the binding times of what stands at one token.
func joinPage(a, b int) int {
	switch {
	case a == 0 || a == pageUnreached || a == b:
		return b
	case b == pageUnreached:
		return a
	}
	return pageBoth
}

// pageMark is the mark of a binding time.
func pageMark(bt bta.BindingTime) int {
	switch bt {
	case bta.Static:
		return pageStatic
	case bta.Dynamic:
		return pageDynamic
	}
	return pageBoth
}

// tokenKey is where a token begins.
type tokenKey struct{ place, unit int }

// sourcePoints are the marked tokens of a variant, by place: each a list of place,
// first unit, units, mark, kind and, of kind 0, lines of IR that stand there, of
// kind 1, a use of a variable, its chain and its text.
func (b *pageBuilder) sourcePoints(v *variant, bv *bta.Variant, pv *pageVariant, seen map[ir.Point]*pe.Observation) [][]int {
	points := map[tokenKey]*sourcePoint{}
	for _, blk := range bv.Fn.Blocks {
		for pt := blk.First; pt < blk.End(); pt++ {
			if listed(b.p.prog, pt) {
				b.sourcePoint(points, bv, pt, bv.Reached(blk))
			}
		}
	}
	for _, blk := range bv.Fn.Blocks {
		for pt := blk.First; pt < blk.End() && bv.Reached(blk); pt++ {
			if listed(b.p.prog, pt) {
				b.sourceUses(points, v, bv, pt, seen)
			}
		}
	}
	list := [][]int{}
	for _, sp := range points {
		p := []int{sp.place, sp.unit, sp.length, sp.mark}
		if sp.use {
			p = append(p, 1, sp.chain, sp.text)
		} else {
			p = append(append(p, 0), sp.lines...)
		}
		list = append(list, p)
	}
	slices.SortFunc(list, slices.Compare)
	return list
}

// sourcePoint marks the token at which pt stands.
func (b *pageBuilder) sourcePoint(points map[tokenKey]*sourcePoint, bv *bta.Variant, pt ir.Point, reached bool) {
	frames := b.p.prog.Frames(pt)
	line, ok := b.lineOf[pt]
	if len(frames) == 0 || !ok {
		return
	}
	at, unit, length := frames[0], -1, 0
	place := b.place(at.File, at.Line)
	if place == 0 {
		return
	}
	if text := b.lines(at.File); at.Line <= len(text) {
		if m := &text[at.Line-1]; at.Col > 0 && at.Col <= len(m.raw) {
			unit, length = m.span(tokenOf(m.raw, at.Col-1, b.p.prog.InstAt(pt) == nil))
		}
	}
	key := tokenKey{place, unit}
	sp := points[key]
	if sp == nil {
		sp = &sourcePoint{place: place, unit: unit, length: length}
		points[key] = sp
	}
	sp.lines = append(sp.lines, line)
	mark := pageUnreached
	if reached {
		mark = pageMark(bv.Exec(pt))
	}
	sp.mark = joinPage(sp.mark, mark)
}

// sourceUses marks the names of variables on pt's line whose values pt uses: in
// SSA form a read of a variable is no instruction of its own.
func (b *pageBuilder) sourceUses(points map[tokenKey]*sourcePoint, v *variant, bv *bta.Variant, pt ir.Point, seen map[ir.Point]*pe.Observation) {
	frames := b.p.prog.Frames(pt)
	if len(frames) == 0 {
		return
	}
	text := b.lines(frames[0].File)
	place := b.place(frames[0].File, frames[0].Line)
	if place == 0 || frames[0].Line > len(text) {
		return
	}
	m := &text[frames[0].Line-1]
	for i, op := range ir.Operands(b.p.prog.UserAt(pt)) {
		x := ir.Unwrap(*op)
		name, reg := b.names[x], bv.Fn.Reg(x)
		if name == "" || reg == ir.NoReg {
			continue
		}
		for _, t := range words(m.raw, name) {
			unit, length := m.span(t)
			key := tokenKey{place, unit}
			sp := points[key]
			if sp != nil && !sp.use {
				continue
			}
			bt := bv.Use(pt, i)
			if sp == nil {
				sp = &sourcePoint{place: place, unit: unit, length: length, use: true, chain: -1, text: -1}
				points[key] = sp
			}
			sp.mark = joinPage(sp.mark, pageMark(bt))
			if bt == bta.Dynamic && sp.chain < 0 {
				sp.chain = b.why(asking{bv, pt, reg})
			}
			if sp.text < 0 {
				sp.text = b.texts.add(b.becameValue(v, bv, x, reg, bt, seen))
			}
		}
	}
}

// becameValue tells what a register that is used holds.
func (b *pageBuilder) becameValue(v *variant, bv *bta.Variant, x value.Value, reg ir.Reg, bt bta.BindingTime, seen map[ir.Point]*pe.Observation) string {
	if bt == bta.Dynamic {
		return ""
	}
	if int(reg) < len(bv.Fn.LL.Params) {
		for _, s := range v.Static {
			if s.Param == int(reg) && bv == v.bta.Entry {
				return fmt.Sprintf("given: %v", s.Value)
			}
		}
		return "a parameter that is known here"
	}
	u, ok := x.(value.User)
	if !ok {
		return ""
	}
	pt, ok := bv.Fn.PointOf(u)
	o := seen[pt]
	if !ok || o == nil || len(o.Values) == 0 {
		return "known here"
	}
	return "the value was " + valueList(o)
}

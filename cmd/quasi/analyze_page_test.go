package main

// This file tests the page of analyze --html: what is in it without a browser, and
// how it works in one.

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"quasi/pe"
)

// pageOf makes a page and returns its path and text.
func pageOf(t *testing.T, args ...string) (path, text string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "page.html")
	mustQuasi(t, append([]string{"analyze", "-q", "--html", path}, args...)...)
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, string(page)
}

var dataElement = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

// dataOf is the data in a page.
func dataOf(t *testing.T, page string) *pageData {
	t.Helper()
	m := dataElement.FindStringSubmatch(page)
	if m == nil {
		t.Fatal("the page has no data")
	}
	text := []byte(m[1])
	var packed struct{ GZIP []byte }
	if err := json.Unmarshal(text, &packed); err != nil {
		t.Fatal(err)
	}
	if packed.GZIP != nil {
		z, err := gzip.NewReader(bytes.NewReader(packed.GZIP))
		if err != nil {
			t.Fatal(err)
		}
		if text, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	d := &pageData{}
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatal(err)
	}
	return d
}

// marked are the marked words of a variant's line, as word:mark.
func (d *pageData) marked(v *pageVariant, line int) []string {
	var list []string
	for _, p := range v.Points {
		if p[0]%placeLines != line || p[2] == 0 {
			continue
		}
		for _, s := range d.Funcs[v.Func].Sections {
			if s.File == p[0]/placeLines && line >= s.First && line < s.First+len(s.Lines) {
				text := []rune(s.Lines[line-s.First]) // the tests have no surrogates
				list = append(list, string(text[p[1]:p[1]+p[2]])+":"+string(" SD+x"[p[3]]))
			}
		}
	}
	return list
}

// becameOf are the texts on what a line of a variant became.
func (d *pageData) becameOf(v *pageVariant, line int) string {
	var list []string
	for i, at := range d.Funcs[v.Func].Places {
		if at%placeLines == line && at != 0 && v.Became[i] >= 0 {
			list = append(list, d.Texts[v.Became[i]])
		}
	}
	return strings.Join(list, "\n")
}

// chainOf are the texts of the first chain of causes of a line.
func (d *pageData) chainOf(v *pageVariant, line int) []string {
	for i, at := range d.Funcs[v.Func].Places {
		if at%placeLines != line || v.Chains[i] < 0 {
			continue
		}
		var list []string
		for c := v.Chains[i]; c >= 0; c = d.Chains[c][1] {
			cause := d.Causes[d.Chains[c][0]]
			list = append(list, d.Words[cause[causeWord]]+" "+d.Texts[cause[causeText]])
		}
		return list
	}
	return nil
}

// TestPageData checks what the page says of a loop that is unfolded: marks by
// column, what became of static code, causes and remedies of dynamic code.
func TestPageData(t *testing.T) {
	needLLVM(t)
	_, page := pageOf(t, "-e", "power", "--static", "n=5", "../../testdata/c/loop_power.c")
	d := dataOf(t, page)
	v := d.Specs[0].Variants[0]
	for line, want := range map[int][]string{
		15: {"while:S", "n:S", "--:S", ">:S"},
		16: {"r:D", "*=:D", "x:D"},
	} {
		if got := d.marked(v, line); !slices.Equal(got, want) {
			t.Errorf("line %d: got %q, want %q", line, got, want)
		}
	}
	for line, want := range map[int]string{
		15: "decided 6 times; true: 5 times, false: once",
		16: "left in residual code 5 times",
	} {
		if got := d.becameOf(v, line); !strings.Contains(got, want) {
			t.Errorf("line %d: got %q, which has no %q", line, got, want)
		}
	}
	rests := 0
	for i, at := range d.Funcs[v.Func].Places {
		if at%placeLines == 15 && v.Rests[i] >= 0 && d.Texts[v.Rests[i]] == "it rests on n = 5" {
			rests++
		}
	}
	if rests == 0 {
		t.Error("line 15: nothing rests on n = 5")
	}
	chain := d.chainOf(v, 16)
	if len(chain) == 0 || !strings.Contains(chain[len(chain)-1], "parameter x") {
		t.Errorf("line 16: the chain of causes is %q", chain)
	}
	if len(d.Roots) == 0 || !strings.Contains(d.Roots[0].Remedies[0].Flag, "--static x=") {
		t.Errorf("remedies: %+v", d.Roots)
	}
	r := d.Specs[0].Residual[0]
	linked := false
	for i, at := range r.Places {
		linked = linked || len(at) > 0 && at[0]%placeLines == 16 && strings.Contains(r.Lines[i], "mul")
	}
	if !linked {
		t.Errorf("no multiplication of %q is linked with line 16: %v", r.Lines, r.Places)
	}
}

// TestPageModes makes a page in every mode of the analysis; the head names it.
func TestPageModes(t *testing.T) {
	needLLVM(t)
	for _, c := range []struct{ flag, says string }{
		{"--division=uniform", "uniform"}, {"--monovariant", "monovariant"},
		{"--no-use-sensitivity", "no-use"}, {"--no-return-sensitivity", "no-return"},
	} {
		_, page := pageOf(t, "-e", "run", "--static", "code=&countdown", c.flag, "../../testdata/c/interpreter_stack.c")
		if !strings.Contains(page, "the "+c.says+" analysis") {
			t.Errorf("%s: the page does not name the mode", c.flag)
		}
	}
}

// TestPageEscapes puts what could break a page into the source.
func TestPageEscapes(t *testing.T) {
	needLLVM(t)
	dir := t.TempDir()
	t.Chdir(dir)
	writeFile(t, dir, "a<b&\"'.c", "/* </script><script>alert(1)</script> <!-- \xff\xfe é 😀 */\n"+
		"int twice(int x, int n)\n{\n    return /* \u2028 é */ x * n + \"</script>\\\"'\"[n]; // \xe9 </style>\n}\n"+
		"int main(int argc, char **argv) { return twice(argc, 2); }\n")
	_, page := pageOf(t, "-e", "twice", "--static", "n=2", "--when", "x != 3 && '<' < '>'", "a<b&\"'.c")
	body := dataElement.ReplaceAllString(page, "")
	if strings.Contains(body, "alert(1)") || strings.Count(page, "</script>") != 2 || strings.Count(page, "</style>") != 1 {
		t.Errorf("something of the source got out of the data:\n%s", body)
	}
	if strings.Contains(page, "\u2028") || strings.ContainsRune(body, '\uFFFD') {
		t.Error("the page has characters that were to be escaped")
	}
	d := dataOf(t, page)
	got := d.marked(d.Specs[0].Variants[0], 4)
	for _, want := range []string{"x:D", "*:D", "n:+", "+:D"} {
		if !slices.Contains(got, want) {
			t.Errorf("marks behind a character of several bytes: got %q, want %q among them", got, want)
		}
	}
}

// TestPageRepeats makes a page twice, to different places: the bytes are the same,
// and no folder of the machine is in them.
func TestPageRepeats(t *testing.T) {
	needLLVM(t)
	src, err := filepath.Abs("../../testdata/signal")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(src)
	args := []string{"--spec", "kill_usr1.yaml", "--spec", "kill_0.yaml", "signal.c", "--", "-I" + src}
	path, first := pageOf(t, args...)
	_, second := pageOf(t, args...)
	if first != second {
		t.Error("two runs made different pages")
	}
	for _, folder := range []string{src, filepath.Dir(path), os.TempDir() + "/"} {
		if i := strings.Index(first, folder); i >= 0 {
			t.Errorf("the page names a folder of this machine: ...%.200s", first[max(0, i-100):])
		}
	}
}

// TestPageFails leaves no page where something fails, and the old one where it was.
func TestPageFails(t *testing.T) {
	needLLVM(t)
	inDir(t)
	if code, _, _ := quasi("analyze", "-e", "nothing", "--html", "out.html", "power.c"); code != exitInput {
		t.Errorf("exit code %d, want %d", code, exitInput)
	}
	writeFile(t, ".", "old.html", "old")
	quasi("analyze", "-e", "nothing", "--html", "old.html", "power.c")
	if text, err := os.ReadFile("old.html"); err != nil || string(text) != "old" {
		t.Errorf("a run that fails has touched the page: %q, %v", text, err)
	}
	left, err := filepath.Glob("*.html*")
	if err != nil || !slices.Equal(left, []string{"old.html"}) {
		t.Errorf("left: %q, %v", left, err)
	}
	for _, args := range [][]string{
		{"--html", "out.html", "--json"}, {"--html", "out.html", "--why", "5"}, {"--html", "power.c"}, {"--budget", "steps=3"},
	} {
		if code, _, _ := quasi(append([]string{"analyze", "-e", "power", "power.c"}, args...)...); code != exitUsage {
			t.Errorf("%q: exit code %d, want %d", args, code, exitUsage)
		}
	}
	if code, _, stderr := quasi("analyze", "-e", "power", "power.c", "--html", "nowhere/out.html"); code != exitInput || !strings.Contains(stderr, "cannot write nowhere/out.html") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

// TestPageWithoutLLVM makes a page of IR where no LLVM program is: residual code is
// what the specializer leaves, and that is told.
func TestPageWithoutLLVM(t *testing.T) {
	inDir(t)
	t.Setenv("QUASI_LLVM", t.TempDir())
	code, _, stderr := quasi("analyze", "-e", "power", "--static", "#1=3", "--html", "out.html", "power.ll")
	if code != exitDone || !strings.Contains(stderr, "as the specializer leaves it") {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	page, err := os.ReadFile("out.html")
	if err != nil {
		t.Fatal(err)
	}
	d := dataOf(t, string(page))
	if r := d.Specs[0].Residual; len(r) != 1 || !slices.ContainsFunc(r[0].Lines, func(l string) bool { return strings.Contains(l, "mul i32 %x, 3") }) {
		t.Errorf("residual code: %+v", r)
	}
}

// browserSubjects are pages of real programs: the kill path of Linux, and libpcap's
// interpreter if make bench-bpf has fetched it.
func browserSubjects(t *testing.T) map[string][]string {
	subjects := map[string][]string{
		"signal": {"--spec", "../../testdata/signal/kill_usr1.yaml", "--spec", "../../testdata/signal/kill_0.yaml", "../../testdata/signal/signal.c"},
	}
	pcap, filters := "../../.cache/bpf/libpcap", "../../.cache/bench/bpf/filters.c"
	if _, err := os.Stat(filters); err == nil {
		subjects["bpf"] = []string{"--spec", "../../testdata/bpf/filters.yaml", pcap + "/bpf_filter.c", filters, "--", "-I" + pcap, "-I../../testdata/bpf"}
	}
	return subjects
}

// TestPageInBrowser opens the page of real subjects in Chromium, works it by the
// keyboard, and looks at colours, requests and widths.
func TestPageInBrowser(t *testing.T) {
	needLLVM(t)
	needBrowser(t)
	for name, args := range browserSubjects(t) {
		t.Run(name, func(t *testing.T) {
			path, _ := pageOf(t, args...)
			p := openPage(t, path, 1440, 900)
			p.scheme("light")
			p.want(`!document.getElementById("work").hidden`, "the page is there")
			t.Run("look", func(t *testing.T) { testPageLook(t, p, name) })
			t.Run("variants", func(t *testing.T) { testPageVariants(t, p) })
			t.Run("causes", func(t *testing.T) { testPageCauses(t, p, name) })
			t.Run("became", func(t *testing.T) { testPageBecame(t, p) })
			t.Run("sides", func(t *testing.T) { testPageSides(t, p, name) })
			t.Run("narrow", func(t *testing.T) { testPageNarrow(t, p, name) })
			p.wantQuiet()
		})
	}
}

// TestPageCompressed has the data compressed, as that of large programs is: the data
// is the same, and the browser unpacks it.
func TestPageCompressed(t *testing.T) {
	needLLVM(t)
	path, page := pageOf(t, "-e", "power", "--static", "n=5", "../../testdata/c/loop_power.c")
	d := dataOf(t, page)
	packed, err := pressed(d, 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(packed)
	if err != nil {
		t.Fatal(err)
	}
	m := dataElement.FindStringSubmatchIndex(page)
	page = page[:m[2]] + string(text) + page[m[3]:]
	if again := dataOf(t, page); !reflect.DeepEqual(again, d) {
		t.Error("the data is another one when it is unpacked")
	}
	if err := os.WriteFile(path, []byte(page), 0o666); err != nil {
		t.Fatal(err)
	}
	p := openPage(t, path, 1000, 700)
	eval[bool](p, `new Promise((done) => { const look = () => document.getElementById("work").hidden ? setTimeout(look, 10) : done(true); look(); })`)
	p.want(`document.querySelectorAll("#source .t").length > 5`, "the source is shown")
	p.wantQuiet()
}

// TestPageWithoutSource has pages of IR without debug information: the generic IR has
// the marks, also where nothing is dynamic.
func TestPageWithoutSource(t *testing.T) {
	needBrowser(t)
	inDir(t)
	for _, static := range [][]string{{"--static", "#1=3"}, {"--static", "#1=3", "--static", "#0=2"}} {
		path, _ := pageOf(t, append(static, "-e", "power", "power.ll")...)
		p := openPage(t, path, 1000, 700)
		p.want(`!document.getElementById("work").hidden`, "the page is there")
		p.want(`document.querySelector("#source .part").textContent.includes("No source is here")`, "the page says that there is no source")
		p.want(`document.querySelectorAll("#side .row.s, #side .row.d").length === 2`, "the IR has marks")
		eval[any](p, `document.querySelector("#side [role=button]").focus()`)
		p.press(keyEnter)
		p.want(`document.querySelector("#why.pinned .why-part") !== null`, "an instruction has an explanation")
		p.wantContrast(strings.Join(static, " "))
		p.wantQuiet()
	}
}

// testPageLook looks at both themes: the system's, and the one that is chosen.
func testPageLook(t *testing.T, p *browserPage, name string) {
	p = p.in(t)
	ground := func() string { return eval[string](p, `getComputedStyle(document.documentElement).backgroundColor`) }
	light := ground()
	p.press(keyTab)
	p.want(`document.activeElement.classList.contains("skip") && document.activeElement.getBoundingClientRect().width > 50`, "Tab shows the link to the content")
	p.press(keyEnter)
	p.want(`document.activeElement.id === "main"`, "the link leads to the content")
	eval[any](p, `scrollTo(0, 0)`)
	p.shot(name + "-light")
	p.wantContrast("light")
	p.scheme("dark")
	dark := ground()
	if light == dark {
		t.Errorf("the ground is %s in both themes", light)
	}
	p.wantContrast("dark")
	eval[any](p, `document.getElementById("theme").focus()`)
	p.press(keyEnter)
	if got := ground(); got != light {
		t.Errorf("after the button: the ground is %s, want %s", got, light)
	}
	p.press(keyEnter)
	if got := ground(); got != dark {
		t.Errorf("after the button again: the ground is %s, want %s", got, dark)
	}
	p.scheme("light")
	p.press(keyEnter)
}

// testPageVariants goes through the variants by the keyboard, and back.
func testPageVariants(t *testing.T, p *browserPage) {
	p = p.in(t)
	n := eval[int](p, `(document.getElementById("variants").focus(), document.querySelectorAll("#variants [role=option]").length)`)
	if n < 2 {
		t.Fatalf("%d variants", n)
	}
	selected := `document.querySelector("#variants [aria-selected=true]").id`
	title := `document.getElementById("source-title").textContent`
	for range n {
		p.press(keyUp)
	}
	was := eval[string](p, title)
	for i := 1; i < n; i++ {
		p.press(keyDown)
		if got := eval[string](p, selected); got != "v"+string(rune('0'+i)) && i < 10 {
			t.Errorf("after %d times down, %s is selected", i, got)
		}
	}
	if got := eval[string](p, title); got == was {
		t.Errorf("%s is shown for the first and the last variant", got)
	}
	for range n {
		p.press(keyUp)
	}
	p.want(`document.activeElement.id === "variants"`, "the focus stays on the list")
	if specs := eval[int](p, `document.getElementById("spec").options.length`); specs < 2 {
		t.Errorf("%d specializations to choose from", specs)
	}
	first := eval[string](p, `[...document.querySelectorAll(".summary")].find((s) => !s.hidden).querySelector("h2").textContent`)
	eval[any](p, `document.getElementById("spec").focus()`)
	p.press(keyDown)
	second := eval[string](p, `[...document.querySelectorAll(".summary")].find((s) => !s.hidden).querySelector("h2").textContent`)
	if first == second {
		t.Errorf("the summary of another specialization is %s as well", second)
	}
	p.press(keyUp)
}

// testPageCauses focuses a dynamic expression: its chain is shown, Enter goes to the
// causes and jumps, Escape comes back.
func testPageCauses(t *testing.T, p *browserPage, name string) {
	p = p.in(t)
	word := eval[string](p, `(() => {
		const t = [...document.querySelectorAll("#source .t.d")].find((t) => { t.focus(); return document.querySelectorAll("#why .cause").length > 1; });
		window.wanted = t; return t.textContent + ":" + t.dataset.i; })()`)
	p.want(`document.querySelector("#why h2").textContent.includes("is dynamic")`, word+": the explanation")
	p.want(`document.querySelectorAll("#source .badge").length > 0`, word+": badges in the source")
	p.want(`document.querySelectorAll("#why .why-part h3").length > 0`, word+": parts")
	p.press(keyEnter)
	p.want(`document.activeElement.classList.contains("cause")`, word+": Enter goes to the first cause")
	p.want(`document.getElementById("why").classList.contains("pinned")`, word+": it stays")
	p.want(`!!document.getElementById("close")`, word+": it can be closed")
	p.shot(name + "-pinned")
	p.wantContrast("a pinned explanation")
	// Where the last cause is: the row is highlighted, and the focus in it.
	n := eval[int](p, `document.querySelectorAll("#why .cause").length`)
	for range n {
		p.press(keyDown)
	}
	place := eval[string](p, `document.activeElement.textContent`)
	p.press(keyEnter)
	p.want(`!!document.activeElement.closest(".row")`, place+": Enter jumps to a line")
	p.want(`document.activeElement.closest(".row").classList.contains("lit")`, place+": the line is highlighted")
	p.want(`(() => { const r = document.activeElement.closest(".row").getBoundingClientRect(), b = document.activeElement.closest(".code").getBoundingClientRect(); return r.top >= b.top && r.bottom <= b.bottom; })()`, place+": the line is in sight")
	p.shot(name + "-jumped")
	p.press(keyEscape)
	p.want(`!document.getElementById("why").classList.contains("pinned") && !document.querySelector("#why .cause")`, "Escape closes")
	if got := eval[string](p, `(document.activeElement.textContent + ":" + document.activeElement.dataset.i)`); got != word {
		t.Errorf("after Escape the focus is on %q, want %q", got, word)
	}
	// By the pointer it is the same.
	eval[any](p, `window.wanted = document.activeElement; wanted.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}))`)
	p.want(`document.querySelectorAll("#why .cause").length > 0`, "pointing at it shows the causes")
	eval[any](p, `wanted.click()`)
	p.want(`document.getElementById("why").classList.contains("pinned")`, "a click keeps them")
	p.press(keyEscape)
}

// testPageBecame moves by arrows, and finds what static code became.
func testPageBecame(t *testing.T, p *browserPage) {
	p = p.in(t)
	eval[any](p, `document.querySelector("#source .t").focus()`)
	at := eval[string](p, `document.activeElement.dataset.i`)
	p.press(keyRight)
	if eval[string](p, `document.activeElement.dataset.i`) == at {
		t.Error("the right arrow does not move")
	}
	row := eval[string](p, `document.activeElement.closest(".row").dataset.row`)
	p.press(keyDown)
	if eval[string](p, `document.activeElement.closest(".row").dataset.row`) == row {
		t.Error("the down arrow does not move")
	}
	text := eval[string](p, `(() => { for (const t of document.querySelectorAll("#source .t.s")) { t.focus(); const w = document.getElementById("why").textContent; if (/executed|decided|unfolded/.test(w)) return w; } return ""; })()`)
	if !strings.Contains(text, "is static") || !strings.Contains(text, "What it became") {
		t.Errorf("no static expression says what it became: %q", text)
	}
}

// testPageSides goes from a source line to its residual instructions and back.
func testPageSides(t *testing.T, p *browserPage, name string) {
	p = p.in(t)
	line := eval[string](p, `(() => {
		for (const t of document.querySelectorAll("#source .t.d, #source .t.b")) { t.focus(); if (document.querySelector("#side .row.lit")) return t.closest(".row").dataset.at; }
		return ""; })()`)
	if line == "" {
		t.Fatal("no dynamic expression highlights residual code")
	}
	p.want(`(() => { const r = document.querySelector("#side .row.lit").getBoundingClientRect(), b = document.getElementById("side").getBoundingClientRect(); return r.top >= b.top - 1 && r.bottom <= b.bottom + 1; })()`, "its residual code is in sight")
	eval[any](p, `(() => { const r = document.querySelector("#side .row.lit"); document.querySelector("#source .t").focus(); r.focus(); })()`)
	if got := eval[string](p, `(document.querySelector("#source .row.lit") || {dataset: {}}).dataset.at || ""`); got != line {
		t.Errorf("the residual instruction highlights %q, want line %q", got, line)
	}
	p.press(keyDown)
	p.want(`document.activeElement.closest("#side") !== null`, "arrows move in residual code")
	eval[any](p, `document.getElementById("tab-residual").focus()`)
	p.press(keyRight)
	p.want(`document.getElementById("tab-generic").getAttribute("aria-selected") === "true" && document.activeElement.id === "tab-generic"`, "an arrow chooses the generic IR")
	p.want(`document.querySelectorAll("#side .row.s").length > 0 && document.querySelectorAll("#side .row.d").length > 0`, "the IR has marks")
	p.wantContrast("generic IR")
	eval[any](p, `document.querySelector("#side .row.d").focus()`)
	p.want(`document.querySelectorAll("#why .cause").length > 0`, "an instruction has causes")
	p.shot(name + "-generic")
	p.press(keyEscape)
	eval[any](p, `document.getElementById("tab-generic").focus()`)
	p.press(keyLeft)
}

// testPageNarrow looks at the page on a small screen, in the dark, and on paper.
func testPageNarrow(t *testing.T, p *browserPage, name string) {
	p = p.in(t)
	fits := `document.documentElement.scrollWidth <= innerWidth`
	for _, width := range []int64{320, 390, 700, 1000} {
		p.size(width, 800)
		p.want(fits, "a narrow window scrolls sideways")
	}
	p.size(390, 800)
	p.scheme("dark")
	eval[any](p, `document.getElementById("theme").click()`)
	eval[any](p, `(document.querySelector("#source .t.d").focus(), document.getElementById("source").scrollIntoView())`)
	p.shot(name + "-narrow")
	p.wantContrast("narrow and dark")
	p.size(1440, 900)
	eval[any](p, `scrollTo(0, document.body.scrollHeight)`)
	p.shot(name + "-summary")
	eval[any](p, `(scrollTo(0, 0), document.querySelector("#source .t.d").focus())`)
	p.press(keyEnter)
	p.shot(name + "-dark")
	p.press(keyEscape)
}

// TestPageBounded has no room for the IR of a function: the page says so, and
// marks nothing of it.
func TestPageBounded(t *testing.T) {
	p := modePipeline(t, twiceLL)
	if err := p.specialize(pe.Budget{}); err != nil {
		t.Fatal(err)
	}
	b := newPageBuilder(p)
	b.room = 3
	s := b.spec(p.variants[0], nil)
	d := b.finish()
	if got := d.Funcs[0].IR; len(got) != 1 || got[0] != "; 15 lines of IR are left out: the page has too many" {
		t.Errorf("got %q", got)
	}
	if v := s.Variants[0]; v.Marks != " " || len(v.Chains) != 1 {
		t.Errorf("marks of what is left out: %q", v.Marks)
	}
}

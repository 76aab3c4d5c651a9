package main

// This file opens pages in a headless Chromium, for tests of what quasi makes.

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A browserPage is a page that is open in a browser.
type browserPage struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	said     []string // on the console, and exceptions
	requests []string
}

// needBrowser skips a test where there is no Chromium.
func needBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	t.Skip("there is no chromium on this machine")
	return ""
}

// openPage opens a file in a window of the given size.
func openPage(t *testing.T, file string, width, height int64) *browserPage {
	t.Helper()
	path := needBrowser(t)
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("headless", "new"), chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(int(width), int(height)),
		chromedp.Flag("no-first-run", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-lcd-text", true),
		chromedp.CombinedOutput(io.Discard))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	quiet := func(string, ...any) {}
	ctx, end := chromedp.NewContext(alloc, chromedp.WithLogf(quiet), chromedp.WithErrorf(quiet))
	t.Cleanup(end)
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(cancel)
	p := &browserPage{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.event); err != nil {
		t.Fatalf("browser: %v", err)
	}
	call(p, network.Enable, network.EnableParams{})
	abs, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	p.do(chromedp.EmulateViewport(width, height), chromedp.Navigate((&url.URL{Scheme: "file", Path: abs}).String()))
	return p
}

// in is the page for a test inside the one that opened it.
func (p *browserPage) in(t *testing.T) *browserPage { return &browserPage{t: t, ctx: p.ctx} }

// event takes down what the page says and asks for.
func (p *browserPage) event(e any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			words = append(words, string(a.Value)+a.Description)
		}
		p.said = append(p.said, fmt.Sprintf("%s: %s", e.Type, strings.Join(words, " ")))
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		p.said = append(p.said, text)
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

// do runs actions.
func (p *browserPage) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

// call runs a command of the DevTools protocol.
func call[P, R any](p *browserPage, cmd cdp.Command[P, R], params P) R {
	p.t.Helper()
	r, err := chromedp.Call(p.ctx, cmd, params)
	if err != nil {
		p.t.Fatalf("browser: %s: %v", cmd.Method, err)
	}
	return r
}

// eval evaluates an expression in the page.
func eval[T any](p *browserPage, js string) T {
	p.t.Helper()
	x, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return x
}

// want evaluates an expression that has to be true.
func (p *browserPage) want(js, what string) {
	p.t.Helper()
	if !eval[bool](p, js) {
		p.t.Errorf("%s: %s is false", what, js)
	}
}

// press presses and releases keys, such as keyEnter. The text goes with the key: the
// browser makes a character of it only if the page lets it, as for people.
func (p *browserPage) press(keys ...rune) {
	p.t.Helper()
	for _, r := range keys {
		k := kb.Keys[r]
		e := input.DispatchKeyEventParams{Type: kb.KeyDown, Key: k.Key, Code: k.Code, Text: k.Text, UnmodifiedText: k.Unmodified,
			WindowsVirtualKeyCode: k.Windows, NativeVirtualKeyCode: k.Native}
		call(p, input.DispatchKeyEvent, e)
		e.Type, e.Text, e.UnmodifiedText = kb.KeyUp, "", ""
		call(p, input.DispatchKeyEvent, e)
	}
}

// size changes the size of the window.
func (p *browserPage) size(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
}

// scheme makes the system prefer dark or light.
func (p *browserPage) scheme(name string) {
	p.t.Helper()
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// shot takes a screenshot for people who look at the page, into the folder that
// $QUASI_SCREENSHOTS names; without one there is none.
func (p *browserPage) shot(name string) {
	p.t.Helper()
	dir := os.Getenv("QUASI_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("screenshot: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// contrastJS finds text whose colour has less contrast to its ground than 4.5
// (WCAG 2, AA), by what the browser has computed; it returns a list of complaints.
const contrastJS = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const lum = (c) => { const [r, g, b] = c.slice(0, 3).map((x) => { x /= 255; return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const over = (top, below) => { const a = top[3] / 255; return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)).concat(255); };
  const ground = (e) => { const list = []; for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); list.push(c); if (c[3] === 255) break; }
    return list.reverse().reduce((below, c) => over(c, below), [255, 255, 255, 255]); };
  const seen = new Map(), bad = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; (n = walk.nextNode());) {
    const e = n.parentElement;
    if (!n.data.trim() || ["SCRIPT", "STYLE", "NOSCRIPT", "OPTION", "METER"].includes(e.tagName) || e.closest(".hidden") || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const g = ground(e), f = over(rgba(style.color), g), key = f + "/" + g;
    if (!seen.has(key)) { const [a, b] = [lum(f), lum(g)].sort((x, y) => y - x); seen.set(key, (a + 0.05) / (b + 0.05)); }
    if (seen.get(key) < 4.5 && bad.length < 10) bad.push(e.tagName + "." + e.className + " " + JSON.stringify(n.data.slice(0, 30)) + " " + seen.get(key).toFixed(2) + " " + key);
  }
  if (seen.size < 5) bad.push("only " + seen.size + " pairs of colours were found");
  return bad;
})()`

// wantContrast checks the contrast of all text that is to be seen.
func (p *browserPage) wantContrast(what string) {
	p.t.Helper()
	for _, bad := range eval[[]string](p, contrastJS) {
		p.t.Errorf("%s: contrast: %s", what, bad)
	}
}

// wantQuiet checks that the page has said nothing, and asked for nothing but itself.
func (p *browserPage) wantQuiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.said {
		p.t.Errorf("the console has %s", s)
	}
	for i, r := range p.requests {
		if i == 0 && strings.HasPrefix(r, "file://") || strings.HasPrefix(r, "data:,") {
			continue
		}
		p.t.Errorf("the page asks for %s", r)
	}
	if len(p.requests) == 0 {
		p.t.Error("no request was seen, not even that of the page")
	}
}

// Keys by the runes that kb.Keys has them under.
var (
	keyEnter, keyEscape = runeOf(kb.Enter), runeOf(kb.Escape)
	keyTab              = runeOf(kb.Tab)
	keyDown, keyUp      = runeOf(kb.ArrowDown), runeOf(kb.ArrowUp)
	keyRight, keyLeft   = runeOf(kb.ArrowRight), runeOf(kb.ArrowLeft)
)

func runeOf(key string) rune { return []rune(key)[0] }

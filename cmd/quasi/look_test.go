package main

import "testing"

func TestLook(t *testing.T) {
	p := openPage(t, "/tmp/page/lua.html", 1600, 1000)
	p.scheme("light")
	for i := 0; i < 100 && eval[bool](p, `document.getElementById("work").hidden`); i++ {
	}
	t.Log(eval[any](p, `performance.now()`))
	t.Log(eval[any](p, `(() => { const a = performance.now(); const l = document.getElementById("variants"); l.focus(); return [document.querySelectorAll("#source .t").length, document.querySelectorAll("#side .row").length] })()`))
	p.shot("lua-light")
	t.Log(eval[any](p, `(() => { const a = performance.now(); document.querySelectorAll("#source .t.d")[150].focus(); return performance.now() - a })()`))
	p.press(keyEnter)
	p.shot("lua-focus")
	p.wantContrast("x")
	p.press(keyEscape)
	t.Log(eval[any](p, `(() => { const a = performance.now(); document.getElementById("tab-generic").click(); document.body.offsetHeight; return performance.now() - a })()`))
	p.shot("lua-generic")
	t.Log(eval[any](p, `(() => { const a = performance.now(); const s = document.getElementById("spec"); s.value = "2"; s.dispatchEvent(new Event("change")); document.body.offsetHeight; return performance.now() - a })()`))
	eval[any](p, `scrollTo(0, 99999)`)
	p.shot("lua-summary")
	p.wantQuiet()
}

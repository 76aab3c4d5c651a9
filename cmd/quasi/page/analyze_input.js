// Pointer and keyboard, and the chooser of what is shown.

let silent = false; // the focus moves to a cause: the explanation stays
function focusToken(t) {
  const old = source.querySelector('.t[tabindex="0"]');
  if (old) old.tabIndex = -1;
  t.tabIndex = 0;
  t.focus({ preventScroll: true });
  reveal(source, t.closest(".row"));
  source.scrollLeft = Math.max(0, Math.min(source.scrollLeft, t.offsetLeft - 90));
}
function look(t, scroll) {
  if (silent || (shown && shown.pinned)) return;
  explain(t, false);
  lightPlace(variant.points[t.dataset.i][0], scroll);
}
source.addEventListener("mouseover", (e) => {
  const t = e.target.closest(".t"), row = e.target.closest(".row[data-at]");
  if (t) look(t, false);
  else if (row && !(shown && shown.pinned)) lightPlace(Number(row.dataset.at), false);
});
source.addEventListener("focusin", (e) => { const t = e.target.closest(".t"); if (t) look(t, true); });
source.addEventListener("click", (e) => {
  const t = e.target.closest(".t"), row = e.target.closest(".row[data-at]");
  if (t) { focusToken(t); pin(t, false); } else if (row) lightPlace(Number(row.dataset.at), true);
});
function pin(t, enter) {
  explain(t, true);
  if (t.dataset.i !== undefined) lightPlace(variant.points[t.dataset.i][0], true);
  if (enter) (why.querySelector(".cause") || $("close")).focus();
}
source.addEventListener("keydown", (e) => {
  const t = e.target.closest(".t");
  if (!t || e.altKey || e.ctrlKey || e.metaKey) return;
  const row = t.closest(".row");
  const all = () => [...source.querySelectorAll(".t")];
  let to = null;
  switch (e.key) {
    case "ArrowRight": { const a = all(); to = a[a.indexOf(t) + 1]; break; }
    case "ArrowLeft": { const a = all(); to = a[a.indexOf(t) - 1]; break; }
    case "ArrowDown": to = near(row, t, 1); break;
    case "ArrowUp": to = near(row, t, -1); break;
    case "PageDown": to = near(index[Math.min(index.length - 1, Number(row.dataset.row) + 15)], t, 1, true); break;
    case "PageUp": to = near(index[Math.max(0, Number(row.dataset.row) - 15)], t, -1, true); break;
    case "Home": to = row.querySelector(".t"); break;
    case "End": { const a = row.querySelectorAll(".t"); to = a[a.length - 1]; break; }
    case "Enter": case " ": pin(t, true); break;
    default: return;
  }
  e.preventDefault();
  if (to) { if (shown && shown.pinned) close(false); focusToken(to); }
});
// near is the token of the next line that has some, next to where t stands.
function near(row, t, step, here) {
  const col = variant.points[t.dataset.i][1];
  for (let i = Number(row.dataset.row) + (here ? 0 : step); i >= 0 && i < index.length; i += step) {
    const ts = [...index[i].querySelectorAll(".t")];
    if (!ts.length) continue;
    return ts.reduce((a, b) => Math.abs(variant.points[b.dataset.i][1] - col) < Math.abs(variant.points[a.dataset.i][1] - col) ? b : a);
  }
  return null;
}

side.addEventListener("mouseover", (e) => { const r = e.target.closest(".row[role]"); if (r) lookSide(r, false); });
side.addEventListener("focusin", (e) => { const r = e.target.closest(".row[role]"); if (r) lookSide(r, true); });
function lookSide(r, scroll) {
  if (tab === "generic" && !(shown && shown.pinned) && r.classList.length > 1) explain(r, false);
  lightSide(r, scroll);
}
side.addEventListener("click", (e) => { const r = e.target.closest(".row[role]"); if (r) { r.focus({ preventScroll: true }); follow(r); } });
// follow goes to the source of an instruction; of generic IR it keeps the explanation.
function follow(r) {
  if (tab === "generic") { pin(r, false); lightSide(r, true); return; }
  if (lightSide(r, true)) return;
  for (const p of r.places) {
    const f = data.funcs.findIndex((f) => f.src.some((s) => Math.floor(p / PLACE) === s.file && p % PLACE >= s.first && p % PLACE < s.first + s.lines.length));
    if (f >= 0 && spec.variants.some((v) => v.fn === f)) {
      const at = r.dataset.row;
      go(f, -1, p, 0, -1);
      const again = side.querySelector('.row[data-row="' + at + '"]');
      if (again) { reveal(side, again); lightSide(again, false); }
      return;
    }
  }
}
side.addEventListener("keydown", (e) => {
  const r = e.target.closest(".row[role]") || (e.target === side ? side.querySelector('.row[tabindex="0"]') : null);
  if (!r) return;
  let to = null;
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15 }[e.key];
  if (step) {
    const all = [...side.querySelectorAll(".row[role]")];
    to = e.target === side ? r : all[Math.max(0, Math.min(all.length - 1, all.indexOf(r) + step))];
  } else if (e.key === "Enter" || e.key === " ") follow(r);
  else return;
  e.preventDefault();
  if (to) {
    r.tabIndex = -1; to.tabIndex = 0;
    to.focus({ preventScroll: true }); reveal(side, to);
  }
});

why.addEventListener("click", (e) => {
  const b = e.target.closest(".cause");
  if (!b) return;
  if (shown && !shown.pinned) { shown.pinned = true; drawWhy(); }
  const c = data.causes[b.dataset.c];
  go(c[4], c[5], c[2], c[3], c[6]);
});
function pointAt(e) {
  const b = e.target.closest(".cause");
  if (!b) return;
  const c = data.causes[b.dataset.c];
  if (c[4] === variant.fn && c[2]) lightPlace(c[2], false);
}
why.addEventListener("mouseover", pointAt);
why.addEventListener("focusin", pointAt);
why.addEventListener("keydown", (e) => {
  const b = e.target.closest(".cause");
  if (!b || (e.key !== "ArrowDown" && e.key !== "ArrowUp")) return;
  const all = [...why.querySelectorAll(".cause")];
  const to = all[all.indexOf(b) + (e.key === "ArrowDown" ? 1 : -1)];
  if (to) to.focus();
  e.preventDefault();
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || !shown) return;
  e.preventDefault();
  close(shown.pinned);
});

for (const name of ["residual", "generic"]) {
  const b = $("tab-" + name);
  b.addEventListener("click", () => { tab = name; drawSide(); });
  b.addEventListener("keydown", (e) => {
    if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
    tab = name === "residual" ? "generic" : "residual";
    drawSide();
    $("tab-" + tab).focus();
    e.preventDefault();
  });
}
$("residual").addEventListener("change", (e) => { residual = Number(e.target.value); drawSide(); });

// ---- What is shown ----

function drawOptions() {
  list.replaceChildren(...spec.variants.map((v, i) => {
    const n = v.counts[0] + v.counts[1] + v.counts[2];
    const bar = el("span", { className: "bar", "aria-hidden": "true" });
    [0, 2, 1].forEach((k) => {
      if (!v.counts[k]) return;
      const part = el("span", { className: ["s", "d", "b"][k] });
      part.style.flexGrow = String(v.counts[k]);
      bar.append(part);
    });
    const share = n ? Math.round(100 * v.counts[0] / n) + " % static" : "";
    const o = el("div", { role: "option", id: "v" + i, "aria-selected": "false" },
      el("span", { className: "name" }, el("code", {}, data.funcs[v.fn].name), el("span", { className: "muted" }, " variant " + v.id)),
      chips(v.params), bar, el("span", { className: "muted share" }, share));
    o.dataset.v = i;
    return o;
  }));
  $("filter").hidden = $("filter-label").hidden = spec.variants.length < 8;
  applyFilter();
}
function applyFilter() {
  const want = $("filter").hidden ? "" : $("filter").value.toLowerCase();
  for (const o of list.children) o.hidden = !data.funcs[spec.variants[o.dataset.v].fn].name.toLowerCase().includes(want);
}
$("filter").addEventListener("input", applyFilter);
function markOption(v) {
  for (const o of list.children) {
    const on = o.dataset.v === String(v);
    o.setAttribute("aria-selected", String(on));
    if (on) {
      list.setAttribute("aria-activedescendant", o.id);
      if (o.offsetTop < list.scrollTop || o.offsetTop + o.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = o.offsetTop - 20;
    }
  }
}
list.tabIndex = 0;
list.addEventListener("click", (e) => { const o = e.target.closest("[role=option]"); if (o) showVariant(data.specs.indexOf(spec), Number(o.dataset.v)); });
list.addEventListener("keydown", (e) => {
  const all = [...list.children].filter((o) => !o.hidden);
  let at = all.findIndex((o) => o.getAttribute("aria-selected") === "true");
  switch (e.key) {
    case "ArrowDown": at++; break;
    case "ArrowUp": at--; break;
    case "Home": at = 0; break;
    case "End": at = all.length - 1; break;
    default: return;
  }
  e.preventDefault();
  const o = all[Math.max(0, Math.min(all.length - 1, at))];
  if (o) showVariant(data.specs.indexOf(spec), Number(o.dataset.v));
});
function showSpec(s) {
  spec = data.specs[s];
  residual = 0;
  drawOptions();
  // The entry first, unless all that it does is to call what there is to see.
  const size = (v) => v.counts[0] + v.counts[1] + v.counts[2];
  let v = 0;
  if (size(spec.variants[0]) < 10) spec.variants.forEach((x, i) => { if (size(x) > size(spec.variants[v])) v = i; });
  showVariant(s, v);
}
$("spec").addEventListener("change", (e) => showSpec(Number(e.target.value)));
for (const b of document.querySelectorAll("button.go")) {
  b.addEventListener("click", () => {
    close(false);
    if (go(Number(b.dataset.fn), -1, Number(b.dataset.at), 0, -1)) $("work").scrollIntoView({ block: "start" });
  });
}
const masthead = document.querySelector(".masthead");
new ResizeObserver(() => $("work").style.setProperty("--head", masthead.offsetHeight + "px")).observe(masthead);
if (matchMedia("(max-width: 60rem)").matches) $("chooser").open = false;
$("work").hidden = false;
showSpec(0);

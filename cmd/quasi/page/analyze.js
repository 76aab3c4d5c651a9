// The page of quasi analyze --html. The data is described in analyze_page_data.go:
// functions of the generic program with their IR, and for each specialization the
// variants of its division and its residual functions. Only what is looked at is
// put into the document.
const $ = (id) => document.getElementById(id);
let data = JSON.parse($("data").textContent);
if (data && data.gzip) data = await unpack(data.gzip);
const PLACE = 1000000; // placeLines
const names = ["", "static", "dynamic", "static and dynamic", "not reached"];
const classes = ["", "s", "d", "b", "n"];
const signs = ["", "S", "D", "SD", "–"];
const ofSign = { S: 1, D: 2, "+": 3, x: 4 };
const remedies = new Map(data.roots.map((r) => [r.cause, r]));

const source = $("source"), side = $("side"), why = $("why"), list = $("variants");
let spec, variant, fn; // what is shown
let residual = 0, tab = "residual";
let shown = null;      // the explanation in the panel: {item, pinned, origin}
let rows = new Map();  // place to the rows of the source
let index = [];        // row of the source by number, for arcs
let sideRows = new Map(); // place to rows beside it
const rowHeight = () => parseFloat(getComputedStyle(source).getPropertyValue("--row-px")) || 20;

// el makes an element; props are properties, and attributes where there is a dash or role.
function el(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const k in props) {
    if (k === "role" || k.includes("-")) e.setAttribute(k, props[k]);
    else e[k] = props[k];
  }
  e.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return e;
}

// unpack reads JSON that is compressed, in base64.
async function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// A cause is a list in the data, see pageCause.
const causeText = (c) => data.words[c[0]] + " " + data.texts[c[1]];
const fileOf = (place) => data.files[Math.floor(place / PLACE)];
const short = (place) => fileOf(place).replace(/^.*\//, "") + ":" + (place % PLACE);
const causeWhere = (c) => (c[2] ? short(c[2]) : "") + (c[4] === variant.fn ? "" : " in " + data.funcs[c[4]].name);

// ---- The source ----

function showVariant(s, v, keep) {
  spec = data.specs[s]; variant = spec.variants[v]; fn = data.funcs[variant.fn];
  $("spec").value = String(s);
  for (const section of document.querySelectorAll(".summary, .given")) section.hidden = section.dataset.spec !== String(s);
  markOption(v);
  drawDivision();
  drawSource();
  if (!keep) close(false);
  drawSide();
}

function drawDivision() {
  const box = $("division");
  $("source-title").replaceChildren("Source of ", el("code", {}, fn.name));
  box.replaceChildren(chips(variant.params));
  if (variant.mem.length) {
    box.append(el("details", {}, el("summary", {}, "Static memory at entry (" + variant.mem.length + ")"),
      el("ul", {}, ...variant.mem.map((m) => el("li", {}, el("code", {}, m))))));
  }
  if (fn.peeled) box.append(el("p", {}, "A copy of the function is specialized in which the first rounds of its loop stand apart: every line is there twice."));
  if (variant.cut) box.append(el("p", { className: "warn" }, "There is too much that is dynamic: some of it has no causes in this page."));
}

// chips shows a division such as sig:S pid:D.
function chips(params) {
  const box = el("span", { className: "chips" });
  for (const p of params) {
    const at = p.lastIndexOf(":"), mark = p.slice(at + 1);
    const k = mark === "S" ? 1 : mark === "D" ? 2 : 3;
    box.append(el("span", { className: "chip " + classes[k], title: p.slice(0, at) + " is " + names[k] }, p.slice(0, at) + ":" + mark), " ");
  }
  if (params.length === 0) box.append("no parameters");
  return box;
}

const chunkRows = 120;
function fill(box, made) {
  box.replaceChildren();
  for (let i = 0; i < made.length; i += chunkRows) {
    const part = made.slice(i, i + chunkRows);
    const chunk = el("div", { className: "chunk" }, ...part);
    chunk.style.setProperty("--rows", String(part.length));
    box.append(chunk);
  }
}

function drawSource() {
  rows = new Map(); index = [];
  const points = new Map();
  variant.points.forEach((p, i) => { if (!points.has(p[0])) points.set(p[0], []); points.get(p[0]).push(i); });
  const made = [];
  for (const s of fn.src) {
    if (s.title) made.push(el("div", { className: "row part" }, el("span", { className: "tx" }, s.title)));
    let comment = false;
    s.lines.forEach((text, i) => {
      const place = s.file * PLACE + s.first + i;
      const at = points.get(place) || [];
      const mark = lineMark(at);
      const [ranges, open] = comments(text, comment);
      comment = open;
      const row = el("div", { className: "row " + classes[mark] },
        el("span", { className: "badges" }),
        el("span", { className: "mk", title: names[mark] }, signs[mark]),
        el("span", { className: "no" }, String(s.first + i)),
        tokens(text, at, ranges));
      row.dataset.at = place;
      row.dataset.row = made.length;
      if (!rows.has(place)) rows.set(place, []);
      rows.get(place).push(row);
      made.push(row);
    });
  }
  if (made.length === 0) {
    made.push(el("div", { className: "row part" }, el("span", { className: "tx" }, "No source is here: the IR beside this has the marks.")));
    tab = "generic";
  }
  index = made;
  fill(source, made);
  source.append(arcs);
  const first = source.querySelector(".t");
  if (first) first.tabIndex = 0;
  source.scrollTop = 0;
}

function lineMark(at) {
  let seen = 0, any = 0;
  for (const i of at) {
    const p = variant.points[i];
    if (p[4] === 0) seen |= 1 << p[3];
    any |= 1 << p[3];
  }
  seen = seen || any;
  if (seen & 8 || (seen & 2 && seen & 4)) return 3;
  return seen & 2 ? 1 : seen & 4 ? 2 : seen & 16 ? 4 : 0;
}

// comments are the ranges of a line that are comments, and whether one stays open.
function comments(text, open) {
  const ranges = [];
  let i = 0;
  for (;;) {
    if (open) {
      const end = text.indexOf("*/", i);
      if (end < 0) { ranges.push([i, text.length]); return [ranges, true]; }
      ranges.push([i, end + 2]);
      i = end + 2; open = false;
    }
    const m = /\/\/|\/\*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/.exec(text.slice(i));
    if (!m) return [ranges, false];
    const at = i + m.index;
    if (m[0] === "//") { ranges.push([at, text.length]); return [ranges, false]; }
    if (m[0] === "/*") {
      const end = text.indexOf("*/", at + 2);
      if (end < 0) { ranges.push([at, text.length]); return [ranges, true]; }
      ranges.push([at, end + 2]);
      i = end + 2;
    } else i = at + m[0].length;
  }
}

function tokens(text, at, ranges) {
  const box = el("span", { className: "tx" });
  let from = 0;
  const plain = (to) => {
    while (from < to) {
      const r = ranges.find((r) => r[1] > from && r[0] < to);
      const stop = !r ? to : r[0] > from ? r[0] : Math.min(r[1], to);
      const piece = text.slice(from, stop);
      box.append(r && r[0] <= from ? el("span", { className: "comment" }, piece) : piece);
      from = stop;
    }
  };
  for (const i of at) {
    const p = variant.points[i];
    if (p[1] < from || p[2] === 0) continue;
    plain(p[1]);
    const word = text.slice(p[1], p[1] + p[2]);
    const t = el("span", { className: "t " + classes[p[3]], role: "button", tabIndex: -1, "aria-label": word + ", " + names[p[3]] }, word);
    t.dataset.i = i;
    box.append(t);
    from = p[1] + p[2];
  }
  plain(text.length);
  return box;
}

// ---- Code beside it ----

function drawSide() {
  sideRows = new Map();
  for (const name of ["residual", "generic"]) {
    const b = $("tab-" + name);
    b.setAttribute("aria-selected", String(tab === name));
    b.tabIndex = tab === name ? 0 : -1;
  }
  side.setAttribute("aria-labelledby", "tab-" + tab);
  const pick = $("residual");
  pick.hidden = tab !== "residual" || spec.residual.length === 0;
  pick.replaceChildren(...spec.residual.map((r, i) => el("option", { value: String(i) }, r.name + " (" + r.insts + ")")));
  residual = Math.min(residual, Math.max(spec.residual.length - 1, 0));
  pick.value = String(residual);
  const made = [];
  const add = (text, places, mark, i) => {
    const row = el("div", { className: "row " + classes[mark || 0] },
      el("span", { className: "mk" }, mark ? signs[mark] : ""),
      el("span", { className: "no" }, lineOf(places)),
      el("span", { className: "tx" }, text));
    if (places.length) row.title = places.map(short).join(", inlined at ");
    row.dataset.row = i;
    if (places.length || mark) { row.tabIndex = -1; row.setAttribute("role", "button"); }
    if (places.length) row.dataset.at = places[0];
    places.forEach((p, k) => {
      if (!sideRows.has(p)) sideRows.set(p, []);
      sideRows.get(p).push([row, k]);
    });
    row.places = places;
    made.push(row);
  };
  if (tab === "generic") {
    fn.ir.forEach((text, i) => {
      const note = variant.notes[i] >= 0 ? "  ; " + data.texts[variant.notes[i]] : "";
      add(text + note, fn.at[i] ? [fn.at[i]] : [], ofSign[variant.marks[i]], i);
    });
  } else if (spec.residual.length) {
    spec.residual[residual].ir.forEach((text, i) => add(text, spec.residual[residual].at[i], 0, i));
  } else {
    made.push(el("div", { className: "row part" }, el("span", { className: "tx" }, "No residual function was made.")));
  }
  fill(side, made);
  const first = side.querySelector("[role=button]");
  if (first) first.tabIndex = 0;
  side.scrollTop = 0;
}

// lineOf is the source line of an instruction: that of the function on the left if
// it is inlined there, else its own.
function lineOf(places) {
  if (!places.length) return "";
  return String((places.find((p) => rows.has(p)) || places[0]) % PLACE);
}

let lit = [];
function unlight() {
  for (const r of lit) r.classList.remove("lit", "lit2");
  lit = [];
}
function light(row, c) { row.classList.add(c || "lit"); lit.push(row); }

// lightPlace highlights a source line and what comes of it; scroll brings that into view.
function lightPlace(place, scroll) {
  unlight();
  for (const r of rows.get(place) || []) light(r);
  const beside = sideRows.get(place) || [];
  for (const [r, k] of beside) light(r, k === 0 ? "lit" : "lit2");
  if (scroll && beside.length) reveal(side, (beside.find((b) => b[1] === 0) || beside[0])[0]);
  return beside.length;
}

// lightSide highlights the source line of an instruction.
function lightSide(row, scroll) {
  unlight();
  light(row);
  for (const p of row.places || []) {
    const found = rows.get(p);
    if (!found) continue;
    for (const r of found) light(r);
    if (scroll) reveal(source, found[0]);
    return true;
  }
  return false;
}

// reveal scrolls box so that row is in its middle, if it is not to be seen.
function reveal(box, row) {
  const at = Number(row.dataset.row) * rowHeight(), h = box.clientHeight;
  if (at < box.scrollTop + rowHeight() || at > box.scrollTop + h - 2 * rowHeight()) box.scrollTop = at - h / 2;
  const b = box.getBoundingClientRect();
  if (b.top > innerHeight - 60 || b.bottom < 60) box.scrollIntoView({ block: "nearest" });
}

// ---- Explanations ----

function chainOf(n) {
  const out = [];
  for (; n >= 0; n = data.chains[n][1]) out.push(data.chains[n][0]);
  return out;
}

// item is what is to be said of a token or of a line of IR.
function itemOf(target) {
  if (target.dataset.i !== undefined) {
    const p = variant.points[target.dataset.i];
    const item = { word: target.textContent, mark: p[3], place: p[0], lines: [], chains: [], text: "" };
    if (p[4] === 1) {
      item.use = true;
      if (p[5] >= 0) item.chains = [p[5]];
      if (p[6] >= 0) item.text = data.texts[p[6]];
    } else item.lines = p.slice(5);
    return chains(item);
  }
  const i = Number(target.dataset.row);
  return chains({ word: fn.ir[i].trim().split(" ; ")[0], mark: ofSign[variant.marks[i]] || 0, place: fn.at[i], lines: [i], chains: [], text: "", ir: true });
}
function chains(item) {
  for (const l of item.lines) {
    const c = variant.why[l];
    if (c >= 0 && !item.chains.includes(c)) item.chains.push(c);
  }
  item.more = Math.max(0, item.chains.length - 3);
  item.chains.length -= item.more;
  return item;
}

function explain(target, pinned) {
  const item = itemOf(target);
  if (!item.mark) return;
  shown = { item, pinned, target, fn: variant.fn, spec: data.specs.indexOf(spec), variant: spec.variants.indexOf(variant) };
  drawWhy();
  drawChain();
}

function drawWhy() {
  const { item, pinned } = shown;
  const where = item.place ? fileOf(item.place) + ":" + (item.place % PLACE) : fn.name;
  const head = el("div", { className: "why-head" },
    el("h2", {}, el("code", { className: "t " + classes[item.mark] }, item.word), " is " + names[item.mark]),
    el("span", { className: "muted" }, where));
  if (pinned) {
    const x = el("button", { type: "button", id: "close" }, "Close ", el("kbd", {}, "Esc"));
    x.addEventListener("click", () => close(true));
    head.append(x);
  }
  const body = el("div", { className: "why-body" });
  item.chains.forEach((c, n) => body.append(causes(chainOf(c), n)));
  if (item.more) body.append(el("p", { className: "muted" }, "There are more reasons here (" + item.more + "): each instruction of the generic IR has its own."));
  const became = el("div", { className: "why-part" });
  const list = el("ul", { className: "plain" });
  const said = new Set();
  const say = (sign, text) => {
    if (!text || said.has(sign + text)) return;
    said.add(sign + text);
    list.append(el("li", {}, sign ? el("code", {}, sign) : "", sign ? ": " : "", text));
  };
  if (item.mark === 4) say("", "The analysis never gets here: what is known decides against it.");
  if (item.use) say("", item.text);
  for (const l of item.lines) {
    const t = variant.became[l];
    say(operation(fn.ir[l]), t >= 0 ? data.texts[t] : "");
    if (variant.notes[l] >= 0) say(operation(fn.ir[l]), "the analysis: " + data.texts[variant.notes[l]].replace(/^(SD|S|D) /, ""));
  }
  const rests = new Set(item.lines.map((l) => variant.rests[l]).filter((r) => r >= 0).map((r) => data.texts[r]));
  if (rests.size) body.append(el("div", { className: "why-part" }, el("h3", {}, "Why"), el("ul", { className: "plain" }, ...[...rests].map((r) => el("li", {}, r)))));
  if (list.children.length) {
    became.append(el("h3", {}, "What it became"), list);
    body.append(became);
  }
  if (item.mark === 3 && item.chains.length === 0) {
    body.prepend(el("p", {}, item.use ? "Known while specializing, and put into residual code as a constant." : "Executed while specializing, and residual code needs it too."));
  }
  why.classList.toggle("pinned", pinned);
  why.replaceChildren(head, body);
}

// operation is the name of what a line of IR does.
function operation(text) {
  const m = /^\s*(?:%\S+ = )?(?:tail |musttail |notail )?([a-z]+)/.exec(text);
  return m ? m[1] : "";
}

function causes(chain, n) {
  const box = el("div", { className: "why-part" });
  box.append(el("h3", {}, n === 0 ? "Why" : "Another reason"));
  const ol = el("ol", { className: "chain" });
  chain.forEach((c, i) => {
    const cause = data.causes[c];
    const b = el("button", { type: "button", className: "cause" },
      el("span", { className: "badge" }, String(i + 1)), el("span", {}, causeText(cause) + " ", el("span", { className: "muted" }, causeWhere(cause))));
    b.dataset.c = c;
    ol.append(el("li", {}, b));
  });
  box.append(ol);
  const root = remedies.get(chain[chain.length - 1]);
  if (root) {
    box.append(el("h3", {}, "What would make it static"), el("ul", { className: "plain" }, ...root.remedies.map((r) =>
      el("li", {}, r.text, r.flag ? ": " : "", r.flag ? el("code", {}, r.flag) : ""))));
    if (root.remedies.length > 1) box.append(el("p", { className: "muted" }, "All of these together" + (root.checked ? "; tried for one expression with this cause, and none can be left out." : ".")));
    else if (root.checked) box.append(el("p", { className: "muted" }, "Tried for one expression with this cause: it is enough."));
  }
  return box;
}

// ---- The chain in the source: badges at its lines, arrows from line to line ----

const ns = "http://www.w3.org/2000/svg";
const arcs = document.createElementNS(ns, "svg");
arcs.setAttribute("class", "arcs");
arcs.setAttribute("aria-hidden", "true");

function drawChain() {
  for (const b of source.querySelectorAll(".badges")) if (b.firstChild) b.replaceChildren();
  for (const r of source.querySelectorAll(".row.origin")) r.classList.remove("origin");
  arcs.replaceChildren();
  if (!shown) return;
  const here = [], numbers = new Map();
  const { item } = shown;
  if (shown.fn === variant.fn && item.place) {
    const r = (rows.get(item.place) || [])[0];
    if (r) { r.classList.add("origin"); here.push(r); }
  }
  if (item.chains.length) {
    chainOf(item.chains[0]).forEach((c, i) => {
      const cause = data.causes[c];
      const r = cause[4] === variant.fn && (rows.get(cause[2]) || [])[0];
      if (!r) return;
      if (!numbers.has(r)) numbers.set(r, []);
      numbers.get(r).push(i + 1);
      if (here[here.length - 1] !== r) here.push(r);
    });
  }
  for (const [r, n] of numbers) {
    const text = n.length === 1 ? n[0] : n[n.length - 1] - n[0] === n.length - 1 ? n[0] + "–" + n[n.length - 1] : n[0] + "…" + n[n.length - 1];
    r.querySelector(".badges").append(el("span", { className: "badge" }, String(text)));
  }
  const h = rowHeight(), box = source.querySelector(".badges");
  const end = box ? box.offsetWidth - 22 : 24;
  arcs.setAttribute("height", String(index.length * h));
  arcs.setAttribute("width", "28");
  for (let i = 1; i < here.length; i++) {
    const y1 = (Number(here[i - 1].dataset.row) + 0.5) * h, y2 = (Number(here[i].dataset.row) + 0.5) * h;
    const bulge = Math.max(3, end - 3 - Math.min(18, Math.abs(y2 - y1) / 8));
    const p = document.createElementNS(ns, "path");
    p.setAttribute("d", `M ${end} ${y1} C ${bulge} ${y1}, ${bulge} ${y2}, ${end} ${y2} m -4 -3.5 l 4 3.5 l -4 3.5`);
    arcs.append(p);
  }
}

function close(back) {
  const was = shown;
  shown = null;
  drawChain();
  unlight();
  why.classList.remove("pinned");
  why.replaceChildren(el("p", { className: "muted hint" }, "Point at a marked expression, or move there with Tab and the arrow keys, to see why it is dynamic or what it became."));
  if (!back || !was) return;
  silent = true;
  goBack(was);
  silent = false;
}

// goBack puts the focus where an explanation was asked for.
function goBack(was) {
  if (was.spec !== data.specs.indexOf(spec) || was.variant !== spec.variants.indexOf(variant)) {
    showVariant(was.spec, was.variant, true);
    const again = was.target.dataset.i !== undefined ? source.querySelector('.t[data-i="' + was.target.dataset.i + '"]') : null;
    if (again) focusToken(again);
    return;
  }
  if (was.target.isConnected) was.target.classList.contains("t") ? focusToken(was.target) : was.target.focus();
}

// go shows a place of a function, or a line of its IR, under a variant of it; -1
// for the first there is.
function go(fnIndex, id, place, col, line) {
  if (fnIndex >= 0 && (fnIndex !== variant.fn || (id >= 0 && variant.id !== id))) {
    let v = spec.variants.findIndex((x) => x.fn === fnIndex && x.id === id);
    if (v < 0) v = spec.variants.findIndex((x) => x.fn === fnIndex);
    if (v < 0) return false;
    showVariant(data.specs.indexOf(spec), v, true);
    drawChain();
  }
  const row = (rows.get(place) || [])[0];
  if (row) {
    lightPlace(place, true);
    flash(row);
    reveal(source, row);
    const ts = [...row.querySelectorAll(".t")];
    const t = ts.find((t) => variant.points[t.dataset.i][1] === col - 1) || ts[0];
    if (t) { silent = true; focusToken(t); silent = false; } else { row.tabIndex = -1; row.focus({ preventScroll: true }); }
    return true;
  }
  if (line >= 0) {
    tab = "generic"; drawSide();
    const r = side.querySelector('.row[data-row="' + line + '"]');
    if (r) { flash(r); light(r); reveal(side, r); r.focus({ preventScroll: true }); }
    return true;
  }
  return false;
}
function flash(row) {
  row.classList.remove("flash");
  void row.offsetWidth; // begins the animation anew
  row.classList.add("flash");
}

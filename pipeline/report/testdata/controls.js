// What the tests do in the page, whatever controls and figures it has.
globalThis.tests = (() => {
  const kinds = "a[href], button, select, input, textarea, summary, [tabindex='0']";
  const visible = e => e.checkVisibility({visibilityProperty: true}) && !e.disabled;
  const controls = (of = kinds) => [...document.querySelectorAll(of)].filter(visible);
  const figureOf = e => { const card = e.closest("section[id]"); return card ? card.id : "the page"; };
  const name = e => (e.getAttribute("aria-label") || (e.labels && e.labels[0] ? (e.type === "checkbox" ? e.labels[0] : e.labels[0].firstChild).textContent : "") || e.textContent || e.id || e.tagName).trim().slice(0, 60) + " of " + figureOf(e);
  const view = id => views.find(v => v.figure.id === id);
  const t = {reached: new Set(), unseen: [], files: 0, controls, name};

  t.drawn = () => new Promise(done => requestAnimationFrame(() => setTimeout(done, 60)));
  // soon waits a second for something that is true.
  t.soon = async what => {
    for (let i = 0; i < 50; i++) {
      if (what()) return true;
      await new Promise(done => setTimeout(done, 20));
    }
    return false;
  };
  t.open = () => document.querySelectorAll("details").forEach(d => { d.open = true; });

  // arrive notes what has the focus, and whether it can be seen; false at the end of the page.
  t.arrive = () => {
    const e = document.activeElement;
    if (!e || e === document.body || e === document.documentElement || t.reached.has(e)) return false;
    t.reached.add(e);
    const s = getComputedStyle(e);
    if (s.outlineStyle === "none" && s.boxShadow === "none") t.unseen.push(name(e));
    return true;
  };

  // catchFiles counts files in place of saving them.
  t.catchFiles = () => { HTMLAnchorElement.prototype.click = function() { t.files++; }; };

  let marked = [], before = "", current = null;
  // snapshot is what a control may change, but for the focus.
  const snapshot = () => [location.hash, t.files, document.querySelectorAll("details[open]").length, document.activeElement.tagName === "TEXTAREA", scrollY,
    [...document.querySelectorAll("select, input")].map(s => s.type === "checkbox" ? s.checked : s.value).join(),
    [...(current.closest("main section") || document).querySelectorAll(".extra, .codes, svg")].map(e => [e.hidden, e.innerHTML.length]).join(),
    document.getElementById("said").textContent, [...document.querySelectorAll(".tip:not([hidden])")].map(e => e.textContent).join(),
    [...document.querySelectorAll("[aria-sort]")].map(e => e.getAttribute("aria-sort")).join()].join("|");
  t.mark = of => { marked = controls(of); return marked.map(name); };
  const kindOf = e => e.matches("select") ? "select" : e.matches("[type=checkbox]") ? "checkbox" : e.matches("[role=application]") ? "chart" : e.tagName.toLowerCase();
  // begin gives a control the focus, and notes how the page is.
  t.begin = async i => {
    current = marked[i];
    const closed = current.closest("details:not([open])");
    if (closed && current.tagName !== "SUMMARY") closed.open = true; // by the test of its summary
    if (!current.isConnected || !visible(current)) {
      const same = current.id && document.getElementById(current.id); // the page has made it anew
      if (!same || !visible(same)) return "gone";
      current = marked[i] = same;
    }
    if (current.matches("textarea, a[href^='http'], .scroll")) return "gone"; // nothing to be used, or the way out
    current.scrollIntoView({block: "center", behavior: "instant"});
    current.focus({preventScroll: true, focusVisible: true});
    await new Promise(requestAnimationFrame);
    before = snapshot();
    return kindOf(current);
  };
  t.changed = () => snapshot() !== before;
  t.focused = () => document.activeElement === current || document.activeElement.id === current.id;
  t.said = () => document.getElementById("said").textContent;
  // saves says of a button that it saves a file, which in a test would lie somewhere.
  t.saves = () => current.tagName === "BUTTON" && /PNG|SVG|CSV|\.csv|^Save/.test(name(current));
  t.middle = i => { const r = marked[i].getBoundingClientRect(); return [(r.left + r.right) / 2, (r.top + r.bottom) / 2]; };
  // small is the size of a control that a finger does not meet (WCAG 2.5.8: 24 pixels), or "".
  t.small = i => {
    const e = marked[i], r = (e.type === "checkbox" && e.labels[0] ? e.labels[0] : e).getBoundingClientRect();
    return r.height > 0 && r.height < 23.5 ? Math.round(r.width) + " by " + Math.round(r.height) : "";
  };

  // Figures that have marks.
  t.charts = () => views.filter(v => v.box && v.box.isConnected && v.marks && v.marks.length > 0).map(v => v.figure.id);
  let chosen = [], of = null, hash = "";
  // choose takes some marks of a figure that have a place, from the first to the last, and says how many.
  t.choose = (id, most) => {
    of = view(id);
    state.set({figure: null});
    hash = location.hash;
    const shown = of.marks.filter(m => of.plane || (m.node && m.node.getClientRects().length > 0));
    const step = Math.max(1, (shown.length - 1) / Math.max(1, most - 1));
    chosen = [...new Set(Array.from({length: Math.min(most, shown.length)}, (_, k) => shown[Math.min(shown.length - 1, Math.round(k * step))]))];
    return chosen.length;
  };
  t.place = async i => {
    const m = chosen[i];
    (m.node || of.box).scrollIntoView({block: "center", behavior: "instant"});
    await t.drawn();
    if (m.node) return on(m.node);
    const r = of.svg.getBoundingClientRect();
    return [r.left + m.x, r.top + (of.plane.top + of.plane.bottom) / 2];
  };
  // on is a point where a shape is met: its middle, or else another, for the middle of a country may lie in its neighbour. An empty
  // list says that other shapes cover it.
  const on = node => {
    const r = node.getBoundingClientRect(), met = (x, y) => { const e = document.elementFromPoint(x, y); return e && (e === node || node.contains(e)); };
    const middle = [(r.left + r.right) / 2, (r.top + r.bottom) / 2];
    if (!of.pointed || met(...middle)) return middle;
    for (let i = 1; i < 30; i++) for (let j = 1; j < 30; j++) {
      const at = [r.left + r.width * i / 30, r.top + r.height * j / 30];
      if (met(...at)) return at;
    }
    return [];
  };
  // about is what the mark in this place is said to be. Of marks in one place any will do.
  t.about = i => {
    const m = chosen[i], at = of.at >= 0 ? of.marks[of.at] : null;
    if (at && at !== m && at.node && m.node) {
      const a = at.node.getBoundingClientRect(), b = m.node.getBoundingClientRect();
      if (Math.hypot(a.left - b.left, a.top - b.top) < 3) return at.said;
    }
    return m.said;
  };
  t.tip = id => { const tip = view(id).tip; return tip && !tip.hidden ? tip.textContent : ""; };
  t.opened = id => !view(id).codes.hidden || location.hash !== hash; // or it led to another figure
  t.close = id => { const v = view(id); v.codes.hidden = true; v.leave(); };

  // shares are those of bars by sector, as counted in the release itself at the thresholds in use.
  t.shares = () => views.flatMap(v => v.figure.variants.filter(a => a.mode === 0 && a.choice === v.figure.in_use && a.weight === 0 && a.figure.bars)
    .flatMap(a => (a.all || a.figure.bars).groups.filter(g => g.key).flatMap(g => g.bars.map(b => ({table: a.figure.table, key: g.key, year: b.year, share: b.share})))));

  // set chooses the last option of a switch that is not chosen, and returns the link's state and what is shown.
  t.set = id => {
    const select = document.getElementById(id);
    if (!select) return [];
    const other = [...select.options].reverse().find(o => !o.selected);
    if (!other) return [];
    select.value = other.value;
    select.dispatchEvent(new Event("change"));
    return t.state(id);
  };
  t.state = id => {
    const select = document.getElementById(id), v = views.find(v => v.section.contains(select));
    if (!select) return ["the switch is not there"];
    return [v.link().split("#")[1], select.selectedOptions[0].text, v.title.textContent, v.stage.innerText,
      [...v.section.querySelectorAll("select")].map(s => s.selectedOptions[0].text).join()];
  };
  return t;
})();

"use strict";
// The page shows what is in the element #data; what each field means stands in
// page.go. All text reaches the page as text nodes, never as markup.

const page = JSON.parse(document.getElementById("data").textContent);
const data = new Map(); // of countries, by id: {country, rows by key, places by key}
let country = page.country; // that is shown

// receive takes data of a country. The scripts beside the page call it.
function receive(id, given) {
  if (!data.has(id)) data.set(id, {country: null, rows: new Map(), places: new Map()});
  const d = data.get(id);
  if (given.country) d.country = given.country;
  for (const p of given.parts) d.rows.set(p.key, [...(d.rows.get(p.key) || []), ...p.rows]);
  for (const p of given.places || []) d.places.set(p.key, [...(d.places.get(p.key) || []), p.script]);
}

const loading = new Map(); // promises by script

function load(script) {
  if (!loading.has(script)) {
    loading.set(script, new Promise((done, fail) => {
      document.head.append(el("script", {src: script, load: done, error: () => {
        loading.delete(script);
        fail(new Error(script + " can't be read: the folder " + script.split("/")[0] + " must lie beside the page"));
      }}));
    }));
  }
  return loading.get(script);
}

// rowsOf gives the rows of a key of a country, from wherever they are.
async function rowsOf(id, key) {
  const d = data.get(id);
  for (const script of d.places.get(key) || []) await load(script); // in the order of the rows
  return d.rows.get(key) || [];
}

// The state of the page stands in the address: country=USA&figure=figure14&figure14.choice=2
const state = {
  get: name => new URLSearchParams(location.hash.slice(1)).get(name),
  set(changes) {
    const all = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    for (const [name, value] of Object.entries(changes)) value === null ? all.delete(name) : all.set(name, value);
    history.replaceState(null, "", "#" + all);
  },
};
const dark = matchMedia("(prefers-color-scheme: dark)");

// el makes an element: el("p", {class: "note"}, "text", child, …).
function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (typeof value === "function") e.addEventListener(name, value);
    else if (value !== false && value !== null) e.setAttribute(name, value === true ? "" : value);
  }
  e.append(...children);
  return e;
}

function say(text) { document.getElementById("said").textContent = text; }

function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim(); }

const formats = {
  usd: v => "$" + v.toLocaleString("en-US", {maximumFractionDigits: 0}),
  share: v => (100 * v).toFixed(1) + "%",
  ratio: v => v.toLocaleString("en-US", {maximumFractionDigits: 2}),
};

function shortDollars(v) {
  for (const [of, name] of [[1e12, "tn"], [1e9, "bn"], [1e6, "m"], [1e3, "k"]]) if (Math.abs(v) >= of) return "$" + +(v / of).toPrecision(3) + name;
  return "$" + v;
}

// tableOf makes a table that scrolls within itself where the page is narrow.
function tableOf(name, head, rows) {
  return el("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Table: " + name},
    el("table", {}, el("thead", {}, ...head), el("tbody", {}, ...rows)));
}

function headRow(names) { return el("tr", {}, ...names.map(n => el("th", {scope: "col"}, n))); }

function row(name, texts, cls) {
  return el("tr", {class: cls || false}, el("th", {scope: "row"}, name), ...texts.map(t => el("td", {}, t)));
}

function barTable(name, bars) {
  const years = bars.groups.length ? bars.groups[0].bars.map(b => b.year) : [];
  return tableOf(name, [headRow(["Sector", ...years.map(String)])],
    bars.groups.map(g => row(g.name, g.bars.map(b => b.text + (b.low && b.share !== null ? "*" : "")))));
}

function lineTable(name, lines) {
  return tableOf(name, [headRow(["Period", ...lines.series.map(s => s.name)])],
    lines.periods.map((p, i) => row(p, lines.series.map(s => s.texts[i]))));
}

// sortByHead makes the heads of a table buttons that sort its rows.
function sortByHead(head, values, rows, body) {
  const key = (r, i) => i < 0 ? r.name : r.cells[i].value ?? r.cells[i].text;
  [...head.cells].forEach((th, at) => {
    const text = th.textContent;
    th.replaceChildren(el("button", {type: "button", class: "sort", click: () => {
      const down = th.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of head.cells) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", down > 0 ? "ascending" : "descending");
      const order = values.map((r, i) => [key(r, at - 1), i]).sort(([a], [b]) => typeof a === typeof b ? (typeof a === "number" ? a - b : a.localeCompare(b)) * down : typeof a === "number" ? -1 : 1);
      body.replaceChildren(...order.map(([, i]) => rows[i]));
      say("sorted by " + text);
    }}, text));
  });
}

function gridTable(name, grid, sortable) {
  const above = [];
  grid.columns.forEach(c => above.length && above[above.length - 1].name === c.above ? above[above.length - 1].span++ : above.push({name: c.above, span: 1}));
  const head = [];
  if (above.some(a => a.name)) head.push(el("tr", {}, el("td", {}), ...above.map(a => el("th", {colspan: a.span, scope: "colgroup"}, a.name))));
  head.push(el("tr", {}, el("th", {scope: "col"}, grid.head[0]), ...grid.columns.map(c => el("th", {scope: "col", class: c.in_use ? "in-use" : c.left ? "text" : false}, c.name, c.in_use ? " (in use)" : ""))));
  const line = r => el("tr", {}, el("th", {scope: "row"}, r.name), ...r.cells.map((c, i) => {
    const column = grid.columns[i], shaded = c.shade >= 0 && !c.class && !sortable;
    const td = el("td", {class: [shaded && "shaded", c.class && "class-" + c.class, sortable && c.shade >= 0 && !c.class && "filled", column.in_use && "in-use", column.left && "text", c.part && "part"].filter(Boolean).join(" ") || false});
    // What stands in brackets gets a line of its own.
    const [value, ...rest] = c.text.split(" (");
    td.append(sortable ? el("span", {}, c.text) : value);
    if (rest.length && !sortable) td.append(el("br"), "(" + rest.join(" ("));
    if (c.shade >= 0) td.style.setProperty("--shade", Math.min(1, c.shade));
    return td;
  }));
  const rows = grid.rows.map(line), box = tableOf(name, head, rows), body = box.querySelector("tbody");
  if (sortable) sortByHead(head[head.length - 1], grid.rows, rows, body);
  box.firstChild.className = "grid";
  return box;
}

// changeFinding counts the sectors whose share rose or fell between two years, as findings.go does.
function changeFinding(subject, bars, from, to) {
  const pairs = bars.groups.filter(g => g.key).map(g => [from, to].map(y => g.bars.find(b => b.year === y) || {share: null}))
    .filter(([was, is]) => was.share !== null && is.share !== null && !was.part === !is.part).map(p => p.map(b => b.share));
  const rose = pairs.filter(([was, is]) => is > was).length, fell = pairs.filter(([was, is]) => is < was).length, of = pairs.length;
  const n = Math.max(rose, fell), verb = fell > rose ? "fell" : "rose";
  if (n === 0 || from === to) return "";
  let what = `${verb} in ${n} of ${of} sectors`;
  if (of === 1) what = verb + " in the one sector with data";
  else if (n === of) what = `${verb} in all ${of} sectors`;
  else if (2 * n <= of && rose > 0 && fell > 0) what = `rose in ${rose} and fell in ${fell} of ${of} sectors`;
  return `${subject} ${what} between ${from} and ${to}`;
}

// View is a figure on the page: a card.
class View {
  constructor(figure, more) {
    this.figure = figure;
    this.at = -1;
    this.marks = [];
    this.option = {mode: 0, choice: figure.in_use, weight: 0, view: 0, from: null, to: null, focus: -1, ...more};
    this.first = {...this.option};
    for (const name of Object.keys(this.option)) {
      const given = state.get(figure.id + "." + name);
      if (given !== null && /^-?\d+$/.test(given)) this.option[name] = +given;
    }
    if (!this.chosen()) Object.assign(this.option, this.first);
    this.number = el("p", {class: "number", id: figure.id + "-number"}, figure.number);
    this.title = el("h2", {id: figure.id + "-title", tabindex: -1});
    this.subtitle = el("p", {class: "subtitle"});
    this.controls = el("div", {class: "controls"});
    this.stage = el("div", {class: "stage"});
    this.codes = el("div", {class: "codes", hidden: true, role: "region", "aria-label": "Codes behind the value", tabindex: -1});
    this.caption = el("p", {class: "source"});
    this.extra = el("div", {class: "extra", hidden: true, tabindex: -1});
    this.section = el("section", {class: "figure", id: figure.id, "aria-labelledby": figure.id + "-number " + figure.id + "-title"},
      this.number, this.title, this.subtitle, this.controls, this.stage, this.codes, this.caption, this.bar(), this.extra);
  }

  // select makes a switch of an option. Its id is figure14-cut-off, say.
  select(name, options, what) {
    if (options.length < 2) return "";
    return el("label", {}, name, el("select", {id: this.figure.id + "-" + name.split(" ")[0].toLowerCase(), change: e => {
      this.option[what] = +e.target.value;
      state.set({figure: this.figure.id, [this.figure.id + "." + what]: this.option[what] === this.first[what] ? null : this.option[what]});
      this.show();
      say(this.title.textContent);
    }}, ...options.map(([i, text]) => el("option", {value: i, selected: i === this.option[what]}, text))));
  }

  // fill makes the switches anew, and keeps the focus where it was.
  fillControls() {
    const f = this.figure, focused = document.activeElement && this.controls.contains(document.activeElement) ? document.activeElement.id : "";
    const v = this.variant(), parts = [
      this.select("Codes are", page.modes.map((m, i) => [i, m.name]).filter(([i]) => f.variants.some(v => v.mode === i)), "mode"),
      this.select(f.choice, f.choices.map((c, i) => [i, c]), "choice"),
      this.select("Weighted by", f.weights.map((w, i) => [i, w]), "weight"),
    ];
    if (v && v.bars) {
      const years = this.years();
      parts.push(this.select("Show", [[0, "two years"], [1, "all years"]].slice(0, years.length > 2 ? 2 : 1), "view"));
      if (this.option.view === 0 && years.length > 1) parts.push(this.select("From", years.map(y => [y, String(y)]), "from"), this.select("To", years.map(y => [y, String(y)]), "to"));
    }
    if (v && v.lines && v.lines.series.length > 2) parts.push(this.select("Highlight", [[-1, "all"], ...v.lines.series.map((s, i) => [i, s.name])], "focus"));
    this.controls.replaceChildren(...parts.filter(Boolean));
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
  }

  chosen() { return this.figure.variants.find(v => v.mode === this.option.mode && v.choice === this.option.choice && v.weight === this.option.weight); }

  variant() { return this.chosen() && this.chosen().figure; }

  // all are the bars of all years, of the sectors that are chosen and what they are compared with.
  all() {
    const bars = this.chosen().all || this.variant().bars, wanted = sectorsChosen();
    return wanted ? {groups: bars.groups.filter(g => !g.key || wanted.has(g.key))} : bars;
  }

  years() { return this.all().groups.length ? this.all().groups[0].bars.map(b => b.year) : []; }

  show() {
    this.closeCodes();
    this.extra.hidden = true;
    const v = this.variant();
    if (!v) {
      this.fillControls();
      this.marks = [];
      this.stage.replaceChildren(el("p", {}, "No data when codes are counted in this way."));
      return;
    }
    if (v.bars) { // the years of the finding, or the first and the last that the picture compares
      const years = v.bars.groups.length ? v.bars.groups[0].bars.map(b => b.year) : [];
      [this.first.from, this.first.to] = this.chosen().compared || [years[0] ?? 0, years[years.length - 1] ?? 0];
      for (const name of ["from", "to"]) if (!this.years().includes(this.option[name])) this.option[name] = this.first[name];
    }
    this.fillControls();
    const finding = this.finding();
    this.title.textContent = finding || v.title;
    this.subtitle.textContent = (this.chosen().subtitle || (finding ? v.title + ". " : "") + v.subtitle) + (v.bars && sectorsChosen() ? ". Not all sectors are shown" : "");
    this.caption.textContent = v.source + (this.caveat() ? " " + this.caveat() : "");
    if (v.grid) {
      this.stage.replaceChildren(gridTable(v.title, v.grid, v.table === "vulnerabilities"));
      return;
    }
    this.draw();
  }

  // finding is what the figure shows, of the years and sectors that are chosen.
  finding() {
    const c = this.chosen(), given = this.option.from === this.first.from && this.option.to === this.first.to && !sectorsChosen();
    if (!c.figure.bars || !c.subject || given) return c.finding;
    return changeFinding(c.subject, this.all(), Math.min(this.option.from, this.option.to), Math.max(this.option.from, this.option.to));
  }

  // caveat says in a few words what a reader must not miss.
  caveat() {
    return this.variant().notes.filter(n => /^(Partial:|\* )/.test(n) || n === page.caution || n.includes("* Low coverage")).map(n => n.includes("* Low coverage") ? "* Low coverage: not comparable with other years." : n).join(" ");
  }

  // chart is what the options ask for, so wide.
  chart(width) {
    const v = this.variant();
    if (v.lines) return lineChart(v.lines, width, this.option.focus, v.table === "high_tech_monthly");
    return this.option.view === 1 && this.years().length > 2 ? courses(this.all(), width) : dumbbells(this.all(), this.option.from, this.option.to, width);
  }

  // frame makes the chart's element, once.
  frame() {
    const id = this.figure.id;
    this.leave(); // where the tip was, the page may have no room any more
    if (!this.box || !this.box.isConnected) {
      this.hint = el("p", {class: "hint", id: id + "-hint"});
      this.box = el("div", {class: "chart", tabindex: 0, role: "application", "aria-roledescription": "chart", "aria-describedby": id + "-hint",
        keydown: e => this.key(e), focus: () => this.move(0), blur: () => this.leave(),
        pointermove: e => this.point(e), pointerleave: () => this.leave(), click: e => { if (this.point(e)) this.openCodes(); }});
      this.tip = el("div", {class: "tip", hidden: true});
      this.stage.replaceChildren(el("div", {class: "around"}, this.box, this.tip), this.hint);
    }
  }

  draw() {
    const v = this.variant();
    if (v.bars && this.all().groups.length === 0) {
      this.marks = [];
      this.svg = null; // or a picture would be of what was there before
      this.stage.replaceChildren(el("p", {}, "None of the sectors that are chosen is in this figure."));
      this.offerPictures();
      return;
    }
    this.frame();
    this.hint.textContent = v.lines ? "Point at the chart for values, or use the arrow keys."
      : this.figure.codes.length ? "Point at a dot for its value; click it for the HS codes behind it. With the keyboard: arrow keys, Enter." : "Point at a dot for its value, or use the arrow keys.";
    this.box.setAttribute("aria-label", v.number + ": " + v.title);
    this.at = -1;
    const width = Math.max(280, this.box.clientWidth);
    const drawn = this.chart(width);
    this.marks = drawn.marks;
    this.plane = drawn.plane;
    drawn.svg.setAttribute("aria-hidden", "true");
    this.svg = drawn.svg;
    this.offerPictures();
    this.box.replaceChildren(drawn.svg);
    if (v.lines) this.rule = d3.select(drawn.svg).append("line").attr("y1", this.plane.top).attr("y2", this.plane.bottom).attr("stroke", colour("ink")).attr("visibility", "hidden").node();
  }

  redraw() { this.draw(); }

  // offerPictures lets pictures be saved where there is something drawn.
  offerPictures() {
    for (const control of this.pictures) control.disabled = !this.svg;
  }

  // point goes to what is under the pointer, and tells whether there is anything.
  point(e) {
    const box = this.svg.getBoundingClientRect(), x = e.clientX - box.left, y = e.clientY - box.top;
    let near = -1, least = 24;
    this.marks.forEach((m, i) => {
      let far = Infinity;
      if (this.plane) far = x >= this.plane.left - 12 && x <= this.plane.right + 12 ? Math.abs(m.x - x) / 1000 : Infinity;
      else if (m.node) {
        const r = m.node.getBoundingClientRect();
        far = Math.hypot(e.clientX - (r.left + r.right) / 2, e.clientY - (r.top + r.bottom) / 2);
      }
      if (far < least) { least = far; near = i; }
    });
    if (near < 0) { this.leave(); return false; }
    if (near !== this.at) this.light(near);
    return !this.plane;
  }

  // light shows the value of a mark.
  light(i) {
    this.leave();
    this.at = i;
    const m = this.marks[i], around = this.box.getBoundingClientRect();
    let x = around.width / 2, y = 30;
    if (this.plane) {
      x = m.x; y = this.plane.top + 10;
      this.rule.setAttribute("x1", m.x); this.rule.setAttribute("x2", m.x); this.rule.setAttribute("visibility", "visible");
      this.tip.replaceChildren(el("strong", {}, m.period), ...m.rows.map(([n, t]) => el("span", {}, n + ": " + t)));
    } else {
      if (m.node) {
        const r = m.node.getBoundingClientRect();
        x = (r.left + r.right) / 2 - around.left; y = r.bottom - around.top + 8;
        m.node.classList.add("lit");
      }
      this.tip.replaceChildren(el("strong", {}, m.said), ...(this.invites(m) ? [el("span", {}, "Click or Enter: the codes")] : []));
    }
    this.tip.hidden = false;
    const wide = this.tip.offsetWidth;
    this.tip.style.left = Math.max(0, Math.min(around.width - wide, this.plane ? (x > around.width / 2 ? x - wide - 10 : x + 10) : x - wide / 2)) + "px";
    this.tip.style.top = y + "px";
  }

  leave() {
    if (this.tip) this.tip.hidden = true;
    if (this.rule && this.plane) this.rule.setAttribute("visibility", "hidden");
    for (const m of this.marks) if (m.node) m.node.classList.remove("lit");
  }

  key(e) {
    const by = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -this.marks.length, End: this.marks.length}[e.key];
    if (by !== undefined) this.move(by);
    else if ((e.key === "Enter" || e.key === " ") && !this.plane) this.openCodes();
    else if (e.key === "Escape") this.leave();
    else return;
    e.preventDefault();
  }

  move(by) {
    if (this.marks.length === 0 || (by === 0 && !this.box.matches(":focus-visible"))) return;
    const i = Math.min(this.marks.length - 1, Math.max(0, this.at < 0 ? (by > 1 ? this.marks.length - 1 : 0) : this.at + by));
    this.light(i);
    const m = this.marks[i];
    say(m.said + (!this.plane && this.invites(m) ? ". Enter lists the codes." : ""));
  }

  // invites tells whether there are codes behind a mark.
  invites(m) { return this.figure.codes.length && m.group && m.group.key; }

  // bar are the buttons of the card.
  bar() {
    const f = this.figure, button = (text, what) => el("button", {type: "button", "aria-label": text + " of " + f.number, click: what}, text);
    this.size = el("select", {"aria-label": "Size of pictures of " + f.number}, ...sizes.map((size, i) => el("option", {value: i}, size.name)));
    const pictures = f.variants.some(v => v.figure.grid) ? [] : [button("PNG", () => this.savePicture("png")), button("SVG", () => this.savePicture("svg")), this.size];
    this.pictures = pictures;
    return el("div", {class: "bar"}, ...(pictures.length ? [button("Table", () => this.toggleTable())] : []), ...pictures, button("CSV", () => this.saveCSV()),
      button("Link", () => this.offer("Address of this view", this.link())), button("Cite", () => this.offer("How to cite", this.variant().number + ": " + this.title.textContent + ". In: " + country.citation.text)),
      button("Embed", () => this.offer("For another page", `<iframe src="${this.link()}" title="${this.variant().number}" width="100%" height="600" loading="lazy"></iframe>`)));
  }

  // link is the address of this view alone.
  link() {
    const all = new URLSearchParams();
    if (country.id !== page.country.id) all.set("country", country.id);
    if (sectorsChosen()) all.set("sectors", [...sectorsChosen()].join());
    all.set("figure", this.figure.id);
    for (const [name, value] of Object.entries(this.option)) if (value !== this.first[name]) all.set(this.figure.id + "." + name, value);
    return location.href.split("#")[0] + "#" + all;
  }

  open(kind, ...content) {
    if (!this.extra.hidden && this.extra.dataset.kind === kind) { this.extra.hidden = true; return false; }
    this.extra.dataset.kind = kind;
    this.extra.replaceChildren(...content);
    this.extra.hidden = false;
    return true;
  }

  toggleTable() {
    const v = this.variant();
    if (v && this.open("table", v.bars ? barTable(v.title, this.all()) : lineTable(v.title, v.lines))) this.extra.focus({preventScroll: true});
  }

  // offer shows a text to be copied, selected.
  offer(name, text) {
    const area = el("textarea", {rows: 3, readonly: true, "aria-label": name});
    area.value = text;
    if (!this.open(name, el("label", {}, name, area))) return;
    area.focus({preventScroll: true});
    area.select();
  }

  async saveCSV() {
    const held = country.tables.find(t => t.name === this.figure.variants[0].figure.table);
    const wrong = el("div", {});
    if (!held) return;
    const text = await readOr(wrong, () => textOf(held.name, country));
    if (text === null) this.open("wrong", wrong);
    else save(held.name + "-" + country.id + ".csv", "text/csv", text);
  }

  // picture is the card as an SVG of its own, with its font: title, subtitle, chart, caption. Its size is
  // one of sizes.
  picture(size = sizes[0]) {
    const width = size.width ? size.width - 24 : +this.svg.getAttribute("width"), ink = colour("ink"), dim = colour("dim"), out = d3.create("svg").attr("xmlns", "http://www.w3.org/2000/svg");
    const chart = size.width ? this.chart(size.height ? 930 : width).svg : this.svg.cloneNode(true), grow = size.height ? 1.35 : 1;
    out.append("style").text(document.getElementById("faces").textContent);
    let y = 8;
    const write = (text, px, weight, fill) => {
      let row = "";
      const put = () => { y += px * 1.3; out.append("text").attr("x", 12).attr("y", y).attr("font-size", px).attr("font-weight", weight).attr("fill", fill).text(row); };
      for (const word of text.split(" ")) {
        if (row && (row.length + word.length + 1) * px * (weight > 400 ? 0.54 : 0.49) > width) { put(); row = word; } else row += (row ? " " : "") + word;
      }
      if (row) put();
    };
    write(this.variant().number, 13 * grow, 700, dim);
    write(this.title.textContent, 20 * grow, 700, ink);
    y += 3 * grow;
    write(this.subtitle.textContent, 14 * grow, 400, dim);
    y += 14;
    const top = y, w = +chart.getAttribute("width"), h = +chart.getAttribute("height");
    const scale = size.height ? Math.min(width / w, (size.height - top - 52) / h) : 1; // a slide has a height, too
    chart.setAttribute("viewBox", `0 0 ${w} ${h}`);
    chart.setAttribute("width", w * scale);
    chart.setAttribute("height", h * scale);
    chart.style.height = chart.style.maxWidth = "";
    out.append(() => chart).attr("x", 12 + (width - w * scale) / 2).attr("y", top);
    y = size.height ? size.height - 44 : top + h + 4;
    write(this.caption.textContent, 11 * grow, 400, dim);
    const height = size.height || Math.ceil(y + 14);
    out.attr("width", size.mm ? size.mm + "mm" : width + 24).attr("height", size.mm ? (size.mm * height / (width + 24)).toFixed(1) + "mm" : height)
      .attr("viewBox", `0 0 ${width + 24} ${height}`).attr("font-family", "Arimo, 'Liberation Sans', Arial, Helvetica, sans-serif");
    out.insert("rect", "text").attr("width", "100%").attr("height", "100%").attr("fill", colour("paper"));
    return {text: new XMLSerializer().serializeToString(out.node()), width: width + 24, height, scale: size.scale};
  }

  async savePicture(kind) {
    if (!this.svg || !this.variant()) return;
    const size = sizes[this.size.value], p = this.picture(size), name = this.figure.id + "-" + country.id + (size.width ? "-" + size.id : "");
    if (kind === "svg") { save(name + ".svg", "image/svg+xml", p.text); return; }
    save(name + ".png", "image/png", await png(p));
  }

  closeCodes() { this.codes.hidden = true; this.codes.replaceChildren(); }

  async openCodes() {
    const r = this.marks[this.at], all = this.figure.codes[this.option.mode];
    if (!r || !r.bar || !all || !r.group.key) return;
    this.leave();
    const rows = await readOr(this.codes, () => rowsOf(country.id, all.part));
    if (rows === null || !this.section.isConnected) return;
    this.listCodes(r, all, rows);
  }

  listCodes(r, all, codes) {
    const found = codes.filter(c => c[0] === r.group.key && c[1] === r.bar.year);
    const verdictOf = c => c[c.length - 1][this.option.choice];
    const words = {"1": "yes", "0": "no", "-": "not in the count", "?": "no data"};
    if (all.counts) found.sort((a, b) => (verdictOf(b) === "1") - (verdictOf(a) === "1"));
    const close = () => { this.closeCodes(); this.box.focus(); };
    const name = r.said;
    const products = page.modes[this.option.mode].products, named = found.some(c => products[c[2]]);
    // A long name is cut by the style sheet; the whole of it is there for pointers and screen readers.
    const product = c => el("span", {class: "product", title: products[c[2]] || false}, products[c[2]] || "");
    const head = ["HS code", ...(named ? ["Product"] : []), ...(all.counts ? [all.counts] : []), ...all.columns.map(c => c.title)];
    const rows = found.map(c => row(c[2], [
      ...(named ? [product(c)] : []),
      ...(all.counts ? [words[verdictOf(c)]] : []),
      ...all.columns.map((k, i) => c[3 + i] === null ? (k.kind === "ratio" ? "no exports" : "no data") : formats[k.kind](c[3 + i])),
    ], all.counts && verdictOf(c) === "1" ? "counts" : ""));
    this.codes.replaceChildren(el("button", {class: "close", type: "button", click: close}, "Close"), el("h3", {}, name),
      found.length ? tableOf("Codes behind " + name, [headRow(head)], rows) : el("p", {}, "No code of the sector is traded in this year."));
    this.codes.onkeydown = e => { if (e.key === "Escape") close(); };
    this.codes.hidden = false;
    this.codes.focus();
    say(name + ": " + found.length + " codes");
  }
}

// readOr gives what read gives, or says in a box why it can't be had.
async function readOr(box, read) {
  try {
    return await read();
  } catch (e) {
    box.hidden = false;
    box.replaceChildren(el("p", {class: "caution"}, e.message));
    say(e.message);
    return null;
  }
}

function csv(table, names, all) {
  const quoted = v => v === null ? "" : /[",\r\n]/.test(v) ? '"' + String(v).replaceAll('"', '""') + '"' : String(v);
  const lists = table.columns.map(c => names[c.name]);
  const rows = all.map(r => r.map((v, i) => v === null || !lists[i] ? v : lists[i][v]));
  return [table.columns.map(c => c.name), ...rows].map(r => r.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function save(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], {type}));
  el("a", {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

// textOf is a table of a country as CSV.
async function textOf(name, of) {
  const table = page.tables.find(t => t.name === name), held = of.tables.find(t => t.name === name);
  return csv(table, held.names, await rowsOf(of.id, held.key));
}

// downloads lists the tables of the country that is shown, and those that are of no country.
function downloads() {
  const box = document.getElementById("tables"), ofCountries = t => t.columns.some(c => c.name === "reporter");
  const away = page.tables.filter(t => ofCountries(t) && !country.tables.some(h => h.name === t.name)).map(t => t.name);
  box.replaceChildren(...page.tables.flatMap(t => {
    const of = [country, page.country].find(c => c.tables.some(h => h.name === t.name));
    if (of !== country && ofCountries(t)) return [];
    const held = of.tables.find(h => h.name === t.name), wrong = el("div", {hidden: true});
    const get = async () => {
      const text = await readOr(wrong, () => textOf(t.name, of));
      if (text !== null) save(t.name + (page.countries.length > 1 && of === country ? "-" + country.id : "") + ".csv", "text/csv", text);
    };
    return [el("div", {class: "table"},
      el("h3", {}, t.title), el("button", {type: "button", click: get}, t.name + ".csv (" + held.count + " rows)"), wrong, t.part ? el("p", {class: "hint"}, t.part) : "",
      el("details", {}, el("summary", {}, "Columns"), el("dl", {}, ...t.columns.flatMap(c => [el("dt", {}, c.name + (c.unit ? " (" + c.unit + ")" : "")), el("dd", {}, c.description)]))))];
  }));
  if (away.length) box.append(el("div", {class: "table"}, el("h3", {}, "Further tables of " + country.name), el("p", {}, "They would make the page large, and are in the release: " + away.join(", ") + ". To have one as CSV:"),
    el("pre", {}, `entrepot show ${away[0]} --reporter ${country.id} --top 0 --csv > ${away[0]}-${country.id}.csv`)));
}

// sizes are those of pictures: pixels of the drawing, millimetres in print, dots for each pixel of a PNG.
const sizes = [
  {id: "shown", name: "as shown", scale: 2},
  {id: "slide", name: "slide (16:9)", width: 1280, height: 720, scale: 2},
  {id: "column", name: "column (85 mm)", width: 400, mm: 85, scale: 3},
  {id: "page", name: "full page (170 mm)", width: 740, mm: 170, scale: 3},
];

// png is a picture with so many dots for each of its pixels.
function png(p) {
  return new Promise((done, fail) => {
    const image = new Image();
    image.onload = () => {
      const canvas = el("canvas", {width: p.scale * p.width, height: p.scale * p.height});
      canvas.getContext("2d").drawImage(image, 0, 0, p.scale * p.width, p.scale * p.height);
      canvas.toBlob(done, "image/png");
    };
    image.onerror = () => fail(new Error("the browser can't draw the picture"));
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(p.text);
  });
}

// redraw draws the charts anew, for another width or other colours.
function redraw() { for (const v of views) if (v.variant() && !v.variant().grid) v.redraw(); }

// sectorsChosen are the keys of the sectors that are shown; null when all are.
function sectorsChosen() {
  const given = state.get("sectors");
  return given ? new Set(given.split(",")) : null;
}

// sectorPicker lists the sectors of the country's bars, to be shown or not.
function sectorPicker() {
  const names = new Map(), wanted = sectorsChosen();
  for (const f of country.figures) for (const v of f.variants) for (const g of v.figure.bars ? v.figure.bars.groups : []) if (g.key) names.set(g.key, g.name);
  const box = document.getElementById("sectors");
  box.hidden = names.size < 2;
  const boxes = [...names].sort(([, a], [, b]) => a.localeCompare(b)).map(([key, name]) => el("input", {type: "checkbox", value: key, id: "sector-" + key, checked: !wanted || wanted.has(key), change: () => {
    const on = boxes.filter(b => b.checked).map(b => b.value);
    state.set({sectors: on.length === 0 || on.length === boxes.length ? null : on.join()});
    if (on.length === 0) for (const b of boxes) b.checked = true;
    for (const v of views) if (v.variant() && v.variant().bars) v.show();
    say((on.length || boxes.length) + " sectors are shown");
  }}));
  box.querySelector("div").replaceChildren(...boxes.map(b => el("label", {}, b, names.get(b.value))));
}

let views = [];

// overview names the findings of the report's first figures, and how to read all.
function overview() {
  const some = ["figure14", "figure27", "figure26"].map(id => views.find(v => v.figure.id === id && v.chosen() && v.chosen().finding)).filter(Boolean);
  const box = document.getElementById("findings");
  box.hidden = some.length === 0;
  box.querySelector("ul").replaceChildren(...some.map(v => el("li", {}, el("a", {href: "#" + v.figure.id, click: e => { e.preventDefault(); go(v); }}, v.title.textContent), " ", el("span", {class: "number"}, v.figure.number))));
  const notes = new Map();
  for (const v of views) for (const n of v.variant() ? v.variant().notes : []) notes.set(n, [...(notes.get(n) || []), v.figure.number]);
  document.getElementById("notes").replaceChildren(...[...notes].map(([n, of]) => el("li", {}, n + (of.length < views.length - 1 ? " (" + [...new Set(of)].join(", ") + ")" : ""))));
}

// show puts the country into the page.
function show() {
  document.title = country.heading;
  document.getElementById("heading").textContent = country.heading;
  document.getElementById("cite").textContent = country.citation.text;
  const contents = document.getElementById("contents"), main = document.getElementById("figures");
  main.replaceChildren();
  views = country.figures.map(f => f.traders ? new TradersView(f) : new View(f));
  for (const view of views) {
    main.append(view.section);
    view.show();
  }
  contents.replaceChildren(...views.map(view => el("li", {}, el("a", {href: "#" + view.figure.id, click: e => { e.preventDefault(); go(view); }},
    view.figure.number + ": " + view.title.textContent + (view.figure.choice === "Sector" ? ", and of other sectors" : "")))));
  const box = document.getElementById("not-drawn");
  box.hidden = country.not_drawn.length === 0;
  box.querySelector("ul").replaceChildren(...country.not_drawn.map(n => el("li", {}, n.number + ", " + n.title + ": " + n.reason + ".")));
  sectorPicker();
  overview();
  downloads();
}

// go leads to a figure, and notes it in the address.
function go(view) {
  state.set({figure: view.figure.id});
  view.section.scrollIntoView();
  view.title.focus({preventScroll: true});
}

// choose shows another country.
async function choose(id) {
  const wrong = document.getElementById("wrong"), entry = page.countries.find(c => c.id === id);
  wrong.hidden = true;
  if (!entry) return;
  if (!data.has(id) || !data.get(id).country) {
    say("Loading " + entry.name);
    if (await readOr(wrong, async () => { await load(entry.script); return true; }) === null) return;
  }
  country = data.get(id).country;
  show();
  const select = document.getElementById("country");
  if (select) select.value = id;
  say(country.heading);
}

// restore shows what the address says.
async function restore() {
  const wanted = state.get("country") || page.country.id;
  if (wanted !== country.id) await choose(wanted);
  else show();
  const view = views.find(v => v.figure.id === state.get("figure"));
  if (view) view.section.scrollIntoView();
}

function picker() {
  if (page.countries.length < 2) return;
  const select = el("select", {id: "country", change: () => { state.set({country: select.value === page.country.id ? null : select.value}); choose(select.value); }},
    ...page.countries.map(c => el("option", {value: c.id, selected: c.id === country.id}, c.name)));
  document.getElementById("picker").append(el("label", {}, "Country", select));
}

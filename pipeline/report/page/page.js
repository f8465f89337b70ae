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
const still = matchMedia("(prefers-reduced-motion: reduce)");
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

// between mixes two colours such as #0f3c6e.
function between(pale, deep, at) {
  const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return "rgb(" + [0, 1, 2].map(i => Math.round(part(pale, i) + at * (part(deep, i) - part(pale, i)))).join(",") + ")";
}

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
  return el("div", {class: "scroll", tabindex: 0, role: "region", "aria-label": name},
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

function gridTable(name, grid) {
  const above = [];
  grid.columns.forEach(c => above.length && above[above.length - 1].name === c.above ? above[above.length - 1].span++ : above.push({name: c.above, span: 1}));
  const head = [];
  if (above.some(a => a.name)) head.push(el("tr", {}, el("td", {}), ...above.map(a => el("th", {colspan: a.span, scope: "colgroup"}, a.name))));
  head.push(el("tr", {}, el("th", {scope: "col"}, grid.head[0]), ...grid.columns.map(c => el("th", {scope: "col", class: c.in_use ? "in-use" : c.left ? "text" : false}, c.name, c.in_use ? " (in use)" : ""))));
  const box = tableOf(name, head, grid.rows.map(r => el("tr", {}, el("th", {scope: "row"}, r.name), ...r.cells.map((c, i) => {
    const shaded = c.shade >= 0;
    const td = el("td", {class: [shaded && "shaded", grid.columns[i].in_use && "in-use", grid.columns[i].left && "text"].filter(Boolean).join(" ") || false});
    // What stands in brackets gets a line of its own.
    const [value, ...rest] = c.text.split(" (");
    td.append(value);
    if (rest.length) td.append(el("br"), "(" + rest.join(" ("));
    if (shaded) td.style.setProperty("--shade", Math.min(1, c.shade));
    return td;
  }))));
  box.firstChild.className = "grid";
  return box;
}

// View is a figure on the page.
class View {
  constructor(figure) {
    this.figure = figure;
    this.mode = 0;
    this.choice = figure.in_use;
    this.weight = 0;
    for (const name of ["mode", "choice", "weight"]) {
      const given = state.get(figure.id + "." + name);
      if (given !== null && figure.variants.some(v => String(v[name]) === given)) this[name] = +given;
    }
    this.at = -1;
    this.number = el("p", {class: "number"}, figure.number);
    this.title = el("h2", {id: figure.id + "-title", tabindex: -1});
    this.subtitle = el("p", {class: "subtitle"});
    this.stage = el("div");
    this.codes = el("div", {class: "codes", hidden: true, role: "region", "aria-label": "Codes behind the bar", tabindex: -1});
    this.notes = el("ul", {class: "notes"});
    this.source = el("p", {class: "source"});
    this.data = el("div");
    this.section = el("section", {class: "figure", id: figure.id, "aria-labelledby": figure.id + "-title"},
      this.number, this.title, this.subtitle, this.controls(), this.stage, this.codes, this.notes, this.source, this.data);
  }

  controls() {
    const f = this.figure, box = el("div", {class: "controls"});
    const add = (name, options, first, what) => {
      if (options.length < 2) return;
      const select = el("select", {id: f.id + "-" + name.split(" ")[0].toLowerCase(), change: () => {
        this[what] = +select.value;
        state.set({figure: f.id, [f.id + "." + what]: this[what] === first ? null : this[what]});
        this.show();
        say(this.title.textContent);
      }}, ...options.map(([i, text]) => el("option", {value: i, selected: i === this[what]}, text)));
      box.append(el("label", {}, name, select));
    };
    add("Codes are", page.modes.map((m, i) => [i, m.name]).filter(([i]) => f.variants.some(v => v.mode === i)), 0, "mode");
    add(f.choice, f.choices.map((c, i) => [i, c]), f.in_use, "choice");
    add("Weighted by", f.weights.map((w, i) => [i, w]), 0, "weight");
    return box;
  }

  chosen() {
    return this.figure.variants.find(v => v.mode === this.mode && v.choice === this.choice && v.weight === this.weight);
  }

  variant() { return this.chosen().figure; }

  show() {
    this.closeCodes();
    if (!this.chosen()) {
      if (this.chart) this.chart.dispose();
      this.chart = null;
      this.stage.replaceChildren(el("p", {}, "No data when codes are counted in this way."));
      this.data.replaceChildren();
      return;
    }
    const v = this.variant();
    this.title.textContent = v.title;
    this.subtitle.textContent = v.subtitle;
    this.notes.replaceChildren(...v.notes.map(n => el("li", {}, n)));
    this.source.textContent = v.source;
    if (v.grid) {
      this.stage.replaceChildren(gridTable(v.title, v.grid));
      return;
    }
    const open = this.data.querySelector("details[open]") !== null;
    const table = v.bars ? barTable(v.title, this.chosen().all || v.bars) : lineTable(v.title, v.lines);
    this.data.replaceChildren(el("details", {open: open}, el("summary", {}, "The values as a table"), table));
    this.draw();
  }

  // draw makes the chart's element, once, and draws in it.
  draw() {
    const v = this.variant();
    if (!this.chart) {
      const hasCodes = this.figure.codes.length > 0;
      const hint = el("p", {class: "hint", id: this.figure.id + "-hint"}, v.lines
        ? "Point at the lines for their values, or use the arrow keys."
        : hasCodes ? "Point at a bar for its value; click it for the HS codes behind it. With the keyboard: arrow keys, Enter." : "Point at a bar for its value, or use the arrow keys.");
      this.box = el("div", {class: "chart", tabindex: 0, role: "application", "aria-roledescription": "chart", "aria-describedby": hint.id,
        keydown: e => this.key(e), focus: () => this.move(0), blur: () => this.leave()});
      this.stage.replaceChildren(this.box, hint);
    }
    this.box.setAttribute("aria-label", v.number + ": " + v.title);
    this.at = -1;
    const option = v.bars ? this.bars(v.bars) : this.lines(v.lines);
    this.box.style.height = this.height + "px";
    if (!this.chart) {
      this.chart = echarts.init(this.box, null, {renderer: "svg"});
      this.chart.on("click", e => { if (this.rows && this.rows[e.dataIndex].bar) { this.at = this.rows.indexOf(this.rows[e.dataIndex]); this.openCodes(); } });
    }
    this.chart.resize();
    this.chart.setOption(option, true);
  }

  tip(text, more) {
    const t = el("div", {class: "tip"}, el("strong", {}, text));
    if (more) t.append(el("br"), more);
    return t;
  }

  base() {
    return {
      animation: !still.matches, animationDuration: 300, textStyle: {fontFamily: "system-ui, sans-serif", color: colour("ink")},
      tooltip: {confine: true, backgroundColor: colour("paper"), borderColor: colour("dim"), textStyle: {color: colour("ink")}, transitionDuration: still.matches ? 0 : 0.2},
    };
  }

  bars(bars) {
    // Each group is a row with its name and one for each year.
    this.rows = [];
    for (const group of bars.groups) {
      this.rows.push({head: group.name});
      group.bars.forEach((bar, i) => this.rows.push({group, bar, depth: group.bars.length === 1 ? 1 : 0.3 + 0.7 * i / (group.bars.length - 1)}));
    }
    this.height = 34 + this.rows.length * 21;
    const [pale, deep, ink] = [colour("pale"), colour("dark"), colour("ink")];
    const top = Math.max(0, ...this.rows.map(r => r.bar && r.bar.share || 0));
    const texts = Math.max(...this.rows.map(r => r.bar ? r.bar.text.length + 1 : 0));
    const label = (text, weight) => ({show: true, position: "right", distance: 4, formatter: () => text, color: ink, fontSize: 13, fontWeight: weight});
    return {...this.base(),
      grid: {left: 44, right: Math.max(50, texts * 7.2 + 8), top: 26, bottom: 4},
      xAxis: {type: "value", position: "top", min: 0, ...(top > 0.6 && top <= 1 || !top ? {max: 1, interval: 0.25} : {splitNumber: 4}),
        axisLabel: {color: colour("dim"), formatter: x => +(100 * x).toFixed(1) + "%", hideOverlap: true}, splitLine: {lineStyle: {color: colour("rule")}}},
      yAxis: {type: "category", inverse: true, data: this.rows.map((_, i) => i), axisTick: {show: false}, axisLine: {show: false},
        axisLabel: {interval: 0, color: colour("dim"), fontSize: 13, margin: 6, formatter: i => this.rows[i].bar ? String(this.rows[i].bar.year) : ""}},
      series: [
        {type: "bar", barWidth: 14, data: this.rows.map(r => r.bar && r.bar.share !== null ? {
          value: r.bar.share, label: label(r.bar.text + (r.bar.low ? "*" : ""), "normal"),
          itemStyle: {color: between(pale, deep, r.depth), borderColor: deep, borderWidth: 1,
            decal: r.bar.low ? {symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: colour("paper")} : {symbol: "none"}},
          emphasis: {itemStyle: {borderColor: colour("focus"), borderWidth: 3}},
        } : "-"), tooltip: {formatter: e => this.tip(this.describe(this.rows[e.dataIndex]), this.figure.codes.length && this.rows[e.dataIndex].group.key ? "Click or Enter: the codes" : "")}},
        // Names, and the gaps where there is no data.
        {type: "scatter", symbolSize: 1, silent: true, itemStyle: {color: "transparent", opacity: 1}, data: this.rows.flatMap((r, i) =>
          r.head ? [{value: [0, i], label: {...label(r.head, "bold"), offset: [-46, 3]}}] : r.bar.share === null ? [{value: [0, i], label: {...label("no data", "normal"), color: colour("dim")}}] : [])},
      ],
    };
  }

  lines(lines) {
    this.rows = null;
    this.height = 340;
    const narrow = this.box.clientWidth < 520, room = narrow ? 92 : 158;
    const grid = {left: 50, right: room + 22, top: 12, bottom: 42};
    const shape = i => ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect"][i % 6];
    const line = i => between(colour("pale"), colour("dark"), 1 - 0.5 * i / lines.series.length);
    const value = v => lines.unit === "usd" ? shortDollars(v) : +(100 * v).toFixed(1) + "%";
    return {...this.base(), grid,
      tooltip: {...this.base().tooltip, trigger: "axis", formatter: all => {
        const t = this.tip(lines.periods[all[0].dataIndex]);
        for (const s of lines.series) t.append(el("br"), s.name + ": " + s.texts[all[0].dataIndex]);
        return t;
      }},
      xAxis: {type: "category", data: lines.periods, axisLabel: {color: colour("dim"), hideOverlap: true, lineHeight: 16, formatter: (p, i) => p + (lines.empty[i] ? "\nno data" : "")}, axisLine: {lineStyle: {color: colour("ink")}}},
      yAxis: {type: "value", min: 0, max: lines.end, interval: lines.step, axisLabel: {color: colour("dim"), formatter: value}, splitLine: {lineStyle: {color: colour("rule")}}},
      series: [
        ...lines.series.map((s, i) => ({type: "line", name: s.name, data: s.values.map(v => v === null ? "-" : v), connectNulls: false,
          symbol: shape(i), symbolSize: 8, showAllSymbol: true, itemStyle: {color: line(i)},
          lineStyle: {color: line(i), width: 2, type: ["solid", "dashed", "dotted", [8, 3, 2, 3], [4, 4], [12, 3]][i % 6]}, emphasis: {itemStyle: {borderColor: colour("focus"), borderWidth: 3}}})),
        {type: "scatter", silent: true, tooltip: {show: false}, data: this.endLabels(lines, this.height - grid.top - grid.bottom, room).map(l => ({
          value: [lines.periods.length - 1, l.value], symbol: shape(l.series), symbolSize: 8, symbolOffset: [16, 0], itemStyle: {color: line(l.series), opacity: 1},
          label: {show: true, position: "right", distance: 14, formatter: l.text, color: colour("ink"), fontSize: 12, lineHeight: 14, align: "left"}}))},
      ],
    };
  }

  // endLabels places the names of lines beside their last points, one below the
  // other where they would overlap. Places are values of the axis.
  endLabels(lines, plot, room) {
    const labels = lines.series.map((s, series) => {
      const last = s.values.findLastIndex(v => v !== null);
      const text = last < 0 ? s.name + ": no data" : last < s.values.length - 1 ? s.name + " (" + lines.periods[last] + ")" : s.name;
      const rows = [];
      for (const word of text.split(" ")) {
        if (rows.length && (rows[rows.length - 1] + " " + word).length * 6.6 < room) rows[rows.length - 1] += " " + word;
        else rows.push(word);
      }
      return {series, text: rows.join("\n"), high: rows.length * 14 + 2, y: last < 0 ? plot : plot * (1 - s.values[last] / lines.end)};
    }).sort((a, b) => a.y - b.y);
    labels.forEach((l, i) => { if (i) l.y = Math.max(l.y, labels[i - 1].y + (labels[i - 1].high + l.high) / 2); });
    let floor = plot + 8;
    for (const l of labels.toReversed()) {
      l.y = Math.min(l.y, floor - l.high / 2);
      floor = l.y - l.high / 2;
    }
    return labels.map(l => ({...l, value: lines.end * Math.max(0, 1 - l.y / plot)}));
  }

  describe(r) { return r.group.name + ", " + r.bar.year + ": " + r.bar.text + (r.bar.low && r.bar.share !== null ? "*" : ""); }

  // steps are the places that the arrow keys go to: bars, or periods.
  steps() { return this.rows ? this.rows.flatMap((r, i) => r.bar ? [i] : []) : this.variant().lines.periods.map((_, i) => i); }

  key(e) {
    const steps = this.steps();
    const by = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -steps.length, End: steps.length}[e.key];
    if (by !== undefined) this.move(by);
    else if ((e.key === "Enter" || e.key === " ") && this.rows) this.openCodes();
    else if (e.key === "Escape") this.leave();
    else return;
    e.preventDefault();
  }

  move(by) {
    const steps = this.steps();
    if (steps.length === 0 || (by === 0 && !this.box.matches(":focus-visible"))) return;
    this.leave();
    const was = steps.indexOf(this.at);
    this.at = steps[Math.min(steps.length - 1, Math.max(0, was < 0 ? 0 : was + by))];
    if (this.rows) {
      const r = this.rows[this.at];
      say(this.describe(r) + (this.figure.codes.length && r.group.key ? ". Enter lists the codes." : ""));
    } else {
      const lines = this.variant().lines;
      say(lines.periods[this.at] + ": " + lines.series.map(s => s.name + " " + s.texts[this.at]).join(", "));
    }
    this.chart.dispatchAction({type: "highlight", seriesIndex: 0, dataIndex: this.at});
    this.chart.dispatchAction({type: "showTip", seriesIndex: 0, dataIndex: this.at});
  }

  leave() {
    this.chart.dispatchAction({type: "downplay"});
    this.chart.dispatchAction({type: "hideTip"});
  }

  closeCodes() { this.codes.hidden = true; this.codes.replaceChildren(); }

  async openCodes() {
    const r = this.rows[this.at], all = this.figure.codes[this.mode];
    if (!r || !r.bar || !all || !r.group.key) return;
    this.leave();
    const rows = await readOr(this.codes, () => rowsOf(country.id, all.part));
    if (rows === null || !this.section.isConnected) return;
    this.listCodes(r, all, rows);
  }

  listCodes(r, all, codes) {
    const found = codes.filter(c => c[0] === r.group.key && c[1] === r.bar.year);
    const verdictOf = c => c[c.length - 1][this.choice];
    const words = {"1": "yes", "0": "no", "-": "not in the count", "?": "no data"};
    if (all.counts) found.sort((a, b) => (verdictOf(b) === "1") - (verdictOf(a) === "1"));
    const close = () => { this.closeCodes(); this.box.focus(); };
    const name = this.describe(r);
    const products = page.modes[this.mode].products, named = found.some(c => products[c[2]]);
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
  const box = document.getElementById("tables");
  box.replaceChildren(...page.tables.flatMap(t => {
    const of = [country, page.country].find(c => c.tables.some(h => h.name === t.name));
    if (of !== country && t.columns.some(c => c.name === "reporter")) return [];
    const held = of.tables.find(h => h.name === t.name), wrong = el("div", {hidden: true});
    const get = async () => {
      const text = await readOr(wrong, () => textOf(t.name, of));
      if (text !== null) save(t.name + (page.countries.length > 1 && of === country ? "-" + country.id : "") + ".csv", "text/csv", text);
    };
    return [el("div", {class: "table"},
      el("h3", {}, t.title), el("button", {type: "button", click: get}, t.name + ".csv (" + held.count + " rows)"), wrong, t.part ? el("p", {class: "hint"}, t.part) : "",
      el("details", {}, el("summary", {}, "Columns"), el("dl", {}, ...t.columns.flatMap(c => [el("dt", {}, c.name + (c.unit ? " (" + c.unit + ")" : "")), el("dd", {}, c.description)]))))];
  }));
}

let views = [];

// show puts the country into the page.
function show() {
  document.title = country.heading;
  document.getElementById("heading").textContent = country.heading;
  document.getElementById("cite").textContent = country.citation.text;
  for (const v of views) if (v.chart) v.chart.dispose();
  const contents = document.getElementById("contents"), main = document.getElementById("figures");
  main.replaceChildren();
  views = country.figures.map(f => new View(f));
  for (const view of views) {
    main.append(view.section);
    view.show();
  }
  contents.replaceChildren(...views.map(view => el("li", {}, el("a", {href: "#" + view.figure.id, click: e => { e.preventDefault(); go(view); }},
    view.figure.number + ": " + view.variant().title + (view.figure.choice === "Sector" ? ", and of other sectors" : "")))));
  const box = document.getElementById("not-drawn");
  box.hidden = country.not_drawn.length === 0;
  box.querySelector("ul").replaceChildren(...country.not_drawn.map(n => el("li", {}, n.number + ", " + n.title + ": " + n.reason + ".")));
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

receive(page.country.id, {country: page.country, parts: page.parts, places: page.places});
picker();
addEventListener("hashchange", () => { if (location.hash.includes("=")) restore(); });
let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; views.forEach(v => { if (v.chart) v.draw(); }); } });
dark.addEventListener("change", () => views.forEach(v => { if (v.chart) v.draw(); }));
restore().then(() => { document.documentElement.dataset.ready = "true"; });

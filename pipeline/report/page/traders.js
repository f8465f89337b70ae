"use strict";
// Who supplies and who exports a sector or one of its codes, as ranks through the years, as
// bars and on a map; and of what a sector consists, as a treemap.

const world = JSON.parse(document.getElementById("world").textContent); // null without a map

function areaName(id) { return (page.areas[id] || {name: "area " + id}).name; }

function areaText(id) { const a = page.areas[id] || {}; return a.text || a.name || "area " + id; }

function sentenceOf(text) { return text.charAt(0).toUpperCase() + text.slice(1); }

// classes of shares are the steps of the map's colours.
const classes = [0.01, 0.05, 0.15, 0.3];

function classColour(share) {
  const at = classes.filter(c => share >= c).length;
  return d3.interpolateRgb(colour("pale-map"), colour("dark"))(at / classes.length);
}

function classNames() {
  const percent = c => 100 * c + "%";
  return ["under " + percent(classes[0]), ...classes.slice(1).map((c, i) => percent(classes[i]) + "–" + percent(c)), "over " + percent(classes[classes.length - 1])];
}

function newSVG(width, height) {
  return d3.create("svg").attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`)
    .attr("font-family", "inherit").attr("font-size", 12).style("max-width", "100%").style("height", "auto");
}

// keyed draws a legend of squares in rows, from a place down, and gives where it ends.
function keyed(svg, entries, width, x0, y0) {
  let x = x0, y = y0;
  for (const [text, ...fills] of entries) {
    const wide = 22 + 7.1 * text.length + 14;
    if (x > x0 && x + wide > width) { x = x0; y += 20; }
    const outlined = fills.length > 1; // fill and outline
    svg.append("rect").attr("x", x).attr("y", y).attr("width", 13).attr("height", 13).attr("rx", 2).attr("fill", fills[0]).attr("stroke", outlined ? fills[1] : colour("faint")).attr("stroke-width", outlined ? 2 : 1);
    svg.append("text").attr("x", x + 19).attr("y", y + 11).attr("fill", colour("ink")).text(text);
    x += wide;
  }
  return y + 20;
}

// worldMap colours the areas of a year by their share. rows are [area, usd, share, partial], the largest first.
function worldMap(rows, width, what, home, said) {
  const shapes = topojson.feature(world, world.objects.countries).features.filter(f => f.id !== "010");
  const projection = d3.geoEqualEarth().rotate([-11, 0]).fitWidth(width - 2, {type: "MultiPoint", coordinates: [[-152, -15], [174, -15]]});
  const [, north] = projection([0, 83.6]), [, south] = projection([0, -56]), high = Math.round(south - north) + 4, marks = [];
  projection.translate([projection.translate()[0], projection.translate()[1] - north + 2]);
  const svg = newSVG(width, high), path = d3.geoPath(projection), dots = new Map(page.small.map(([id, ...at]) => [id, at])), by = new Map();
  const nothing = hatched(svg, "nothing", colour("rule")), part = hatched(svg, "part", colour("paper"), 2);
  const numbered = id => (page.areas[id] || {}).shape || String(id).padStart(3, "0");
  for (const [area, usd, share, partial] of rows) {
    const mark = {said: said(area), group: {}, area, id: numbered(area), share, partial, placed: false};
    marks.push(mark);
    if (!by.has(mark.id)) by.set(mark.id, mark);
  }
  const hold = (mark, node) => { mark.node = node; mark.placed = true; node.dataset.mark = ""; node.dataset.at = marks.indexOf(mark); };
  const homeID = numbered(home);
  let outline = null;
  for (const f of shapes) {
    const mark = by.get(f.id), own = f.id && f.id === homeID;
    const shape = svg.append("path").attr("d", path(f)).attr("fill", mark ? classColour(mark.share) : nothing).attr("stroke", own ? colour("focus") : mark ? colour("map-edge") : colour("faint")).attr("stroke-width", own ? 2 : 0.6);
    if (own) outline = shape.node();
    if (mark) hold(mark, shape.node());
    if (mark && mark.partial) svg.append("path").attr("d", path(f)).attr("fill", part).attr("pointer-events", "none");
  }
  if (outline) outline.parentNode.append(outline); // above its neighbours
  for (const mark of marks.toReversed()) { // the largest above the others
    const at = dots.get(mark.id);
    if (!at || mark.placed) continue;
    const [x, y] = projection(at);
    hold(mark, svg.append("circle").attr("cx", x).attr("cy", y).attr("r", width < narrowBelow ? 3 : 4.5).attr("fill", classColour(mark.share)).attr("stroke", mark.id === homeID ? colour("focus") : colour("dim")).attr("stroke-width", mark.id === homeID ? 2 : 1).node());
  }
  const away = marks.filter(m => !m.placed && m.share >= 0.001);
  const steps = classNames().map((text, i) => [text, classColour([0, ...classes][i])]);
  let y = keyed(svg, [...steps, [what.none, nothing], ...(rows.some(r => r[3]) ? [[partWords, hatched(svg, "part", colour("dim"))]] : [])], width, 4, high + 6);
  if (page.areas[home] && shapes.some(f => f.id === homeID)) y = keyed(svg, [[areaName(home), "none", colour("focus")]], width, 4, y);
  if (away.length) {
    svg.append("text").attr("x", 4).attr("y", y + 10).attr("fill", colour("dim")).text("Not on the map: " + away.slice(0, 3).map(m => areaName(m.area) + " " + percentTick(m.share)).join(", ") + (away.length > 3 ? " and " + (away.length - 3) + " more" : "") + ".");
    y += 20;
  }
  svg.attr("height", y).attr("viewBox", `0 0 ${width} ${y}`);
  return {svg: svg.node(), marks, pointed: true};
}

const shownRanks = 8;

// ranks follow the largest of the last year through the years, by their place.
function ranks(years, of, width, focus, said) {
  const narrow = width < narrowBelow, last = years[years.length - 1], marks = [];
  const top = y => of(y).slice(0, shownRanks).map(r => r[0]);
  const shown = [...new Set([...top(last), ...top(years[0])])], placeOf = (y, area) => of(y).findIndex(r => r[0] === area);
  const left = narrow ? 10 : 160, right = narrow ? 128 : 200, row = 36, head = 26, height = head + row * Math.min(shownRanks, Math.max(...years.map(y => of(y).length))) + 8;
  const svg = newSVG(width, height), x = d3.scalePoint(years, [left + 14, width - right - 14]), y = k => head + row * k + row / 2;
  const hues = palette(), leading = top(last), hue = area => focus !== null && area !== focus ? colour("faint") : leading.indexOf(area) >= 0 && leading.indexOf(area) < hues.length ? hues[leading.indexOf(area)] : colour("dim");
  const every = Math.ceil(years.length / Math.max(2, Math.floor((width - left - right) / 32)));
  years.forEach((year, i) => {
    if ((years.length - 1 - i) % every === 0) svg.append("text").attr("x", x(year)).attr("y", 16).attr("text-anchor", "middle").attr("fill", colour("dim")).text(year);
  });
  const part = hatched(svg, "part", colour("paper"), 2);
  const fits = (text, room) => text.length * 7 > room ? text.slice(0, Math.floor(room / 7) - 1) + "…" : text;
  for (const area of shown.toSorted((a, b) => (a === focus) - (b === focus))) {
    const own = years.map(year => ({year, k: placeOf(year, area)})).filter(p => p.k >= 0 && p.k < shownRanks);
    own.slice(1).forEach((p, i) => {
      const beside = years.indexOf(p.year) - years.indexOf(own[i].year) === 1;
      svg.append("path").attr("d", `M${x(own[i].year)},${y(own[i].k)}L${x(p.year)},${y(p.k)}`).attr("stroke", hue(area)).attr("stroke-width", beside ? 4 : 1).attr("stroke-dasharray", beside ? null : "3,3").attr("stroke-opacity", 0.55);
    });
  }
  for (const area of shown) {
    for (const year of years) {
      const k = placeOf(year, area);
      if (k < 0 || k >= shownRanks) continue;
      const partial = of(year)[k][3], size = years.length > 12 || narrow ? 9 : 12, g = svg.append("g").attr("transform", `translate(${x(year)},${y(k)})`);
      const dot = g.append("circle").attr("r", size).attr("fill", hue(area));
      if (partial) g.append("circle").attr("r", size).attr("fill", part).attr("pointer-events", "none");
      g.append("text").attr("y", 4).attr("text-anchor", "middle").attr("font-weight", 700).attr("font-size", narrow ? 10 : 12).attr("fill", colour("paper")).attr("pointer-events", "none").text(k + 1);
      const mark = {said: said(area, year), group: {}, area, node: dot.node()};
      dot.node().dataset.mark = "";
      marks.push(mark);
      const strong = focus === area ? 700 : 600;
      if (year === last) svg.append("text").attr("x", width - right + 4).attr("y", y(k) + 4).attr("font-weight", strong).attr("fill", hue(area)).text(fits(areaName(area), right - 54) + " " + percentTick(+of(year)[k][2].toFixed(3)));
      if (year === years[0] && years.length > 1 && !narrow) svg.append("text").attr("x", left - 4).attr("y", y(k) + 4).attr("text-anchor", "end").attr("fill", hue(area)).text(fits(areaName(area), left - 10));
    }
  }
  if (years.some(year => of(year).slice(0, shownRanks).some(r => r[3]))) {
    svg.attr("height", height + 24).attr("viewBox", `0 0 ${width} ${height + 24}`);
    partLegend(svg.node(), 0, height + 14);
  }
  return {svg: svg.node(), marks};
}

// treemap divides a sector into its codes, by value; those that count as dependent are dark.
function treemap(codes, width, name, said) {
  const height = width < narrowBelow ? 420 : 440, svg = newSVG(width, height), marks = [];
  const root = d3.hierarchy({children: codes}).sum(c => c.value || 0).sort((a, b) => b.value - a.value);
  d3.treemap().size([width, height - 28]).paddingInner(2).round(true)(root);
  const fill = {"1": colour("hue-1"), "0": colour("faint-fill")};
  const unknown = hatched(svg, "unknown", colour("rule"));
  for (const leaf of (root.leaves().length && codes.length ? root.leaves() : [])) {
    const w = leaf.x1 - leaf.x0, h = leaf.y1 - leaf.y0, dark = leaf.data.verdict === "1";
    const g = svg.append("g").attr("transform", `translate(${leaf.x0},${leaf.y0})`);
    const box = g.append("rect").attr("width", w).attr("height", h).attr("rx", 2).attr("fill", fill[leaf.data.verdict] || unknown).attr("stroke", fill[leaf.data.verdict] ? "none" : colour("faint"));
    const mark = {said: said(leaf.data), group: {}, node: box.node(), code: leaf.data.code};
    box.node().dataset.mark = "";
    box.node().dataset.at = marks.length;
    marks.push(mark);
    if (w < 58 || h < 22) continue;
    const rows = [leaf.data.code], letters = Math.floor((w - 10) / 6.7);
    let line = "";
    for (const word of name(leaf.data.code).split(" ")) {
      if ((line + " " + word).trim().length <= letters) { line = (line + " " + word).trim(); continue; }
      if (line) rows.push(line);
      line = word.length > letters ? word.slice(0, Math.max(1, letters - 1)) + "…" : word;
    }
    if (line) rows.push(line);
    const fit = Math.max(1, Math.min(rows.length, Math.floor((h - 6) / 15), 5));
    rows.slice(0, fit).forEach((text, i) => g.append("text").attr("x", 6).attr("y", 16 + 15 * i).attr("pointer-events", "none").attr("font-weight", i ? 400 : 700)
      .attr("fill", dark ? colour("paper") : colour("ink")).text(i === fit - 1 && fit < rows.length && i ? text.slice(0, Math.max(1, letters - 1)) + "…" : text));
  }
  keyed(svg, [["import-dependent", fill["1"]], ["not import-dependent", fill["0"]], ["not in the count", unknown]], width, 0, height - 20);
  return {svg: svg.node(), marks, pointed: true};
}

// TradersView is a card of a sector, or of one of its codes.
class TradersView extends View {
  constructor(figure) {
    super(figure, {sector: figure.traders.first, code: 0, year: figure.traders.years.length - 1, flow: 0, view: figure.traders.map ? 0 : 1});
    this.t = figure.traders;
    if (!this.t.sectors[this.option.sector]) this.option.sector = this.first.sector;
    if (!this.t.years[this.option.year]) this.option.year = this.first.year;
    this.rows = null;
  }

  get products() { return this.t.kind === "products"; }

  sector() { return this.t.sectors[this.option.sector]; }

  year() { return this.t.years[this.option.year]; }

  // code is what is shown: a code of the sector, or the sector itself.
  code() { return this.option.code > 0 && this.sector().codes[this.option.code - 1] || this.sector().key; }

  goods() {
    const s = this.sector(), code = this.code();
    return code === s.key ? inSentence(s.name) : "HS " + code;
  }

  fillControls() {
    const focused = document.activeElement && this.controls.contains(document.activeElement) ? document.activeElement.id : "", s = this.sector();
    const years = this.years().map(y => [this.t.years.indexOf(y), String(y)]).toReversed();
    const codes = [[0, "the whole sector"], ...s.codes.map((c, i) => [i + 1, c + " " + short(page.modes[0].products[c] || "", 48)])];
    this.controls.replaceChildren(...[
      this.select("Sector", this.t.sectors.map((x, i) => [i, x.name]), "sector"),
      this.products ? this.select("By", [[0, "imports"], [1, "exports"]], "flow") : this.select("Code", codes, "code"),
      ...(this.products ? [] : [this.select("Show", [[0, "map"], [1, "ranks through the years"]].slice(this.t.map ? 0 : 1), "view")]),
      this.products || this.option.view === 0 ? this.select("Year", years, "year") : this.select("Highlight", [[-1, "all"], ...this.leading().map(a => [a, areaName(a)])], "focus"),
    ].filter(Boolean));
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
  }

  // show draws the card when its rows are there, and fetches them when it comes into sight.
  show() {
    this.closeCodes();
    this.extra.hidden = true;
    if (this.option.code > this.sector().codes.length || this.shownSector !== undefined && this.shownSector !== this.option.sector) {
      this.option.code = 0;
      if (this.shownSector !== undefined) state.set({[this.figure.id + ".code"]: null});
    }
    this.shownSector = this.option.sector;
    this.caption.textContent = this.variant().source + (this.caveat() ? " " + this.caveat() : "");
    if (this.rows) { this.fill(); return; }
    this.title.textContent = this.variant().title;
    this.subtitle.textContent = this.variant().subtitle;
    const d = data.get(this.t.of), fetch = () => { this.ready = this.read(); };
    if (!d.places.has(this.t.part) || state.get("figure") === this.figure.id || !("IntersectionObserver" in window)) { fetch(); return; }
    this.stage.replaceChildren(el("p", {class: "hint"}, "Loads when it comes into sight."));
    const sight = new IntersectionObserver(seen => { if (seen.some(s => s.isIntersecting)) { sight.disconnect(); fetch(); } }, {rootMargin: "800px"});
    sight.observe(this.section);
  }

  async read() {
    const rows = await readOr(this.stage, () => rowsOf(this.t.of, this.t.part));
    if (rows === null) return;
    this.rows = new Map();
    for (const r of rows) {
      const key = r[0] + " " + r[1];
      if (!this.rows.has(key)) this.rows.set(key, []);
      this.rows.get(key).push(r);
    }
    this.fill();
  }

  // of gives the areas of a year, the largest first: [area, usd, share, partial].
  of(year) {
    const rows = this.rows.get(this.code() + " " + year) || [], total = (rows.find(r => r[2] === null) || [])[3];
    return rows.filter(r => r[2] !== null).map(r => [r[2], r[3], total > 0 ? r[3] / total : 0, r[4] === 1]).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  }

  years() { return this.products ? this.t.years : this.t.years.filter(y => !this.rows || this.rows.has(this.code() + " " + y)); }

  leading() {
    const years = this.years();
    return this.rows && years.length ? [...new Set([...this.of(years[years.length - 1]), ...this.of(years[0])].map(r => r[0]))].slice(0, 2 * shownRanks) : [];
  }

  // codes are those of the sector in the year: code, value, whether it counts.
  codesOf() {
    return (this.rows.get(this.sector().key + " " + this.year()) || []).map(r => ({code: r[2], value: r[3 + this.option.flow], imports: r[3], exports: r[4], verdict: r[r.length - 1][this.verdictAt()]})).filter(c => c.value > 0);
  }

  // verdictAt is the cut-off of the figure that the codes are of.
  verdictAt() { const f = country.figures.find(f => f.id === "figure14"); return f ? f.in_use : 0; }

  fill() {
    const v = this.variant(), years = this.years();
    if (!this.products && years.length && !years.includes(this.year())) this.option.year = this.t.years.indexOf(years[years.length - 1]);
    this.fillControls();
    const found = this.finding();
    this.title.textContent = found || v.title;
    const code = this.code(), name = page.modes[0].products[code];
    this.subtitle.textContent = (found ? v.title + ". " : "") + v.subtitle + (this.products ? ": " + (this.option.flow ? "exports" : "imports") + " in US dollars" : "") + (code !== this.sector().key && name ? ". HS " + code + ": " + short(name, 160) : "");
    if (this.products ? this.codesOf().length === 0 : this.of(this.year()).length === 0) {
      this.marks = [];
      this.svg = null;
      this.stage.replaceChildren(el("p", {}, "No data: nothing was traded, or no file has it."));
      return;
    }
    this.draw();
  }

  finding() {
    if (this.products) {
      const all = this.codesOf().sort((a, b) => b.value - a.value), sum = d3.sum(all, c => c.value);
      if (!all.length) return "";
      return sentenceOf(`${short(inSentence(page.modes[0].products[all[0].code] || "HS " + all[0].code), 60)}: ${formats.share(all[0].value / sum)} of ${whose()} ${this.option.flow ? "exports" : "imports"} of ${inSentence(this.sector().name)} in ${this.year()}`);
    }
    const year = this.option.view === 0 ? this.year() : this.years().at(-1), all = this.of(year);
    if (!all.length) return "";
    const [id, , part] = all.find(r => !(page.areas[r[0]] || {}).rest) || all[0], first = sentenceOf(areaText(id)), share = formats.share(part);
    return this.t.kind === "suppliers" ? `${first} is ${whose()} largest supplier of ${this.goods()}: ${share} of imports in ${year}` : `${first} is the largest exporter of ${this.goods()}: ${share} of world exports in ${year}`;
  }

  said(area, year) {
    const all = this.of(year), k = all.findIndex(r => r[0] === area), r = all[k];
    return `${areaName(area)}, ${year}: ${formats.share(r[2])}, ${shortDollars(r[1])}, place ${1 + all.findIndex(x => x[1] === r[1])}` + (r[3] ? " (part of the data)" : "");
  }

  // chart is what the options ask for.
  chart(width) {
    if (this.products) {
      const name = c => page.modes[0].products[c] || "", counts = {"1": "import-dependent", "0": "not import-dependent", "-": "not in the count"};
      return treemap(this.codesOf(), width, name, c => `HS ${c.code} ${short(name(c.code), 90)}, ${this.year()}: imports ${c.imports === null ? "no data" : shortDollars(c.imports)}, exports ${c.exports === null ? "no data" : shortDollars(c.exports)}, ${counts[c.verdict] || "no data"}`);
    }
    if (this.option.view === 0 && world) {
      const none = this.t.kind === "suppliers" ? "nothing, or not among the largest" : "no exports in the files";
      return worldMap(this.of(this.year()), width, {none}, this.homeCode(), area => this.said(area, this.year()));
    }
    const focus = this.leading().includes(this.option.focus) ? this.option.focus : null;
    return ranks(this.years(), y => this.of(y), width, focus, (area, year) => this.said(area, year));
  }

  // homeCode is the number of the country that is shown.
  homeCode() { return +(Object.entries(page.areas).find(([, a]) => a.name === country.name) || [0])[0]; }

  draw() {
    this.frame();
    this.hint.textContent = this.products ? "Point at a code for its values; click it, or Enter, shows who supplies it. With the keyboard: arrow keys from the largest to the smallest."
      : this.option.view === 0 ? "Point at an area for its value. With the keyboard: arrow keys from the largest to the smallest. Table has all." : "Point at a place for its value, or use the arrow keys. Table has all.";
    this.box.setAttribute("aria-label", this.variant().number + ": " + this.title.textContent);
    const drawn = this.chart(Math.max(280, this.box.clientWidth));
    this.at = -1;
    this.marks = drawn.marks;
    this.pointed = drawn.pointed;
    drawn.svg.setAttribute("aria-hidden", "true");
    this.svg = drawn.svg;
    this.box.replaceChildren(drawn.svg);
  }

  redraw() { if (this.svg) this.draw(); }

  // point goes to the shape under the pointer.
  point(e) {
    if (!this.pointed) return super.point(e);
    const at = e.target.dataset ? e.target.dataset.at : undefined;
    if (at === undefined) { this.leave(); return false; }
    if (+at !== this.at || this.tip.hidden) this.light(+at);
    return true;
  }

  invites() { return false; }

  // openCodes leads from a code of the treemap to its suppliers.
  openCodes() {
    const m = this.marks[this.at];
    if (this.products && m) showSuppliers(this.sector().key, m.code);
  }

  table() {
    if (this.products) return tableOf(this.title.textContent, [headRow(["HS code", "Product", "Imports", "Exports"])], this.codesOf().sort((a, b) => b.value - a.value).map(c =>
      row(c.code, [short(page.modes[0].products[c.code] || "", 120), c.imports === null ? "no data" : formats.usd(c.imports), c.exports === null ? "no data" : formats.usd(c.exports)])));
    const years = this.years(), of = new Map(years.map(y => [y, new Map(this.of(y).map(r => [r[0], r]))])), last = of.get(years.at(-1));
    const areas = [...new Set(years.flatMap(y => [...of.get(y).keys()]))].sort((a, b) => ((last.get(b) || [])[1] || 0) - ((last.get(a) || [])[1] || 0) || areaName(a).localeCompare(areaName(b)));
    const cell = r => r ? formats.share(r[2]) + (r[3] ? "*" : "") : "–";
    return tableOf(this.title.textContent, [headRow([this.t.kind === "suppliers" ? "Supplier" : "Exporter", ...years.map(String), "US dollars in " + years.at(-1)])],
      areas.map(a => row(areaName(a), [...years.map(y => cell(of.get(y).get(a))), last.has(a) ? formats.usd(last.get(a)[1]) : "–"])));
  }

  toggleTable() { if (this.rows && this.open("table", this.table())) this.extra.focus({preventScroll: true}); }

  saveCSV() {
    if (!this.rows) return;
    const columns = names => ({columns: names.map(name => ({name}))}), file = [this.figure.id, country.id, this.products ? this.sector().key : this.code()].join("-") + ".csv";
    const text = this.products ? csv(columns(["sector", "year", "code", "product", "imports_usd", "exports_usd"]), {}, this.codesOf().map(c => [this.sector().key, this.year(), c.code, page.modes[0].products[c.code] || null, c.imports, c.exports]))
      : csv(columns(["code", "year", "area", "area_name", "usd", "share", "partial"]), {}, this.years().flatMap(y => this.of(y).map(r => [this.code(), y, r[0], areaName(r[0]), r[1], r[2], r[3]])));
    save(file, "text/csv", text);
  }
}

function whose() { return country.whose; }

// inSentence is a name with a small first letter, unless it begins with an acronym.
function inSentence(name) { return name.length > 1 && name[1] === name[1].toLowerCase() && name[1] !== name[1].toUpperCase() ? name[0].toLowerCase() + name.slice(1) : name; }

// short cuts a name at a word.
function short(text, letters) {
  if (text.length <= letters) return text;
  return text.slice(0, letters).replace(/[ ,;:(]+[^ ]*$/, "") + "…";
}

// showSuppliers leads to who supplies a code.
function showSuppliers(sector, code) {
  const view = views.find(v => v.figure.id === "suppliers");
  if (!view) return;
  const at = view.t.sectors.findIndex(s => s.key === sector);
  if (at < 0) return;
  view.option.sector = view.shownSector = at;
  view.option.code = view.t.sectors[at].codes.indexOf(code) + 1;
  state.set({"suppliers.sector": at === view.first.sector ? null : at, "suppliers.code": view.option.code || null});
  view.show();
  go(view);
}

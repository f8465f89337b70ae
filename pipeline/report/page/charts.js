"use strict";
// Charts are drawn by Observable Plot, as SVG. Each function here makes one and lists its
// marks: what a pointer and the arrow keys go to, with what is said of each.

const narrowBelow = 560; // pixels

// palette are the colours of lines; page_test.go checks that eyes of all kinds tell them apart.
function palette() { return [1, 2, 3, 4, 5, 6].map(i => colour("hue-" + i)); }

function percentTick(x) { return +(100 * x).toFixed(1) + "%"; }

// hold joins the elements that Plot drew of a mark with its data, in their order.
function hold(svg, cls, marks) {
  svg.querySelectorAll("." + cls + " circle, circle." + cls).forEach(node => {
    const mark = marks[node.__data__];
    if (!mark) return;
    mark.node = node;
    node.dataset.mark = "";
  });
}

function axisTop(bars) {
  const top = Math.max(0, ...bars.groups.flatMap(g => g.bars.map(b => b.share || 0)));
  return top > 0.6 && top <= 1 || top === 0 ? 1 : top * 1.02;
}

// hatched adds a pattern of stripes to an SVG and gives its address; each has its own.
function hatched(svg, name, stroke, width = 1.6) {
  const id = name + "-" + (hatched.made = (hatched.made || 0) + 1), own = d3.select(svg.node ? svg.node() : svg);
  const defs = own.select("defs").empty() ? own.insert("defs", ":first-child") : own.select("defs");
  defs.append("pattern").attr("id", id).attr("patternUnits", "userSpaceOnUse").attr("width", 5).attr("height", 5).attr("patternTransform", "rotate(45)")
    .append("line").attr("y2", 5).attr("stroke", stroke).attr("stroke-width", width);
  return "url(#" + id + ")";
}

const partWords = "hatched: part of the data";

// partLegend says in words what hatched marks are.
function partLegend(svg, x, y) {
  const g = d3.select(svg).append("g");
  g.append("circle").attr("cx", x + 8).attr("cy", y - 4.5).attr("r", 6).attr("fill", hatched(svg, "part", colour("ink"))).attr("stroke", colour("ink")).attr("stroke-width", 1.5);
  g.append("text").attr("x", x + 19).attr("y", y).attr("fill", colour("ink")).attr("font-size", 12.5).attr("text-anchor", "start").text(partWords);
}

// hatchDots lays stripes over the dots of marks that are of a part of the data.
function hatchDots(svg, marks) {
  const part = hatched(svg, "part", colour("paper"), 2.2), hollow = hatched(svg, "hollow", colour("hue-1"));
  for (const m of marks) {
    if (!m.node) continue;
    const filled = m.node.getAttribute("fill") !== colour("paper"), over = m.node.cloneNode(false);
    for (const name of ["data-mark", "class", "stroke"]) over.removeAttribute(name);
    over.setAttribute("fill", filled ? part : hollow);
    over.setAttribute("pointer-events", "none");
    m.node.after(over);
  }
}

// markOf is a bar as a mark.
function markOf(group, bar) {
  return {group, bar, share: bar.share, name: group.name, low: bar.low, part: bar.part,
    text: bar.text + (bar.low && bar.share !== null ? "*" : ""), said: group.name + ", " + bar.year + ": " + bar.text + (bar.low && bar.share !== null ? "*" : "")};
}

// dumbbells set two years of each group against each other.
function dumbbells(bars, from, to, width) {
  const narrow = width < narrowBelow, marks = [], links = [], empty = [], labels = [];
  const number = text => text.split(" (")[0] + (text.includes(" (part)") ? " (part)" : "");
  for (const g of bars.groups) {
    const pair = [...new Set([from, to])].map(y => g.bars.find(b => b.year === y)).filter(Boolean).map(b => markOf(g, b));
    marks.push(...pair);
    const known = pair.filter(m => m.share !== null);
    if (known.length === 0) empty.push({name: g.name, text: "no data"});
    else if (known.length === 1 && pair.length === 2) empty.push({name: g.name, at: known[0].share, text: "no data in " + pair.find(m => m.share === null).bar.year});
    if (known.length === 2) links.push({name: g.name, from: known[0].share, to: known[1].share});
    const [left, right] = known.toSorted((a, b) => a.share - b.share);
    if (right && left.share !== right.share) labels.push({name: g.name, at: left.share, text: number(left.text) + (left.text.endsWith("*") && !number(left.text).endsWith("*") ? "*" : ""), side: -1, strong: left.bar.year === to});
    if (known.length) labels.push({name: g.name, at: (right || left).share, text: number((right || left).text) + ((right || left).text.endsWith("*") && !number((right || left).text).endsWith("*") ? "*" : ""), side: 1, strong: known.length === 1 || (right || left).bar.year === to || left.share === (right || {}).share});
  }
  const shown = marks.filter(m => m.share !== null);
  const beside = new Set(bars.groups.filter(g => !g.key).map(g => g.name));
  const row = narrow ? 50 : 40, names = bars.groups.map(g => g.name), partial = shown.some(m => m.part);
  const svg = Plot.plot({
    width, height: 62 + row * names.length, marginTop: 56, marginBottom: 6, marginLeft: narrow ? 10 : Math.min(230, 16 + 7.1 * Math.max(...names.map(n => n.length))), marginRight: narrow ? 50 : 66, insetLeft: 46,
    style: {fontSize: "13px", background: "none", color: colour("ink"), fontFamily: "inherit", overflow: "visible"},
    x: {domain: [0, axisTop(bars)], label: null},
    y: {domain: names, label: null, padding: 0.5, axis: null},
    marks: [
      Plot.gridX({stroke: colour("rule"), strokeOpacity: 1}),
      Plot.axisX({anchor: "top", ticks: narrow ? 4 : 6, tickSize: 0, tickFormat: percentTick, fill: colour("dim")}),
      narrow ? Plot.text(names, {x: () => 0, y: d => d, text: d => d, dy: -17, dx: -42, textAnchor: "start", fontWeight: 600})
        : Plot.axisY({tickSize: 0, tickPadding: 4, lineWidth: 17, fill: colour("ink")}),
      Plot.link(links, {x1: "from", x2: "to", y: "name", stroke: d => d.to >= d.from ? colour("up") : colour("down"), strokeWidth: 4, strokeOpacity: 0.45}),
      Plot.dot(shown, {x: "share", y: "name", r: 7, className: "marks", stroke: d => beside.has(d.name) ? colour("dim") : colour("hue-1"), strokeWidth: 2,
        fill: d => d.bar.year === to ? (beside.has(d.name) ? colour("dim") : colour("hue-1")) : colour("paper")}),
      Plot.dot(shown.filter(d => d.low), {x: "share", y: "name", r: 4, symbol: "times", stroke: d => d.bar.year === to ? colour("paper") : colour("dim"), strokeWidth: 1.5}),
      ...[-1, 1].map(side => Plot.text(labels.filter(l => l.side === side), {x: "at", y: "name", text: "text", dx: 12 * side, textAnchor: side < 0 ? "end" : "start",
        fill: d => d.strong ? colour("ink") : colour("dim"), fontWeight: 600, stroke: colour("paper"), strokeWidth: 4})),
      Plot.text(empty.filter(d => d.at === undefined), {x: 0, y: "name", text: "text", textAnchor: "start", fontStyle: "italic", fill: colour("dim")}),
      Plot.text(empty.filter(d => d.at !== undefined), {x: "at", y: "name", text: "text", dy: 17, fontStyle: "italic", fill: colour("dim"), fontSize: 11.5}),
    ],
  });
  legend(svg, [[String(from), colour("paper")], [String(to), colour("hue-1")]].slice(from === to ? 1 : 0), narrow ? 10 : +svg.getAttribute("width") - 170);
  hold(svg, "marks", shown);
  if (partial) {
    hatchDots(svg, shown.filter(m => m.part));
    partLegend(svg, narrow ? 160 : +svg.getAttribute("width") - 370, 18.5);
  }
  return {svg, marks};
}

// legend draws dots with their years in the corner of a chart.
function legend(svg, entries, x) {
  const g = d3.select(svg).append("g").attr("font-size", 13).attr("font-weight", 600).attr("text-anchor", "start");
  entries.forEach(([text, fill], i) => {
    g.append("circle").attr("cx", x + 8 + i * 66).attr("cy", 14).attr("r", 6).attr("fill", fill).attr("stroke", colour("hue-1")).attr("stroke-width", 2);
    g.append("text").attr("x", x + 19 + i * 66).attr("y", 18.5).attr("fill", colour("ink")).text(text);
  });
}

// courses draw every year of each group in a small chart of its own, before all others in grey.
function courses(bars, width) {
  const columns = width < 420 ? 1 : width < 700 ? 2 : 3, rows = Math.ceil(bars.groups.length / columns);
  const cell = {w: width / columns, h: 150}, top = axisTop(bars), marks = [];
  const years = bars.groups.length ? bars.groups[0].bars.map(b => b.year) : [];
  const svg = d3.create("svg").attr("width", width).attr("height", rows * cell.h).attr("viewBox", `0 0 ${width} ${rows * cell.h}`)
    .attr("font-family", "inherit").attr("font-size", 12).style("max-width", "100%").style("height", "auto");
  const x = d3.scaleLinear([Math.min(...years), Math.max(...years)], [8, cell.w - 58]), y = d3.scaleLinear([0, top], [cell.h - 22, 34]);
  const points = g => g.bars.filter(b => b.share !== null);
  const path = d3.line(b => x(b.year), b => y(b.share));
  bars.groups.forEach((g, i) => {
    const at = svg.append("g").attr("transform", `translate(${(i % columns) * cell.w},${Math.floor(i / columns) * cell.h})`);
    at.append("line").attr("x1", 8).attr("x2", cell.w - 58).attr("y1", y(0)).attr("y2", y(0)).attr("stroke", colour("dim"));
    for (const other of bars.groups) if (other !== g) at.append("path").attr("d", path(points(other))).attr("fill", "none").attr("stroke", colour("rule")).attr("stroke-width", 1);
    const own = points(g);
    // A line over years without data is thin and dashed.
    for (let k = 1; k < own.length; k++) {
      const whole = years.indexOf(own[k].year) - years.indexOf(own[k - 1].year) === 1;
      at.append("path").attr("d", path([own[k - 1], own[k]])).attr("stroke", colour("hue-1")).attr("stroke-width", whole ? 2.5 : 1).attr("stroke-dasharray", whole ? null : "3,3");
    }
    g.bars.forEach(bar => {
      const mark = markOf(g, bar);
      marks.push(mark);
      if (bar.share === null) return;
      mark.node = at.append("circle").attr("cx", x(bar.year)).attr("cy", y(bar.share)).attr("r", 4).attr("data-mark", "")
        .attr("fill", bar.low ? colour("paper") : colour("hue-1")).attr("stroke", colour("hue-1")).attr("stroke-width", 1.5).node();
    });
    hatchDots(svg, marks.filter(m => m.group === g && m.part));
    at.append("text").attr("x", 8).attr("y", 18).attr("font-weight", 600).attr("fill", colour("ink")).text(g.name.length * 6.6 > cell.w - 16 ? g.name.slice(0, Math.floor((cell.w - 24) / 6.6)) + "…" : g.name);
    const last = own[own.length - 1];
    if (last) at.append("text").attr("x", x(last.year) + 8).attr("y", y(last.share) + 4).attr("font-weight", 600).attr("fill", colour("hue-1")).text(last.text.split(" (")[0] + (last.low ? "*" : ""));
    else at.append("text").attr("x", 8).attr("y", cell.h / 2).attr("font-style", "italic").attr("fill", colour("dim")).text("no data");
    for (const [k, anchor] of [[0, "start"], [years.length - 1, "end"]]) if (k === 0 || years.length > 1) at.append("text").attr("x", x(years[k])).attr("y", cell.h - 6).attr("text-anchor", anchor).attr("fill", colour("dim")).text(years[k]);
  });
  if (marks.some(m => m.part)) {
    const high = rows * cell.h + 24;
    svg.attr("height", high).attr("viewBox", `0 0 ${width} ${high}`);
    partLegend(svg.node(), 0, high - 6);
  }
  return {svg: svg.node(), marks};
}

// lineChart draws series over periods. One may be in focus; then the others are grey.
function lineChart(lines, width, focus, balance) {
  const narrow = width < narrowBelow, height = narrow ? 340 : 380, room = narrow ? 104 : 190;
  const at = {left: 48, right: room, top: lines.series.some(s => s.parts) ? 28 : 14, bottom: 30}, plot = height - at.top - at.bottom;
  const hues = palette(), hue = i => focus >= 0 && i !== focus ? colour("faint") : hues[i % hues.length];
  const value = v => lines.unit === "usd" ? shortDollars(v) : percentTick(v);
  const points = lines.series.flatMap((s, i) => s.values.flatMap((v, k) => v === null ? [] : [{series: i, k, v}]));
  const links = lines.series.flatMap((s, i) => {
    const own = points.filter(p => p.series === i);
    return own.slice(1).map((p, n) => ({series: i, a: own[n], b: p, whole: p.k - own[n].k === 1})).filter(l => !l.whole);
  });
  const runs = lines.series.flatMap((s, i) => s.values.map((v, k) => ({series: i, k, v: v === null ? NaN : v})));
  const order = (a, b) => (a.series === focus) - (b.series === focus);
  const ends = endLabels(lines, plot, room);
  const months = lines.periods.length && lines.periods[0].length > 4;
  const ticks = d3.ticks(0, lines.periods.length - 1, Math.min(lines.periods.length - 1, narrow ? 3 : 7) || 1).filter(Number.isInteger);
  const empty = lines.periods.map((p, k) => ({k, empty: lines.empty[k]})).filter(p => p.empty);
  const svg = Plot.plot({
    width, height, marginLeft: at.left, marginRight: at.right, marginTop: at.top, marginBottom: at.bottom,
    style: {fontSize: "13px", background: "none", color: colour("ink"), fontFamily: "inherit", overflow: "visible"},
    x: {domain: [0, Math.max(1, lines.periods.length - 1)], label: null}, y: {domain: [0, lines.end], label: null},
    marks: [
      Plot.gridY(d3.range(0, lines.end * 1.0001, lines.step), {stroke: colour("rule"), strokeOpacity: 1}),
      Plot.axisY(d3.range(0, lines.end * 1.0001, lines.step), {tickSize: 0, tickFormat: value, fill: colour("dim")}),
      Plot.axisX(ticks, {tickSize: 4, tickFormat: k => lines.periods[k], fill: colour("dim")}),
      ...(empty.length ? [Plot.rectX(empty, {x1: d => d.k - 0.5, x2: d => d.k + 0.5, fill: "url(#hatch)"}),
        Plot.text([empty[Math.floor(empty.length / 2)]], {x: "k", text: () => "no data", frameAnchor: "top", dy: 4, rotate: empty.length < 3 ? -90 : 0, textAnchor: empty.length < 3 ? "end" : "middle", fill: colour("dim"), fontStyle: "italic"})] : []),
      ...(balance && lines.series.length === 2 ? [Plot.areaY(lines.periods.map((_, k) => k), {x: k => k, y1: k => lines.series[0].values[k] ?? NaN, y2: k => lines.series[1].values[k] ?? NaN, fill: colour("hue-1"), fillOpacity: 0.14})] : []),
      Plot.link(links, {x1: d => d.a.k, y1: d => d.a.v, x2: d => d.b.k, y2: d => d.b.v, stroke: d => hue(d.series), strokeWidth: 1, strokeDasharray: "3,3"}),
      Plot.line(runs.toSorted(order), {x: "k", y: "v", z: "series", stroke: d => hue(d.series), strokeWidth: d => d.series === focus ? 3 : 2}),
      Plot.dot(points.toSorted(order), {x: "k", y: "v", r: lines.periods.length > 40 ? 1.5 : lines.series.some(s => s.parts) ? 5 : 3.5, className: "values", fill: d => hue(d.series)}),
    ],
  });
  svg.querySelectorAll(".values circle, circle.values").forEach(node => {
    const p = points.toSorted(order)[node.__data__];
    if (p && (lines.series[p.series].parts || [])[p.k]) hatchDots(svg, [{node}]);
  });
  if (lines.series.some(s => (s.parts || []).includes(true))) partLegend(svg, at.left, 11);
  const defs = d3.select(svg).insert("defs", ":first-child").append("pattern").attr("id", "hatch").attr("patternUnits", "userSpaceOnUse").attr("width", 6).attr("height", 6).attr("patternTransform", "rotate(45)");
  defs.append("line").attr("y2", 6).attr("stroke", colour("rule")).attr("stroke-width", 2);
  const names = d3.select(svg).append("g").attr("font-size", 12.5).attr("font-weight", 600).attr("text-anchor", "start");
  const x = k => at.left + k / Math.max(1, lines.periods.length - 1) * (width - at.left - at.right);
  for (const l of ends) {
    const text = names.append("text").attr("fill", focus >= 0 && l.series !== focus ? colour("dim") : hue(l.series));
    const last = lines.series[l.series].values.findLastIndex(v => v !== null);
    if (last >= 0 && Math.abs(l.y - l.want) > 8) names.append("path").attr("d", `M${x(lines.periods.length - 1) + 4},${at.top + l.want}L${x(lines.periods.length - 1) + 12},${at.top + l.y}`).attr("stroke", hue(l.series)).attr("fill", "none");
    l.rows.forEach((r, n) => text.append("tspan").attr("x", width - at.right + 15).attr("y", at.top + l.y - (l.rows.length - 1) * 7.5 + n * 15 + 4).text(r));
  }
  const marks = lines.periods.map((p, k) => ({k, x: x(k), said: p + ": " + lines.series.map(s => s.name + " " + s.texts[k]).join(", "), rows: lines.series.map(s => [s.name, s.texts[k]]), period: p}));
  return {svg, marks, plane: {left: at.left, right: width - at.right, top: at.top, bottom: height - at.bottom}};
}

// endLabels places the names of lines beside their last points, one below the other where
// they would overlap: y is where they stand, want where their point is.
function endLabels(lines, plot, room) {
  const labels = lines.series.map((s, series) => {
    const last = s.values.findLastIndex(v => v !== null);
    const value = last < 0 ? "no data" : s.texts[last] + (last < s.values.length - 1 ? " in " + lines.periods[last] : "");
    const rows = [];
    for (const word of (s.name + " " + value).split(" ")) {
      if (rows.length && (rows[rows.length - 1] + " " + word).length * 6.9 < room - 16) rows[rows.length - 1] += " " + word;
      else rows.push(word);
    }
    const want = last < 0 ? plot : plot * (1 - s.values[last] / lines.end);
    return {series, rows, high: rows.length * 15 + 3, want, y: want};
  }).sort((a, b) => a.y - b.y);
  labels.forEach((l, i) => { if (i) l.y = Math.max(l.y, labels[i - 1].y + (labels[i - 1].high + l.high) / 2); });
  let floor = plot + 8;
  for (const l of labels.toReversed()) {
    l.y = Math.min(l.y, floor - l.high / 2);
    floor = l.y - l.high / 2;
  }
  return labels;
}

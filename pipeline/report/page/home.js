"use strict";
// What the page says of the release as a whole: its checks, and what changed since the one before.

function counted(n, what) { return n + " " + what + (n === 1 ? "" : "s"); }

function showChecks() {
  const c = page.checks, box = document.querySelector("#checks div");
  const result = r => r.examined === 0 && r.findings === 0 ? "nothing to examine" : r.findings === 0 ? "passed" : "warned: " + r.findings.toLocaleString("en-US");
  box.replaceChildren(el("p", {}, c.rows.length ? `${c.passed} of ${counted(c.rows.length, "check")} of the files and figures passed, ${c.warned} warned. What warned is in check_findings below; a check that fails publishes nothing.` : "No check was made."),
    c.rows.length ? tableOf("Checks", [headRow(["Check", "Result", "Examined"])], c.rows.map(r => row(r.name, [result(r), r.examined.toLocaleString("en-US")], r.findings ? "warned" : ""))) : "");
}

function showChanges() {
  const c = page.changes, box = document.querySelector("#changes div");
  if (!c) {
    box.replaceChildren(el("p", {}, "No earlier release that counts codes in the same way is kept."));
    return;
  }
  const counts = t => [[t.changed, "changed"], [t.new, "new"], [t.gone, "gone"]].filter(([n]) => n).map(([n, what]) => n.toLocaleString("en-US") + " " + what).join(", ");
  box.replaceChildren(el("p", {}, `Compared with release ${c.from}` + (c.day ? ` of ${c.day}` : "") + ": " + (c.causes.length ? c.causes.join("; ") : "the same files and settings") + "."),
    ...(c.tables.length ? c.tables.map(t => el("details", {}, el("summary", {}, t.title + " – rows: " + counts(t)), el("ul", {}, ...t.rows.map(r => el("li", {}, r))))) : [el("p", {}, "No value of the figures changed.")]));
}

// showState says in one line how sure the release is.
function showState() {
  const c = page.checks, changed = page.changes ? page.changes.tables.length : 0;
  document.getElementById("state").replaceChildren(
    el("a", {href: "#checks"}, c.warned ? `${c.passed} of ${c.rows.length} checks passed, ${c.warned} warned` : `All ${c.rows.length} checks passed`), " · ",
    el("a", {href: "#changes"}, page.changes ? (changed ? `${counted(changed, "figure")} changed since the last release` : "No figure changed since the last release") : "First release that is kept"), " · ",
    el("a", {href: "#data-tables"}, "Data"), " · ", el("a", {href: "#methods"}, "Methods"));
}

// Links within the page lead to a place and leave the state of the address as it is.
function stay(e) {
  const link = e.target.closest("a[href^='#']:not(.skip)"), to = link && document.getElementById(link.getAttribute("href").slice(1));
  if (!to || e.defaultPrevented) return;
  e.preventDefault();
  const head = to.querySelector("h2") || to;
  head.setAttribute("tabindex", "-1");
  to.scrollIntoView();
  head.focus({preventScroll: true});
}

showChecks();
showChanges();
showState();
document.addEventListener("click", stay);

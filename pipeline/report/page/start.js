"use strict";
// Shows what the address says, when all of the page is there.

receive(page.country.id, {country: page.country, parts: page.parts, places: page.places});
picker();
addEventListener("hashchange", () => { if (location.hash.includes("=")) restore(); });
let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; redraw(); } });
dark.addEventListener("change", redraw);
// Paper has light colours, whatever the screen has.
addEventListener("beforeprint", () => { document.documentElement.dataset.print = "true"; redraw(); });
addEventListener("afterprint", () => { delete document.documentElement.dataset.print; redraw(); });
restore().then(() => { document.documentElement.dataset.ready = "true"; });

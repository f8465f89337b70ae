// Prints where the areas are that the large map (countries-50m.json) has and the small one
// (countries-110m.json) has not: node small.cjs D3 TOPOJSON SMALL LARGE
const [d3, topojson, small, large] = process.argv.slice(2).map(path => require(require("path").resolve(path)));
const drawn = new Set(small.objects.countries.geometries.map(g => g.id));
const round = x => Math.round(100 * x) / 100;
const places = topojson.feature(large, large.objects.countries).features.filter(f => f.id && !drawn.has(f.id))
  .map(f => [f.id, ...d3.geoCentroid(f).map(round)]).sort((a, b) => a[0] < b[0] ? -1 : 1);
console.log("[\n" + places.map(p => JSON.stringify(p)).join(",\n") + "\n]");

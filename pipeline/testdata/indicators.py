"""Works the tables of who trades what, and the indicators, out from rows once more.

It shares nothing with the SQL: plain Python on dictionaries, in whole tenths of a cent
and fractions. Usage: indicators.py INPUT.json; writes a JSON object of tables, each a
list of rows as they are published.

INPUT: {"rows": [[reporter, year, flow, partner, code, mills, kilos, guessed], ...], "listed": {code:
sector}, "reporters": [codes], "years": [years], "eu": [codes], "heading_sizes":
{heading: codes}, "whole": [[reporter, year, flow], ...],
"indices": [[flow, year, index as text], ...]}. rows are those that count.
"""
import json
import sys
from collections import defaultdict
from fractions import Fraction
from statistics import median

given = json.load(open(sys.argv[1]))
listed, years, reporters, eu = given["listed"], given["years"], given["reporters"], set(given["eu"])
headings = {c[:4] for c in listed}
trade, weights, guesses = {}, {}, set()
for reporter, year, flow, partner, code, mills, kilos, guessed in given["rows"]:
    trade[reporter, year, flow, partner, code] = mills
    weights[reporter, year, flow, partner, code] = kilos
    if guessed:
        guesses.add((reporter, year, flow, partner, code))
indices = {(f, y): Fraction(i) for f, y, i in given["indices"]}
whole = {(r, y, f) for r, y, f in given["whole"]}  # all codes are known; of others no code without a row
tables = defaultdict(list)


def usd(mills):
    return None if mills is None else mills / 1000


def over(a, b):
    """As the database divides: both are doubles of dollars."""
    return None if a is None or not b else (a / 1000) / (b / 1000)


def ranks(values):
    return {k: 1 + sum(1 for o in values.values() if o > v) for k, v in values.items()}


def hhi(values):
    return float(Fraction(sum(v * v for v in values), sum(values) ** 2))


def places(code):
    """The rows that a code adds to: itself, its heading, its sector."""
    found = []
    if code in listed:
        found += [(6, code), (0, listed[code])]
    if code[:4] in headings:
        found.append((4, code[:4]))
    return found


def sector_of(level, name):
    return listed[name] if level == 6 else name if level == 0 else None


# Everybody's exports.
exports = defaultdict(dict)
for (reporter, year, flow, partner, code), mills in trade.items():
    if flow == "X" and partner == 0 and mills > 0:
        for place in places(code):
            cell = exports[(year,) + place]
            cell[reporter] = cell.get(reporter, 0) + mills
sizes = defaultdict(int)
for code in listed:
    sizes[listed[code]] += 1


def traded_listed(reporter, year, flow, sector):
    return sum(1 for c in listed if listed[c] == sector and trade.get((reporter, year, flow, 0, c), 0) > 0)


def part_of_exporter(reporter, year, level, name):
    if (reporter, year, "X") in whole or level == 6:
        return False
    return level == 4 or 10 * traded_listed(reporter, year, "X", name) < 9 * sizes[name]


for (year, level, name), by in exports.items():
    place, world = ranks(by), sum(by.values())
    for exporter, mills in by.items():
        before = exports.get((year - 1, level, name), {}).get(exporter)
        part = part_of_exporter(exporter, year, level, name)
        comparable = before and not part and not part_of_exporter(exporter, year - 1, level, name)
        tables["exporters"].append([year, level, name, exporter, place[exporter], usd(mills), usd(world), over(mills, world),
                                    over(mills - before, before) if comparable else None, part])
    first = sorted(by, key=lambda e: (-by[e], e))
    tables["exporter_concentration"].append([year, level, name, len(by), usd(world), hhi(by.values()), first[0], by[first[0]] / world,
                                             sum(by[e] for e in first[:3]) / world])


# The reporters' own trade.
def value(reporter, year, flow, code):
    known = trade.get((reporter, year, flow, 0, code))
    if known:
        return known
    return 0 if (reporter, year, flow) in whole else None


def own(reporter, year, flow, level, name):
    """The value, and whether it is of a part."""
    if level == 6:
        v = value(reporter, year, flow, name)
        return v, v is None
    if level == 0:
        all_of = [value(reporter, year, flow, c) for c in listed if listed[c] == name]
        known = [v for v in all_of if v is not None]
        return sum(known) if known else None, 10 * len(known) < 9 * len(all_of)
    known = [v for (r, y, f, p, c), v in trade.items() if (r, y, f, p) == (reporter, year, flow, 0) and c[:4] == name]
    size = given["heading_sizes"][name]
    gone = 0 if (reporter, year, flow) in whole else size - sum(1 for v in known if v > 0)
    return sum(known), 10 * (size - gone) < 9 * size


for reporter in reporters:
    for year in years:
        for flow in "MX":
            codes = {c: v for (r, y, f, p, c), v in trade.items() if (r, y, f, p) == (reporter, year, flow, 0) and v > 0}
            if not codes:
                continue
            total = sum(codes.values()) if (reporter, year, flow) in whole else None
            groups = {6: codes, 4: defaultdict(int), 0: {}}
            for c, v in codes.items():
                groups[4][c[:4]] += v
            for s in set(listed.values()):
                v, _ = own(reporter, year, flow, 0, s)
                if v:
                    groups[0][s] = v
            for level, values in groups.items():
                place = ranks(values)
                for name, v in values.items():
                    if level == 0 or place[name] <= 50:
                        _, part = own(reporter, year, flow, level, name)
                        before, part_before = own(reporter, year - 1, flow, level, name)
                        comparable = before and not part and not part_before
                        tables["top_products"].append([reporter, year, flow, level, name, place[name], usd(v), usd(total), over(v, total),
                                                       over(v - before, before) if comparable else None, part])

supplied = defaultdict(dict)
for (reporter, year, flow, partner, code), mills in trade.items():
    if flow == "M" and partner and mills > 0 and reporter in reporters and trade.get((reporter, year, "M", 0, code), 0) > 0:
        for place in places(code):
            cell = supplied[(reporter, year) + place]
            cell[partner] = cell.get(partner, 0) + mills
for (reporter, year, level, name), by in supplied.items():
    place, all_of = ranks(by), sum(by.values())
    world, part = own(reporter, year, "M", level, name)
    for partner, mills in by.items():
        if place[partner] <= 20:
            tables["suppliers"].append([reporter, year, level, name, partner, place[partner], len(by), usd(mills), usd(world), usd(all_of),
                                        over(mills, world), over(mills, all_of), part])
    first = sorted(by, key=lambda p: (-by[p], p))
    tables["supplier_concentration"].append([reporter, year, level, name, len(by), usd(all_of), usd(world), over(all_of, world), hhi(by.values()),
                                             first[0], by[first[0]] / all_of, sum(by[p] for p in first[:3]) / all_of, part])

for reporter in reporters:
    for year in years:
        for level, name in [(6, c) for c in listed] + [(0, s) for s in sorted(set(listed.values()))]:
            inside = [name] if level == 6 else [c for c in listed if listed[c] == name]
            pairs = [(value(reporter, year, "M", c), value(reporter, year, "X", c)) for c in inside]
            both = [(m, x) for m, x in pairs if m is not None and x is not None]
            if level == 6:
                m, x = pairs[0]
            else:
                m, x = (sum(m for m, _ in both), sum(x for _, x in both)) if both else (None, None)
            known = m is not None and x is not None
            gl = over(m + x - sum(abs(x - m) for m, x in both), m + x) if known else None
            traded = level == 0 or m != 0 or x != 0
            if traded:
                tables["intra_industry_trade"].append([reporter, year, level, name, len(both), len(inside) - len(both), usd(m), usd(x), gl,
                                                       over(m + x - abs(x - m), m + x) if known else None])
                tables["balance_of_trade"].append([reporter, year, level, name, usd(m), usd(x), usd(x - m) if known else None,
                                                   over(x - m, m + x) if known else None])
            for flow in "MX":
                v, part = own(reporter, year, flow, level, name)
                before, part_before = own(reporter, year - 1, flow, level, name)
                comparable = v is not None and before and not part and not part_before
                first = next((y for y in years if own(reporter, y, flow, level, name)[0] and not own(reporter, y, flow, level, name)[1]), None)
                since = first if first is not None and first <= year else None
                rate = None
                if since is not None and since < year and v is not None and not part:
                    rate = ((v / 1000) / (usd(own(reporter, since, flow, level, name)[0]))) ** (1 / (year - since)) - 1
                prices = [indices.get((flow, y)) for y in (year, year - 1, since)]
                real = [None if i is None else float(Fraction(x, 1000) * 100 / i) if x is not None else None for i, x in
                        zip(prices, (v, before, own(reporter, since, flow, level, name)[0] if since else None))]
                real_change = real[0] / real[1] - 1 if comparable and real[0] is not None and real[1] else None
                real_rate = (real[0] / real[2]) ** (1 / (year - since)) - 1 if rate is not None and real[0] is not None and real[2] else None
                if level == 0 or v is None or first is not None:
                    tables["growth"].append([reporter, year, flow, level, name, usd(v), over(v - before, before) if comparable else None, since, rate,
                                             real[0], real_change, real_rate, part])

            x_all = sum(v for (r, y, f, p, c), v in trade.items() if (r, y, f, p) == (reporter, year, "X", 0))
            w_all = sum(v for (r, y, f, p, c), v in trade.items() if (y, f, p) == (year, "X", 0))
            covered = [c for c in inside if value(reporter, year, "X", c) is not None]
            w = sum(v for (r, y, f, p, c), v in trade.items() if (y, f, p) == (year, "X", 0) and c in covered)
            w_level = exports.get((year, level, name), {})
            everybody = all((r, year, "X") in whole for (r, y, f, p, c) in trade if (y, f, p) == (year, "X", 0))
            if w and w_level:
                mine = sum(value(reporter, year, "X", c) for c in covered)
                ratio = (mine / 1000) / (w / 1000) / ((x_all / 1000) / (w_all / 1000)) if everybody and x_all else None
                if level == 0 or mine:
                    tables["comparative_advantage"].append([reporter, year, level, name, usd(mine), usd(w), ratio,
                                                            mine * w_all > w * x_all if ratio is not None else None])

            if level == 6 and traded:
                by = supplied.get((reporter, year, 6, name), {})
                out = {p: v for p, v in by.items() if p != reporter and not (reporter in eu and p in eu)}
                outside = sum(out.values()) if by else (0 if m == 0 else None)
                concentrated = None if outside is None else False if outside == 0 else Fraction(sum(v * v for v in out.values()), outside ** 2) > Fraction(2, 5)
                mostly = None if outside is None or m is None else 2 * outside > m
                exceeds = None if outside is None or x is None else outside > x
                three = [concentrated, mostly, exceeds]
                verdict = False if False in three else None if None in three else True
                tables["strategic_dependencies"].append([reporter, year, name, "EU" if reporter in eu else None, usd(outside), len(out),
                                                         hhi(out.values()) if out else None, over(outside, m), *three, verdict])


# Dollars for a kilogram.
def guard(reporter, year, flow, code):
    """Partners with a weight, their trade, median, outliers, and the trade and weight of the others."""
    by = {p: (v, weights[r, y, f, p, c]) for (r, y, f, p, c), v in trade.items()
          if (r, y, f, c) == (reporter, year, flow, code) and p and v > 0 and weights[r, y, f, p, c] > 0}
    prices = {p: v / 1000 / kg for p, (v, kg) in by.items()}
    middle = median(prices.values()) if prices else None
    weighed = sum(v for v, _ in by.values()) if by else None
    if len(by) < 5:
        return len(by), weighed, middle, None, None, None
    good = [by[p] for p in by if middle / 10 <= prices[p] <= 10 * middle]
    return len(by), weighed, middle, len(by) - len(good), sum(v for v, _ in good), sum(kg for _, kg in good)


for reporter in reporters:
    for year in years:
        for flow in "MX":
            for code in listed:
                v = value(reporter, year, flow, code)
                if not v:
                    continue
                kg = weights[reporter, year, flow, 0, code] or None
                n, weighed, middle, outliers, kept, kept_kg = guard(reporter, year, flow, code)
                price = None if kept is None else kept / 1000 / kept_kg
                _, _, _, _, before, before_kg = guard(reporter, year - 1, flow, code) if value(reporter, year - 1, flow, code) else [None] * 6
                worked_out = sum(trade[g] for g in guesses if (g[0], g[1], g[2], g[4]) == (reporter, year, flow, code) and g[3] and weights[g] > 0)
                tables["unit_values"].append([reporter, year, flow, code, usd(v), kg, v / 1000 / kg if kg else None, n, usd(weighed), over(worked_out, weighed), middle, outliers, price,
                                              over(kept, v), price / (before / 1000 / before_kg) - 1 if price is not None and before is not None else None])

json.dump(tables, sys.stdout)

-- The exports that add up to world exports W, by year, exporter and code.
--
-- Reported exports are each reporter's own row for World. With eu_internal 'out',
-- what EU members report as exports to EU members is taken off.
--
-- With world 'mirrored', a reporter that is missing in a year is filled in with
-- what its partners report importing from it, divided by cif_fob (not where the
-- import is reported FOB). Not filled in are areas that never report, residual
-- areas, and an area in whose place its successor or predecessor reports.
WITH members AS (
    SELECT y.year, coalesce(s.successor, m.area) AS area
    FROM years y
    JOIN country_groups m ON m.name = 'EU' AND is_member($membership, m.joined_on, m.left_on, y.year)
    LEFT JOIN successions s ON s.code = m.area AND s.whole AND y.year >= s.since
    WHERE $eu_internal = 'out'
    GROUP BY ALL
),
internal AS (
    SELECT f.year, f.reporter, coalesce(c.to_revision, f.hs_revision) AS hs_revision, coalesce(c.to_code, f.hs6) AS hs6,
           sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) AS usd
    FROM facts f
    SEMI JOIN members a ON a.year = f.year AND a.area = f.reporter
    SEMI JOIN members b ON b.year = f.year AND b.area = f.partner
    LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
    LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
        AND d.to_code = c.to_code
    WHERE f.flow = 'X' AND f.month = 0 AND f.partner <> 0
    GROUP BY ALL
),
present AS (
    SELECT DISTINCT year, reporter FROM world_trade WHERE flow = 'X'
),
replaced AS (
    SELECT p.year, s.code FROM present p JOIN successions s ON s.successor = p.reporter
    UNION
    SELECT p.year, s.successor FROM present p JOIN successions s ON s.code = p.reporter
),
mirror AS (
    SELECT f.year, f.partner AS reporter, coalesce(c.to_revision, f.hs_revision) AS hs_revision, coalesce(c.to_code, f.hs6) AS hs6,
           coalesce(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (f.valuation = 'fob'), 0) AS fob,
           coalesce(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (f.valuation IS DISTINCT FROM 'fob'), 0) AS cif,
           coalesce(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (d.basis IS NOT NULL), 0) AS split, bit_or(d.basis) AS split_basis
    FROM facts f
    SEMI JOIN years y ON y.year = f.year
    JOIN areas a ON a.code = f.partner AND a.kind = 'country' AND a.reporter
    ANTI JOIN present p ON p.year = f.year AND p.reporter = f.partner
    ANTI JOIN replaced r ON r.year = f.year AND r.code = f.partner
    LEFT JOIN members ma ON ma.year = f.year AND ma.area = f.reporter
    LEFT JOIN members mb ON mb.year = f.year AND mb.area = f.partner
    LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
    LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
        AND d.to_code = c.to_code
    WHERE $world = 'mirrored' AND f.flow = 'M' AND f.month = 0 AND f.partner <> f.reporter
      AND ($harmonize = 'as-reported' OR c.to_code IS NOT NULL)
      AND NOT (ma.area IS NOT NULL AND mb.area IS NOT NULL)
    GROUP BY ALL
)
SELECT w.year, w.reporter, w.hs_revision, w.hs6,
       greatest(w.value_usd - coalesce(i.usd, 0), 0)::DECIMAL(18,3) AS value_usd,
       least(w.split_usd, greatest(w.value_usd - coalesce(i.usd, 0), 0))::DECIMAL(18,3) AS split_usd, w.split_basis,
       least(coalesce(i.usd, 0), w.value_usd)::DECIMAL(18,3) AS eu_internal_usd,
       false AS mirrored
FROM world_trade w
SEMI JOIN years USING (year)
LEFT JOIN internal i USING (year, reporter, hs_revision, hs6)
WHERE w.flow = 'X'
UNION ALL
SELECT year, reporter, hs_revision, hs6,
       CAST(fob + CAST(CAST(cif AS DOUBLE) / CAST($cif_fob AS DOUBLE) AS DECIMAL(18,3)) AS DECIMAL(18,3)),
       CAST(CAST(split AS DOUBLE) / CAST($cif_fob AS DOUBLE) AS DECIMAL(18,3)), split_basis, 0, true
FROM mirror

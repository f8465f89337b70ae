-- What the reporters pay and get for a kilogram: unit values of the codes that sectors list,
-- by flow and year. Once of the World row and its weight, and once of the partners one by
-- one without outliers: those more than ten times the median over the partners, or less than
-- a tenth of it, mostly have a wrong weight. Five partners are needed to tell.
--
-- Source: the guard is that of the literature on unit values as prices, such as Berthou and
-- Emlinger (2011), The Trade Unit Values Database, CEPII Working Paper 2011-10, with its
-- cut-off made one of a tenth and ten times the median.
WITH rows AS (
    SELECT f.reporter, f.flow, f.year, coalesce(c.to_revision, f.hs_revision) AS hs_revision, coalesce(c.to_code, f.hs6) AS hs6, f.partner,
           sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (f.net_weight_kg > 0) AS weighed_usd,
           sum(part(f.net_weight_kg, d.lo, d.hi, d.parts_of)) FILTER (f.net_weight_kg > 0) AS kg,
           sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (f.net_weight_kg > 0 AND f.weight_estimated) AS estimated_usd,
           bool_and(f.net_weight_kg > 0 OR f.value_usd = 0) IS TRUE AS whole
    FROM measured_facts f
    SEMI JOIN reporters USING (reporter)
    SEMI JOIN years USING (year)
    LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
    LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
        AND d.to_code = c.to_code
    SEMI JOIN code_sectors s ON s.hs_revision = coalesce(c.to_revision, f.hs_revision) AND s.hs6 = coalesce(c.to_code, f.hs6)
    WHERE $harmonize = 'as-reported' OR c.to_code IS NOT NULL
    GROUP BY ALL
),
priced AS (
    SELECT *, CAST(weighed_usd AS DOUBLE) / CAST(kg AS DOUBLE) AS usd_per_kg
    FROM rows
    WHERE partner <> 0 AND weighed_usd > 0 AND kg > 0
),
medians AS (
    SELECT reporter, flow, year, hs_revision, hs6, count(*) AS partners, sum(weighed_usd) AS weighed_usd, sum(estimated_usd) AS estimated_usd, median(usd_per_kg) AS median_usd_per_kg
    FROM priced
    GROUP BY ALL
),
judged AS (
    SELECT p.*, m.partners >= 5 AS can_tell, p.usd_per_kg > 10 * m.median_usd_per_kg OR p.usd_per_kg < m.median_usd_per_kg / 10 AS is_outlier
    FROM priced p
    JOIN medians m USING (reporter, flow, year, hs_revision, hs6)
),
guarded AS (
    SELECT reporter, flow, year, hs_revision, hs6,
           count(*) FILTER (is_outlier) AS outliers,
           sum(weighed_usd) FILTER (NOT is_outlier) AS usd, sum(kg) FILTER (NOT is_outlier) AS kg
    FROM judged
    WHERE can_tell
    GROUP BY ALL
),
cells AS (
    SELECT o.reporter, o.flow, o.year, o.hs_revision, o.code, o.sector, o.value_usd, o.split_usd,
           CASE WHEN w.whole THEN w.kg END AS kg, CASE WHEN w.whole THEN CAST(w.weighed_usd AS DOUBLE) / CAST(w.kg AS DOUBLE) END AS usd_per_kg,
           coalesce(m.partners, 0) AS partners, m.weighed_usd, m.estimated_usd, m.median_usd_per_kg, g.outliers, g.usd AS guarded_usd,
           CAST(g.usd AS DOUBLE) / CAST(g.kg AS DOUBLE) AS guarded_usd_per_kg
    FROM own_trade o
    LEFT JOIN rows w ON w.reporter = o.reporter AND w.flow = o.flow AND w.year = o.year AND w.hs_revision = o.hs_revision AND w.hs6 = o.code AND w.partner = 0
    LEFT JOIN medians m ON m.reporter = o.reporter AND m.flow = o.flow AND m.year = o.year AND m.hs_revision = o.hs_revision AND m.hs6 = o.code
    LEFT JOIN guarded g ON g.reporter = o.reporter AND g.flow = o.flow AND g.year = o.year AND g.hs_revision = o.hs_revision AND g.hs6 = o.code
    WHERE o.level = 6 AND o.sector IS NOT NULL AND o.value_usd > 0
)
SELECT c.year, CAST(c.flow AS VARCHAR) AS flow, c.code, c.sector, c.hs_revision, $code_basis AS code_basis, c.reporter,
       c.value_usd, c.kg AS net_weight_kg, c.usd_per_kg,
       CAST(c.partners AS SMALLINT) AS partners,
       c.weighed_usd AS partner_weighed_usd,
       CAST(coalesce(c.estimated_usd, 0) AS DOUBLE) / CAST(c.weighed_usd AS DOUBLE) AS estimated_share,
       c.median_usd_per_kg,
       CAST(c.outliers AS SMALLINT) AS outliers,
       c.guarded_usd_per_kg,
       CAST(c.guarded_usd AS DOUBLE) / CAST(c.value_usd AS DOUBLE) AS guarded_share,
       c.guarded_usd_per_kg / p.guarded_usd_per_kg - 1 AS change,
       c.split_usd
FROM cells c
LEFT JOIN cells p ON p.reporter = c.reporter AND p.flow = c.flow AND p.year = c.year - 1 AND p.hs_revision = c.hs_revision AND p.code = c.code

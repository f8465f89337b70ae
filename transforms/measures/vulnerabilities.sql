-- Vulnerabilities (Table 7): for each HS-4 heading that the reporter trades, the
-- ratio of imports to exports and the partner group's share of imports in the last
-- year, the change of imports since the first, and a class made of the three.
--
-- A heading is the sum of its HS-6 facts in the code set in use where the files cover all
-- its codes. Where they do not, it is the file's own HS-4 row, of World and of partners, if
-- the heading has the same codes in the revision of that row; else it is unknown. The last
-- year is the last in which the reporter has both flows, the first the first in which it
-- has imports, in codes or in headings.
--
-- The parts of split codes are rounded to tenths of a cent; within that, a value is
-- at a threshold.
WITH span AS (
    SELECT reporter, min(year) FILTER (imports_reported OR import_headings_reported) AS first_year,
           max(year) FILTER ((imports_reported OR import_headings_reported) AND (exports_reported OR export_headings_reported)) AS last_year
    FROM year_revisions
    GROUP BY reporter
),
amounts AS (
    SELECT w.reporter, left(w.hs6, 4) AS hs4, w.year, w.flow, sum(w.value_usd) AS usd, sum(w.split_usd) AS split, bit_or(w.split_basis) AS basis,
           0.001 * count(*) FILTER (w.split_usd > 0) AS rounding
    FROM world_trade w
    JOIN span s USING (reporter)
    WHERE w.year IN (s.first_year, s.last_year)
    GROUP BY ALL
),
own_rows AS (
    SELECT reporter, code AS hs4, year, flow, sum(value_usd) AS usd FROM own_headings WHERE level = 4 AND NOT moved AND partner = 0 GROUP BY ALL
),
covered AS (
    SELECT reporter, left(hs6, 4) AS hs4, year, flow, bool_and(status <> 'unknown') AS covered
    FROM code_coverage
    WHERE own AND month = 0
    GROUP BY ALL
),
periods AS (
    SELECT p.reporter, p.period, p.year, p.flow, CASE p.flow WHEN 'M' THEN y.imports_reported ELSE y.exports_reported END AS has_codes
    FROM (
        SELECT reporter, 'last' AS period, last_year AS year, unnest(['M', 'X'])::trade_flow AS flow FROM span
        UNION ALL
        SELECT reporter, 'first', first_year, 'M' FROM span
    ) p
    JOIN year_revisions y USING (reporter, year)
),
headings AS (
    SELECT reporter, hs4 FROM amounts SEMI JOIN periods USING (reporter, year, flow)
    UNION
    SELECT reporter, hs4 FROM own_rows SEMI JOIN periods USING (reporter, year, flow)
),
sides AS (
    SELECT h.reporter, h.hs4, p.period, p.flow, p.has_codes AND c.covered IS NOT FALSE AS is_sum,
           CASE WHEN is_sum THEN coalesce(t.usd, 0) ELSE o.usd END AS usd,
           CASE WHEN is_sum THEN coalesce(t.split, 0) ELSE 0 END AS split,
           CASE WHEN is_sum THEN t.basis END AS basis,
           CASE WHEN is_sum THEN coalesce(t.rounding, 0) ELSE 0 END AS rounding
    FROM headings h
    JOIN periods p USING (reporter)
    LEFT JOIN amounts t USING (reporter, hs4, year, flow)
    LEFT JOIN own_rows o USING (reporter, hs4, year, flow)
    LEFT JOIN covered c USING (reporter, hs4, year, flow)
),
values_of AS (
    SELECT reporter, hs4, bool_and(is_sum) AS is_sum, any_value(is_sum) FILTER (period = 'last' AND flow = 'M') AS imports_are_sum,
           sum(usd) FILTER (period = 'first') AS first_imports,
           sum(usd) FILTER (period = 'last' AND flow = 'M') AS imports,
           sum(usd) FILTER (period = 'last' AND flow = 'X') AS exports,
           coalesce(sum(split) FILTER (period = 'last'), 0) AS split,
           bit_or(basis) FILTER (period = 'last') AS basis,
           sum(rounding) FILTER (period = 'first') AS first_rounding,
           sum(rounding) FILTER (period = 'last' AND flow = 'M') AS imports_rounding,
           sum(rounding) FILTER (period = 'last' AND flow = 'X') AS exports_rounding
    FROM sides
    GROUP BY reporter, hs4
),
partners AS (
    SELECT p.reporter, left(p.hs6, 4) AS hs4, sum(p.value_usd) AS all_partners,
           coalesce(sum(p.value_usd) FILTER (g.area IS NOT NULL), 0) AS members,
           0.001 * count(*) FILTER (g.area IS NOT NULL AND p.split_usd > 0) AS rounding
    FROM partner_imports p
    JOIN span s ON s.reporter = p.reporter AND s.last_year = p.year
    LEFT JOIN group_members g ON g.year = p.year AND g.area = p.partner AND p.partner <> p.reporter
    GROUP BY ALL
),
partner_rows AS (
    SELECT h.reporter, h.code AS hs4, sum(h.value_usd) AS all_partners, coalesce(sum(h.value_usd) FILTER (g.area IS NOT NULL), 0) AS members
    FROM own_headings h
    JOIN span s ON s.reporter = h.reporter AND s.last_year = h.year
    LEFT JOIN group_members g ON g.year = h.year AND g.area = h.partner AND h.partner <> h.reporter
    WHERE h.level = 4 AND NOT h.moved AND h.partner <> 0 AND h.flow = 'M'
    GROUP BY ALL
),
listed AS (
    SELECT l.reporter, left(l.hs6, 4) AS hs4, string_agg(DISTINCT l.sector, ', ' ORDER BY l.sector) AS sectors, count(*) AS codes,
           coalesce(sum(w.value_usd), 0) AS imports
    FROM listed_codes l
    JOIN span s ON s.reporter = l.reporter AND s.last_year = l.year
    LEFT JOIN world_trade w ON w.reporter = l.reporter AND w.flow = 'M' AND w.year = l.year AND w.hs_revision = l.hs_revision AND w.hs6 = l.hs6
    GROUP BY ALL
),
unreached AS (
    SELECT u.reporter, left(u.hs6, 4) AS hs4, count(DISTINCT u.hs6) AS codes
    FROM own_unreached u
    JOIN span s USING (reporter)
    WHERE u.own AND u.year IN (s.first_year, s.last_year)
    GROUP BY ALL
),
joined AS (
    SELECT v.* EXCLUDE (imports_are_sum), s.first_year, s.last_year, v.imports_are_sum,
           CASE WHEN v.imports_are_sum THEN p.all_partners ELSE r.all_partners END AS all_partners,
           CASE WHEN v.imports_are_sum THEN p.members ELSE r.members END AS members,
           CASE WHEN v.imports_are_sum THEN p.rounding ELSE 0 END AS members_rounding
    FROM values_of v
    LEFT JOIN partners p USING (reporter, hs4)
    LEFT JOIN partner_rows r USING (reporter, hs4)
    JOIN span s USING (reporter)
    WHERE s.last_year IS NOT NULL
),
thresholds AS (
    SELECT CAST($vulnerability_high_ratio AS DECIMAL(9,4)) AS high_ratio,
           CAST($vulnerability_severe_ratio AS DECIMAL(9,4)) AS severe_ratio,
           CAST($vulnerability_high_share AS DECIMAL(9,6)) AS high_share,
           CAST($vulnerability_severe_share AS DECIMAL(9,6)) AS severe_share,
           CAST($vulnerability_easing_fall AS DECIMAL(9,6)) AS easing_fall
),
measured AS (
    SELECT j.*,
           -- M >= ratio * X, and group >= share * M, with what rounding may be.
           imports > 0 AND imports + imports_rounding + high_ratio * exports_rounding >= high_ratio * exports AS is_high_ratio,
           imports > 0 AND imports + imports_rounding + severe_ratio * exports_rounding >= severe_ratio * exports AS is_severe_ratio,
           members + members_rounding + high_share * imports_rounding >= high_share * imports AS is_high_share,
           members + members_rounding + severe_share * imports_rounding >= severe_share * imports AS is_severe_share,
           first_year < last_year AND first_imports > 0
               AND imports <= (1 - easing_fall) * first_imports + imports_rounding + first_rounding AS fell
    FROM joined j, thresholds
)
SELECT
    m.hs4, y.hs_revision, $code_basis AS code_basis, m.reporter,
    $partner_group AS partner_group,
    l.sectors,
    coalesce(l.codes, 0) AS codes_listed,
    m.first_year, m.last_year AS year,
    CAST(CASE WHEN m.is_sum THEN 6 ELSE 4 END AS SMALLINT) AS level,
    m.first_imports AS first_imports_usd,
    m.imports AS imports_usd,
    m.exports AS exports_usd,
    CASE WHEN m.imports_are_sum THEN coalesce(l.imports, 0) END AS listed_imports_usd,
    CAST(m.imports AS DOUBLE) / nullif(CAST(m.exports AS DOUBLE), 0) AS import_export_ratio,
    m.imports > 0 AND m.exports = 0 AS ratio_is_infinite,
    m.all_partners AS partner_imports_usd,
    m.members AS group_imports_usd,
    CAST(m.members AS DOUBLE) / nullif(CAST(m.imports AS DOUBLE), 0) AS group_share,
    CAST(m.all_partners AS DOUBLE) / nullif(CAST(m.imports AS DOUBLE), 0) AS partner_coverage,
    CASE WHEN m.first_year < m.last_year
        THEN CAST(m.imports - m.first_imports AS DOUBLE) / nullif(CAST(m.first_imports AS DOUBLE), 0) END AS imports_change,
    CASE
        WHEN m.is_high_ratio IS NULL THEN NULL
        WHEN NOT m.is_high_ratio THEN 'none'
        WHEN m.members IS NULL THEN NULL -- the files have no partners of it: it can't be known
        WHEN NOT m.is_high_share THEN 'none'
        WHEN m.fell IS NULL THEN NULL
        WHEN m.fell THEN 'easing'
        WHEN m.is_severe_ratio AND m.is_severe_share THEN 'severe'
        ELSE 'high'
    END AS class,
    coalesce(u.codes, 0) AS codes_unreached,
    m.split AS split_usd,
    split_basis(m.basis) AS split_basis
FROM measured m
JOIN year_revisions y ON y.reporter = m.reporter AND y.year = m.last_year
LEFT JOIN listed l ON l.reporter = m.reporter AND l.hs4 = m.hs4
LEFT JOIN unreached u ON u.reporter = m.reporter AND u.hs4 = m.hs4

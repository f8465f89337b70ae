-- HS-6 rows against the HS-4, HS-2 and TOTAL rows that the files have beside them: one
-- row for each total that its HS-6 rows are above or below, and one for each year that says
-- how many they add up to. Sums may differ by a dollar or a millionth. of_heading: the
-- total is that of a heading, with World. totals: how many the row stands for.
--
-- What the files say of World is in level_totals. Few list headings by partner, too, but
-- most have a TOTAL for each. All rows are added up before anything is joined with them.
WITH amounts AS (
    SELECT reporter, partner, flow, year, month, hs_revision, level, code, sum(value_usd) AS usd
    FROM facts_and_totals SEMI JOIN partner_headings USING (reporter, flow, year, month, hs_revision) SEMI JOIN years USING (year)
    WHERE partner <> 0 AND level > 0
    GROUP BY ALL
),
headings AS (
    SELECT reporter, partner, flow, year, month, hs_revision, left(code, 4) AS code,
           sum(usd) FILTER (level = 6) AS usd, sum(usd) FILTER (level = 4) AS total
    FROM amounts
    WHERE level IN (4, 6)
    GROUP BY ALL
),
chapters AS (
    SELECT reporter, partner, flow, year, month, hs_revision, left(code, 2) AS code, sum(usd) AS usd, sum(total) AS total
    FROM (SELECT * REPLACE (NULL AS total) FROM headings
          UNION ALL SELECT * EXCLUDE (level, usd), NULL, usd FROM amounts WHERE level = 2)
    GROUP BY ALL
),
by_partner AS (
    SELECT reporter, partner, flow, year, month, hs_revision, sum(value_usd) FILTER (level = 6) AS usd, sum(value_usd) FILTER (level = 0) AS total
    FROM counted_rows
    WHERE partner <> 0 AND level IN (0, 6)
    GROUP BY ALL
),
grand AS (
    SELECT coalesce(sr.successor, p.reporter) AS reporter, coalesce(sp.successor, p.partner) AS partner, flow, year, month, hs_revision,
           'TOTAL' AS code, sum(usd) AS usd, sum(total) AS total
    FROM by_partner p
    SEMI JOIN years USING (year)
    LEFT JOIN successions sr ON sr.code = p.reporter AND sr.whole AND p.year >= sr.since
    LEFT JOIN successions sp ON sp.code = p.partner AND sp.whole AND p.year >= sp.since
    GROUP BY ALL
),
world AS (
    SELECT reporter, 0::SMALLINT AS partner, flow, year, month, hs_revision, CASE prefix WHEN '' THEN 'TOTAL' ELSE prefix END AS code, usd, total
    FROM level_totals SEMI JOIN years USING (year)
),
compared AS (
    SELECT *, length(code) = 4 AND partner = 0 AS of_heading,
           coalesce(usd > total + greatest(1, total * 0.000001), false) AS above,
           coalesce(of_heading AND usd < total * 0.95, false) AS below,
           above OR below AS fault
    FROM (FROM world UNION ALL FROM headings UNION ALL FROM chapters UNION ALL FROM grand)
    WHERE usd IS NOT NULL AND total IS NOT NULL
)
SELECT year, of_heading, above, below, count(*) AS totals,
       CASE WHEN fault THEN reporter END AS reporter,
       CASE WHEN fault THEN partner END AS partner,
       CASE WHEN fault THEN flow END AS flow,
       CASE WHEN fault THEN month END AS month,
       CASE WHEN fault THEN hs_revision END AS hs_revision,
       CASE WHEN fault THEN code END AS code,
       CASE WHEN fault THEN usd END AS usd,
       CASE WHEN fault THEN total END AS total
FROM compared
GROUP BY ALL

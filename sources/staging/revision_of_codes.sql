-- The rows of which nothing says the HS revision, by reporter and year: for each, and for
-- each revision that there is, oldest first, how many six-digit codes have a value, how
-- many of them the revision lacks, one of these, and whether the revision has a code list
-- at all and was in use by then. Whether a row has a heading or chapter tells whether the
-- revision counts at all. Chapters 98 and 99 are anybody's, and say nothing.
WITH unsaid AS (
    SELECT {{if .One}}NULL::VARCHAR AS reporter, min(year) OVER () AS year{{else}}reporter, year{{end}},
           CASE WHEN length(digits) IN (5, 7, 9, 11) THEN '0' || digits ELSE digits END AS code,
           regexp_matches(value, '[1-9]') AS has_value
    FROM (
        SELECT reporter, year_of(year, period) AS year, plain_code(code) AS digits, value
        FROM (SELECT {{.RawCells}} FROM read_rows)
        WHERE {{.Unsaid}}
    )
    WHERE year BETWEEN 1962 AND 2100
),
groups AS (
    SELECT reporter, year, bool_or(regexp_full_match(code, '[0-9]{2,}')) AS detailed
    FROM unsaid
    GROUP BY ALL
),
codes AS (
    SELECT DISTINCT reporter, year, left(code, 6) AS code
    FROM unsaid
    WHERE has_value AND regexp_full_match(code, '[0-9]{6,}') AND code < '98'
)
SELECT coalesce(g.reporter, ''), g.year, coalesce(g.detailed, false), r.hs_revision::VARCHAR, count(c.code),
       count(c.code) FILTER (h.hs6 IS NULL), coalesce(min(c.code) FILTER (h.hs6 IS NULL), ''),
       r.hs_revision IN (SELECT hs_revision FROM hs_codes), r.hs_revision <= revision_in(g.year)::revision
FROM groups g
CROSS JOIN (SELECT unnest(enum_range(NULL::revision))::revision AS hs_revision) r
LEFT JOIN codes c ON c.reporter IS NOT DISTINCT FROM g.reporter AND c.year = g.year
LEFT JOIN hs_codes h ON h.hs_revision = r.hs_revision AND h.hs6 = c.code
GROUP BY g.reporter, g.year, g.detailed, r.hs_revision
ORDER BY g.reporter, g.year, r.hs_revision

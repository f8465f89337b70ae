-- HS-6 rows against the HS-4, HS-2 and TOTAL rows that the files have beside them.
-- Less is legal: confidential codes go to 9999. More is a double count.
-- The row with examined says how many sums were compared; the others are findings.
--
-- Who has headings is added up by heading, and most files have them for World only;
-- what is compared with a TOTAL needs no codes.
WITH totals AS (
    SELECT reporter, partner, flow, year, month, hs_revision, level, code, sum(value_usd) AS total
    FROM control_totals SEMI JOIN years USING (year)
    GROUP BY ALL
),
flows AS (
    SELECT reporter, partner, flow, year, month, hs_revision, max(level) AS digits
    FROM totals
    WHERE level > 0
    GROUP BY ALL
),
finest AS (
    SELECT reporter, partner, flow, year, month, hs_revision, left(f.hs6, w.digits) AS code, sum(f.value_usd) AS usd
    FROM facts f
    JOIN flows w USING (reporter, partner, flow, year, month, hs_revision)
    GROUP BY ALL
),
sums AS (
    SELECT * FROM finest WHERE length(code) = 4
    UNION ALL
    SELECT reporter, partner, flow, year, month, hs_revision, left(code, 2) AS chapter, sum(usd) FROM finest GROUP BY ALL
    UNION ALL
    SELECT reporter, partner, flow, year, month, hs_revision, 'TOTAL', sum(value_usd) FROM facts GROUP BY ALL
),
cells AS (
    SELECT s.*, t.total,
           CASE WHEN s.usd > t.total THEN s.usd > t.total + greatest(1, t.total * 0.000001) ELSE false END AS above,
           CASE WHEN s.usd < t.total AND length(s.code) = 4 AND s.partner = 0 THEN s.usd < t.total * 0.95 ELSE false END AS below
    FROM sums s
    JOIN totals t USING (reporter, partner, flow, year, month, hs_revision, code)
),
found AS (
    SELECT c.*, min(t.file_id) AS file_id, min(t.line) AS line
    FROM (SELECT * FROM cells WHERE above OR below) c
    JOIN control_totals t USING (reporter, partner, flow, year, month, hs_revision, code)
    GROUP BY ALL
)
SELECT CASE WHEN above THEN 'levels' ELSE 'levels_short' END AS check_name, NULL::BIGINT AS examined,
       year, reporter, partner, flow, hs_revision, code, usd AS value_usd, total AS compared_usd, file_id, line,
       CASE WHEN above THEN 'the HS-6 rows add up to more than the row of the total'
            ELSE 'the HS-6 rows add up to less than 95 % of the heading' END
       || CASE WHEN month > 0 THEN format(', month {}', month) ELSE '' END AS note
FROM found
UNION ALL
SELECT c.name, n, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
FROM (SELECT count(*) AS n_levels, count(*) FILTER (length(code) = 4 AND partner = 0) AS n_short FROM cells),
     LATERAL (VALUES ('levels', n_levels), ('levels_short', n_short)) c(name, n)

-- What is known of the codes that a reporter, flow and year has no row of, by the first
-- digits of the code in the revision that was reported: '' is all codes, then come
-- chapters, headings and codes. known: they are not traded; else they may be.
--
-- The nearest of these decides about a code, and what is declared before all others. A
-- total that its HS-6 rows fall short of says that some code below it is missing. So a
-- heading may be unknown in a file that adds up to its TOTAL within the tolerance.
WITH sums AS (
    SELECT reporter, flow, year, hs_revision, level, code, world_usd AS usd
    FROM counted_sums
    WHERE month = 0 AND world_usd IS NOT NULL
),
below AS (
    SELECT reporter, flow, year, hs_revision, left(code, digits) AS prefix, sum(usd) AS usd
    FROM sums, (VALUES (0), (2), (4)) levels(digits)
    WHERE level = 6
    GROUP BY ALL
),
totals AS (
    SELECT t.reporter, t.flow, t.year, t.hs_revision, CASE t.level WHEN 0 THEN '' ELSE t.code END AS prefix,
           abs(coalesce(b.usd, 0) - t.usd) <= 0.001 * t.usd AS known
    FROM sums t
    LEFT JOIN below b ON b.reporter = t.reporter AND b.flow = t.flow AND b.year = t.year AND b.hs_revision = t.hs_revision
        AND b.prefix = CASE t.level WHEN 0 THEN '' ELSE t.code END
    WHERE t.level < 6
),
-- What stands in each file with World, and what is known of it.
sets AS (
    SELECT file_id, reporter, flow, year, hs_revision FROM file_sets WHERE world AND month = 0 AND hs6_rows > 0
),
files AS (
    SELECT s.reporter, s.flow, s.year, s.hs_revision, w.prefix, w.evidence
    FROM sets s
    JOIN whole_files w ON w.file_id = s.file_id AND w.year = s.year AND w.hs_revision = s.hs_revision AND w.month = 0 AND w.world
        AND coalesce(w.reporter, s.reporter) = s.reporter AND coalesce(w.flow, s.flow) = s.flow
    UNION ALL
    SELECT reporter, flow, year, hs_revision, '', 'declared' FROM sets SEMI JOIN whole_by_content USING (file_id)
),
spread AS (
    SELECT reporter, flow, year, hs_revision
    FROM sums
    WHERE level = 6 AND code BETWEEN '01' AND '98'
    GROUP BY ALL HAVING count(DISTINCT left(code, 2)) >= 90
),
found AS (
    SELECT reporter, flow, year, hs_revision, prefix, true AS known, evidence,
           CASE evidence WHEN 'declared' THEN 1 WHEN 'adds_up' THEN 2 ELSE 4 END AS rank
    FROM files
    UNION ALL
    SELECT reporter, flow, year, hs_revision, prefix, known, 'adds_up', CASE WHEN known THEN 2 ELSE 3 END FROM totals
    UNION ALL
    SELECT reporter, flow, year, hs_revision, '', true, 'chapters', 4 FROM spread
)
SELECT reporter, flow, year, hs_revision, prefix,
       arg_min(known, rank) AS known, arg_min(evidence, rank) AS evidence
FROM found
GROUP BY ALL

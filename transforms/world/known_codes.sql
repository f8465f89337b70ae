-- What is known of the codes that a reporter, flow and period has no row of, by the first
-- digits of the code in the revision that was reported: '' is all codes, then come
-- chapters, headings and codes. known: they are not traded; else they may be. Months
-- (month > 0) are those of the reporters alone, or of all where months may make a year: of
-- such a year is known what is known of all twelve.
--
-- The nearest of these decides about a code, and what is declared before all others. A
-- total that its HS-6 rows fall short of says that some code below it is missing. So a
-- heading may be unknown in a file that adds up to its TOTAL within the tolerance.
--
-- as_exporter: the evidence serves for world exports alone, not for a reporter's own figures.
WITH compared AS (
    SELECT reporter, flow, year, month, hs_revision, prefix, adds_up(coalesce(usd, 0), total) AS known
    FROM level_totals
    WHERE total IS NOT NULL AND (reporter IN (FROM reporters) OR flow = 'X' AND (month = 0 OR $months = 'sum'))
),
-- Where everything adds up, the TOTAL says it all.
agreed AS (
    SELECT reporter, flow, year, month, hs_revision FROM compared GROUP BY ALL HAVING bool_and(known) AND bool_or(prefix = '')
),
totals AS (
    FROM compared ANTI JOIN agreed USING (reporter, flow, year, month, hs_revision)
    UNION ALL
    SELECT *, '', true FROM agreed
),
-- What stands in each file with World, and what is known of it.
sets AS (
    SELECT s.file_id, s.reporter, s.flow, s.year, s.month, s.hs_revision, s.low_chapters, s.high_chapters, f.source, f.maybe_cut
    FROM file_sets s
    JOIN used_files f USING (file_id)
    ANTI JOIN part_worlds p USING (reporter, flow, year, month, hs_revision)
    WHERE s.world AND s.hs6_rows > 0 AND (s.reporter IN (FROM reporters) OR s.flow = 'X' AND (s.month = 0 OR $months = 'sum'))
),
files AS (
    SELECT s.reporter, s.flow, s.year, s.month, s.hs_revision, w.prefix, w.evidence
    FROM sets s
    JOIN whole_files w ON w.file_id = s.file_id AND w.year = s.year AND w.hs_revision = s.hs_revision AND w.month = s.month AND w.world
        AND coalesce(w.reporter, s.reporter) = s.reporter AND coalesce(w.flow, s.flow) = s.flow
    UNION ALL
    SELECT reporter, flow, year, month, hs_revision, '', 'declared' FROM sets SEMI JOIN whole_by_content USING (file_id)
),
-- How many chapters the rows of all files reach that are not cut.
reach AS (
    SELECT reporter, flow, year, month, hs_revision, any_value(source) AS source, bit_or(low_chapters) AS low_chapters, bit_or(high_chapters) AS high_chapters
    FROM sets
    WHERE NOT maybe_cut
    GROUP BY ALL
),
-- A small country has no trade in many chapters. Those of one source that reach ten of
-- them and not ninety are whole when they reach nearly all together, as no choice of
-- products does.
small AS (
    SELECT source, flow, year
    FROM reach
    WHERE flow = 'X' AND month = 0 AND chapters_reached(low_chapters, high_chapters) BETWEEN 10 AND 89
    GROUP BY ALL HAVING chapters_reached(bit_or(low_chapters), bit_or(high_chapters)) >= 90
),
spread AS (
    SELECT reporter, flow, year, month, hs_revision, false AS as_exporter FROM reach WHERE chapters_reached(low_chapters, high_chapters) >= 90
    UNION ALL
    SELECT r.reporter, r.flow, r.year, r.month, r.hs_revision, true
    FROM reach r
    SEMI JOIN small s ON s.source = r.source AND s.flow = r.flow AND s.year = r.year
    WHERE r.flow = 'X' AND r.month = 0 AND chapters_reached(r.low_chapters, r.high_chapters) BETWEEN 10 AND 89
),
found AS (
    SELECT reporter, flow, year, month, hs_revision, prefix, true AS known, evidence, false AS as_exporter,
           CASE evidence WHEN 'declared' THEN 1 WHEN 'adds_up' THEN 2 ELSE 4 END AS rank
    FROM files
    UNION ALL
    SELECT reporter, flow, year, month, hs_revision, prefix, known, 'adds_up', false, CASE WHEN known THEN 2 ELSE 3 END FROM totals
    UNION ALL
    SELECT reporter, flow, year, month, hs_revision, '', true, 'chapters', as_exporter, CASE WHEN as_exporter THEN 5 ELSE 4 END FROM spread
),
by_period AS (
    SELECT reporter, flow, year, month, hs_revision, prefix,
           arg_min(known, rank) AS known, arg_min(evidence, rank) AS evidence, arg_min(as_exporter, rank) AS as_exporter, min(rank) AS rank
    FROM found
    GROUP BY ALL
),
of_months AS (
    SELECT reporter, flow, year, hs_revision, prefix, bool_and(known) AS known, arg_max(evidence, rank) AS evidence, bool_or(as_exporter) AS as_exporter
    FROM by_period
    SEMI JOIN (FROM month_sums WHERE partner = 0) s USING (reporter, flow, year, hs_revision)
    WHERE month > 0
    GROUP BY ALL
    HAVING count(*) = 12
)
SELECT * EXCLUDE (rank) FROM by_period
UNION ALL BY NAME
SELECT m.*, 0::TINYINT AS month
FROM of_months m
ANTI JOIN (FROM by_period WHERE month = 0) p USING (reporter, flow, year, hs_revision, prefix)

-- What exporters whose HS-6 rows are not whole export of manufactured goods, by their own
-- HS-4 and HS-2 rows; those that are whole need none of it (whole_flows). as_exporter: whole
-- as a part of world exports, so that it is needed for the reporter's own figures alone.
--
-- A heading or chapter of which all codes are manufactured counts by its row. One of both
-- kinds is the sum of its HS-6 rows, and what these lack of its row is undecided, as is
-- what all lack of the TOTAL. usd is known when no more than a hundredth is undecided.
-- A heading without a row is 0 where the headings add up to their chapter or to TOTAL, or
-- reach over nearly all chapters.
--
-- missing_usd is what comes to the HS-6 rows that the exporter has.
WITH exports AS (
    SELECT reporter, year, hs_revision, level, code, world_usd AS usd
    FROM counted_sums
    SEMI JOIN years USING (year)
    ANTI JOIN (FROM whole_flows WHERE flow = 'X' AND (NOT as_exporter OR reporter NOT IN (FROM reporters))) w USING (reporter, year, hs_revision)
    WHERE flow = 'X' AND month = 0 AND world_usd IS NOT NULL
),
kinds AS (
    SELECT hs_revision, n AS level, left(hs6, n) AS code, bool_and(manufactured) AS all_of, bool_or(manufactured) AS some_of
    FROM hs_codes, (VALUES (2), (4)) levels(n)
    GROUP BY ALL
),
six AS (
    SELECT e.reporter, e.year, e.hs_revision, n AS level, left(e.code, n) AS code, sum(e.usd) AS usd,
           coalesce(sum(e.usd) FILTER (k.manufactured), 0) AS made
    FROM exports e
    JOIN hs_codes k ON k.hs_revision = e.hs_revision AND k.hs6 = e.code
    CROSS JOIN (VALUES (2), (4)) levels(n)
    WHERE e.level = 6
    GROUP BY ALL
),
-- Which levels are whole: they add up to TOTAL, or reach over nearly all chapters.
who_exports AS (
    SELECT reporter, year, hs_revision, max(usd) FILTER (level = 0) AS total,
           count(*) FILTER (level = 2) >= 90 OR coalesce(adds_up(sum(usd) FILTER (level = 2), total), false) AS whole2,
           count(DISTINCT left(code, 2)) FILTER (level = 4) >= 90
               OR coalesce(adds_up(sum(usd) FILTER (level = 4), total), false) AS whole4
    FROM exports
    GROUP BY ALL
    HAVING bool_or(level IN (2, 4))
),
below AS (
    SELECT reporter, year, hs_revision, left(code, 2) AS chapter, sum(usd) AS usd FROM exports WHERE level = 4 GROUP BY ALL
),
headings AS (
    SELECT e.reporter, e.year, e.hs_revision, left(k.code, 2) AS chapter, k.all_of, k.some_of,
           coalesce(s.usd, 0) AS six, coalesce(s.made, 0) AS made,
           coalesce(h.known, c.known, false) AS covered,
           coalesce(r.usd, CASE WHEN covered THEN coalesce(s.usd, 0) END,
                    CASE WHEN e.whole4 OR adds_up(b.usd, t.usd) THEN 0 END) AS usd
    FROM who_exports e
    JOIN kinds k ON k.hs_revision = e.hs_revision AND k.level = 4
    LEFT JOIN exports r ON r.reporter = e.reporter AND r.year = e.year AND r.hs_revision = e.hs_revision AND r.level = 4 AND r.code = k.code
    LEFT JOIN exports t ON t.reporter = e.reporter AND t.year = e.year AND t.hs_revision = e.hs_revision AND t.level = 2 AND t.code = left(k.code, 2)
    LEFT JOIN below b ON b.reporter = e.reporter AND b.year = e.year AND b.hs_revision = e.hs_revision AND b.chapter = left(k.code, 2)
    LEFT JOIN six s ON s.reporter = e.reporter AND s.year = e.year AND s.hs_revision = e.hs_revision AND s.level = 4 AND s.code = k.code
    LEFT JOIN known_codes h ON h.reporter = e.reporter AND h.flow = 'X' AND h.year = e.year AND h.month = 0 AND h.hs_revision = e.hs_revision AND h.prefix = k.code
    LEFT JOIN known_codes c ON c.reporter = e.reporter AND c.flow = 'X' AND c.year = e.year AND c.month = 0 AND c.hs_revision = e.hs_revision
        AND c.prefix = left(k.code, 2)
),
by_chapter AS (
    SELECT reporter, year, hs_revision, chapter,
           sum(coalesce(usd, six)) AS usd,
           sum(CASE WHEN NOT some_of THEN 0 WHEN all_of THEN coalesce(usd, six) ELSE made END) AS made,
           sum(CASE WHEN NOT some_of THEN 0 WHEN all_of OR covered THEN 0 ELSE greatest(usd - six, 0) END) AS undecided,
           bool_and(usd IS NOT NULL OR NOT some_of) AS decided
    FROM headings
    GROUP BY ALL
),
chapters AS (
    SELECT b.reporter, b.year, b.hs_revision,
           coalesce(r.usd, b.usd) AS usd,
           CASE WHEN k.all_of THEN coalesce(r.usd, b.made) ELSE b.made END AS made,
           CASE WHEN NOT k.some_of OR k.all_of AND r.usd IS NOT NULL THEN 0
                WHEN b.decided THEN b.undecided
                WHEN r.usd IS NOT NULL THEN greatest(r.usd - b.usd, 0)
                WHEN e.whole2 THEN 0 END AS undecided
    FROM by_chapter b
    JOIN who_exports e USING (reporter, year, hs_revision)
    JOIN kinds k ON k.hs_revision = b.hs_revision AND k.level = 2 AND k.code = b.chapter
    LEFT JOIN exports r ON r.reporter = b.reporter AND r.year = b.year AND r.hs_revision = b.hs_revision AND r.level = 2 AND r.code = b.chapter
),
held AS (
    SELECT reporter, year, hs_revision, sum(made) AS made FROM six WHERE level = 2 GROUP BY ALL
)
SELECT c.reporter, c.year, c.hs_revision,
       bool_or(w.reporter IS NOT NULL) AS as_exporter,
       sum(c.made) AS usd,
       sum(c.made) - coalesce(any_value(h.made), 0) AS missing_usd,
       CASE WHEN bool_and(c.undecided IS NOT NULL) THEN sum(c.undecided)
            ELSE coalesce(sum(c.undecided), 0) + greatest(any_value(e.total) - sum(c.usd), 0) END AS undecided_usd,
       coalesce(sum(c.made) > 0 AND undecided_usd <= 0.01 * sum(c.made), false)
           AND ($eu_internal <> 'out' OR c.reporter NOT IN (SELECT area FROM country_groups WHERE name = 'EU')) AS known
FROM chapters c
JOIN who_exports e USING (reporter, year, hs_revision)
LEFT JOIN held h USING (reporter, year, hs_revision)
LEFT JOIN (FROM whole_flows WHERE flow = 'X') w USING (reporter, year, hs_revision)
GROUP BY c.reporter, c.year, c.hs_revision

-- Of which sets it is known that a file has all codes: what it lacks there was not
-- traded. One row for each file, reporter, flow, period and prefix of codes.
--
-- prefix:   of the codes of which the file has all; '' for all codes, else a chapter, a
--           heading or a code
-- evidence: why that is known, the strongest first:
--           'declared'  the user says so (whole: under files:)
--           'adds_up'   the HS-6 rows add up to the file's own TOTAL, or, where they don't
--                       or there is none, to its row of that chapter or heading, within
--                       a tenth of a per cent
--           'chapters'  the rows reach over at least 90 of the 96 chapters, as only a
--                       download of all codes does
-- world:    the file has rows with World, or they are sums over its partners; what it
--           has of all codes is World's trade, unless all_partners
-- all_partners: it has all codes with every partner, too: it has all partners, or they
--           add up to World
--
-- reporter and flow are NULL where a file has all flows between all areas in that period,
-- as a year of BACI has: at least a quarter of all pairs of its areas trade, which an
-- excerpt of one country's trade does not come near. A file's name is no evidence, and one
-- that may be cut is never whole.
WITH sets AS (
    SELECT s.*, f.both_sides, f.declared, f.all_partners AS every_partner,
           coalesce(world AND total_usd > 0 AND adds_up(hs6_usd, total_usd), false) AS adds_up
    FROM file_sets s
    JOIN used_files f USING (file_id)
    WHERE NOT f.maybe_cut AND s.hs6_rows > 0
),
declared AS (
    SELECT file_id, CASE WHEN prefix = 'all' THEN '' ELSE prefix END AS prefix
    FROM (SELECT file_id, unnest(string_split(declared, ',')) AS prefix FROM used_files WHERE declared <> '')
),
-- Headings and chapters tell something where the whole does not add up: what is known of
-- all codes is known of these.
headings AS (
    SELECT s.file_id, coalesce(x.successor, s.reporter) AS reporter, s.flow, s.year, s.month, s.hs_revision, s.level, s.code, s.value_usd
    FROM usable_rows s
    LEFT JOIN successions x ON x.code = s.reporter AND x.whole AND s.year >= x.since
    SEMI JOIN (FROM sets WHERE world AND headings > 0 AND NOT adds_up) t
        ON t.file_id = s.file_id AND t.reporter = coalesce(x.successor, s.reporter) AND t.flow = s.flow AND t.year = s.year
        AND t.month = s.month AND t.hs_revision = s.hs_revision
    WHERE s.partner = 0 AND s.level IN (2, 4, 6)
),
below AS (
    SELECT file_id, reporter, flow, year, month, hs_revision, n AS level, left(code, n) AS code, sum(value_usd) AS usd
    FROM headings
    CROSS JOIN (VALUES (2), (4)) v(n)
    WHERE level = 6
    GROUP BY ALL
),
all_flows AS (
    SELECT file_id, year, month, hs_revision, bit_or(low_chapters) AS low_chapters, bit_or(high_chapters) AS high_chapters
    FROM sets
    WHERE both_sides AND every_partner AND NOT world
    GROUP BY ALL
),
-- Of these, those of which many pairs of areas trade.
dense AS (
    SELECT file_id, year, month, hs_revision
    FROM (
        SELECT DISTINCT file_id, year, month, hs_revision, reporter, partner
        FROM staged
        SEMI JOIN (FROM all_flows WHERE chapters_reached(low_chapters, high_chapters) >= 90) USING (file_id, year, month, hs_revision)
    )
    GROUP BY ALL
    HAVING 4 * count(*) >= count(DISTINCT reporter) * (count(DISTINCT partner) - 1)
),
found AS (
    SELECT s.file_id, s.reporter, s.flow, s.year, s.month, s.hs_revision, s.world, d.prefix, 1 AS strength, s.every_partner
    FROM sets s
    JOIN declared d USING (file_id)
    UNION ALL
    SELECT file_id, reporter, flow, year, month, hs_revision, world, '', 2, every_partner
    FROM sets
    WHERE adds_up
    UNION ALL
    SELECT h.file_id, h.reporter, h.flow, h.year, h.month, h.hs_revision, true, h.code, 2, s.every_partner
    FROM headings h
    JOIN sets s ON s.world AND s.file_id = h.file_id AND s.reporter = h.reporter AND s.flow = h.flow AND s.year = h.year AND s.month = h.month
        AND s.hs_revision = h.hs_revision
    JOIN below b ON b.file_id = h.file_id AND b.reporter = h.reporter AND b.flow = h.flow AND b.year = h.year AND b.month = h.month
        AND b.hs_revision = h.hs_revision AND b.level = h.level AND b.code = h.code
    WHERE h.level IN (2, 4) AND h.value_usd > 0 AND adds_up(b.usd, h.value_usd)
    UNION ALL
    SELECT file_id, reporter, flow, year, month, hs_revision, world, '', 3, every_partner
    FROM sets
    WHERE world AND chapters_reached(low_chapters, high_chapters) >= 90
    UNION ALL
    SELECT file_id, NULL, NULL, year, month, hs_revision, true, prefix, 1, true
    FROM all_flows
    JOIN declared USING (file_id)
    UNION ALL
    SELECT file_id, NULL, NULL, year, month, hs_revision, true, '', 3, true
    FROM all_flows
    JOIN dense USING (file_id, year, month, hs_revision)
    WHERE chapters_reached(low_chapters, high_chapters) >= 90
),
-- Files whose partners add up to their World.
all_there AS (
    SELECT w.file_id, w.reporter, w.flow, w.year, w.month, w.hs_revision
    FROM sets w
    JOIN sets p USING (file_id, reporter, flow, year, month, hs_revision)
    WHERE w.world AND NOT p.world AND w.hs6_usd > 0 AND adds_up(p.hs6_usd, w.hs6_usd)
)
SELECT f.file_id, f.reporter, f.flow, f.year, f.month, f.hs_revision, f.prefix,
       CASE min(f.strength) WHEN 1 THEN 'declared' WHEN 2 THEN 'adds_up' ELSE 'chapters' END AS evidence,
       bool_or(f.world) AS world,
       bool_or(f.every_partner OR a.file_id IS NOT NULL) AS all_partners
FROM found f
LEFT JOIN all_there a USING (file_id, reporter, flow, year, month, hs_revision)
GROUP BY f.file_id, f.reporter, f.flow, f.year, f.month, f.hs_revision, f.prefix

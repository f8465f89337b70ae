-- What part of a code of an older HS revision goes to each of its successors in the one in
-- use: for each reporter and flow that has the code. No row of codes with one successor.
-- The parts lo, hi and parts_of are explained in schemas/conversion.go.
--
-- basis: whose trade in the successors the shares are (split_basis in workspace.sql says it
--        in words)
--        1  the reporter's own, of that flow, in the years that it reported in the revision
--           in use or a newer one
--        2  everybody's, of that flow and all such years
--        4  nobody's: equal shares
--
-- Trade of a part of the successors would give that part all of the value. So shares are
-- made only of trade in which each successor has a value, or where the files are known to
-- have all codes of such a year: of the reporter or, for everybody's, of one at least.
WITH divided AS (
    SELECT * FROM hs_splits WHERE parts_of > 1
),
used AS (
    SELECT DISTINCT reporter, flow, hs_revision AS from_revision, code AS from_code
    FROM code_sums
    SEMI JOIN divided d ON d.from_revision = hs_revision AND d.from_code = code
    WHERE level = 6
),
successors AS (
    SELECT DISTINCT to_code FROM divided SEMI JOIN used USING (from_revision, from_code)
),
newer AS (
    SELECT from_revision, from_code, to_code FROM hs_conversion SEMI JOIN successors USING (to_code) WHERE from_revision >= to_revision
),
own AS (
    SELECT t.reporter, t.flow, c.to_code, CAST(sum(t.world_usd) * 1000 AS HUGEINT) AS mills
    FROM counted_sums t
    JOIN newer c ON c.from_revision = t.hs_revision AND c.from_code = t.code
    WHERE t.level = 6 AND t.month = 0 AND t.world_usd > 0
    GROUP BY ALL
),
world AS (
    SELECT flow, to_code, sum(mills) AS mills FROM own GROUP BY ALL
),
newer_sets AS (
    SELECT * FROM file_sets
    WHERE world AND month = 0 AND hs6_rows > 0 AND hs_revision >= (SELECT any_value(to_revision) FROM divided)
),
whole AS (
    SELECT s.reporter, s.flow
    FROM newer_sets s
    JOIN whole_files w ON w.prefix = '' AND w.world AND w.file_id = s.file_id AND w.year = s.year AND w.month = s.month
        AND w.hs_revision = s.hs_revision AND coalesce(w.reporter, s.reporter) = s.reporter AND coalesce(w.flow, s.flow) = s.flow
    UNION
    SELECT reporter, flow FROM newer_sets SEMI JOIN whole_by_content USING (file_id)
    UNION
    SELECT reporter, flow FROM newer_sets GROUP BY reporter, flow, year HAVING chapters_reached(bit_or(low_chapters), bit_or(high_chapters)) >= 90
),
weights AS (
    SELECT u.reporter, u.flow, d.*, coalesce(o.mills, 0) AS own, coalesce(w.mills, 0) AS world,
           r.flow IS NOT NULL AS own_whole, f.flow IS NOT NULL AS world_whole
    FROM used u
    JOIN divided d USING (from_revision, from_code)
    LEFT JOIN own o ON o.reporter = u.reporter AND o.flow = u.flow AND o.to_code = d.to_code
    LEFT JOIN world w ON w.flow = u.flow AND w.to_code = d.to_code
    LEFT JOIN whole r ON r.reporter = u.reporter AND r.flow = u.flow
    LEFT JOIN (SELECT DISTINCT flow FROM whole) f ON f.flow = u.flow
),
judged AS (
    SELECT *, CASE WHEN sum(own) OVER code > 0 AND (own_whole OR min(own) OVER code > 0) THEN 1
                   WHEN sum(world) OVER code > 0 AND (world_whole OR min(world) OVER code > 0) THEN 2
                   ELSE 4 END AS basis,
           CASE basis WHEN 1 THEN own WHEN 2 THEN world END AS weight
    FROM weights
    WINDOW code AS (PARTITION BY reporter, flow, from_revision, from_code)
),
added AS (
    SELECT *, sum(weight) OVER code AS total, sum(weight) OVER (code ORDER BY to_code ROWS UNBOUNDED PRECEDING) AS upto
    FROM judged
    WINDOW code AS (PARTITION BY reporter, flow, from_revision, from_code)
)
-- Parts of the trade itself. Of more than 10^18 tenths of a cent, they are made smaller, so
-- that no product of a value and a part is too large.
SELECT reporter, flow, from_revision, from_code, to_code, CAST(basis AS TINYINT) AS basis,
       CAST(CASE basis WHEN 4 THEN lo ELSE (upto - weight) // (total // 1000000000000000000 + 1) END AS BIGINT) AS lo,
       CAST(CASE basis WHEN 4 THEN hi ELSE upto // (total // 1000000000000000000 + 1) END AS BIGINT) AS hi,
       CAST(CASE basis WHEN 4 THEN parts_of ELSE total // (total // 1000000000000000000 + 1) END AS BIGINT) AS parts_of
FROM added

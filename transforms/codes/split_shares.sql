-- How the value of a code that several newer codes follow is divided among these, by who
-- reported it: in the proportions of the newer codes in the reporter's own trade with World
-- of the years in which it reported them ('own'), or else in that of all reporters ('world').
-- A code without a row here is divided in equal shares; see hs_conversion.
--
-- Years count whether they were asked for or not, so that a figure does not hang on which
-- years stand beside it. Shares are in tenths of a cent, as schemas/conversion.go has them.
WITH later AS (
    SELECT t.reporter, t.flow, c.to_code, sum(t.world_usd) AS usd
    FROM counted_sums t
    JOIN hs_conversion c ON c.from_revision = t.hs_revision AND c.from_code = t.code
    WHERE t.level = 6 AND t.month = 0 AND t.world_usd > 0 AND c.from_revision >= c.to_revision
      AND EXISTS (FROM hs_conversion WHERE parts_of > 1)
    GROUP BY ALL
),
world AS (
    SELECT flow, to_code, sum(usd) AS usd FROM later GROUP BY ALL
),
divided AS (
    SELECT DISTINCT t.reporter, t.flow, t.hs_revision, t.code
    FROM counted_sums t
    SEMI JOIN (FROM hs_conversion WHERE parts_of > 1) c ON c.from_revision = t.hs_revision AND c.from_code = t.code
    WHERE t.level = 6
),
weighed AS (
    SELECT d.reporter, d.flow, d.hs_revision, d.code AS hs6, c.to_revision, c.to_code,
           coalesce(o.usd, 0) AS own_usd, sum(own_usd) OVER of_code AS own_total,
           coalesce(w.usd, 0) AS world_usd, sum(coalesce(w.usd, 0)) OVER of_code AS world_total
    FROM divided d
    JOIN hs_conversion c ON c.from_revision = d.hs_revision AND c.from_code = d.code
    LEFT JOIN later o ON o.reporter = d.reporter AND o.flow = d.flow AND o.to_code = c.to_code
    LEFT JOIN world w ON w.flow = d.flow AND w.to_code = c.to_code
    WINDOW of_code AS (PARTITION BY d.reporter, d.flow, d.hs_revision, d.code)
),
shared AS (
    SELECT reporter, flow, hs_revision, hs6, to_revision, to_code,
           CASE WHEN own_total > 0 THEN 'own' ELSE 'world' END AS basis,
           CAST(CASE WHEN own_total > 0 THEN own_usd ELSE world_usd END * 1000 AS BIGINT) AS size
    FROM weighed
    WHERE own_total > 0 OR world_total > 0
)
SELECT *, CAST(sum(size) OVER before AS BIGINT) - size AS lo, CAST(sum(size) OVER before AS BIGINT) AS hi,
       CAST(sum(size) OVER (PARTITION BY reporter, flow, hs_revision, hs6) AS BIGINT) AS parts_of
FROM shared
WINDOW before AS (PARTITION BY reporter, flow, hs_revision, hs6 ORDER BY to_code)

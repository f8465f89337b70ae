-- What the rows add up to by reporter, flow, period and code, World and partners
-- apart: one pass over all rows, so that checks need not look through them again.
-- Rows that lose their cell are in these sums; see counted_sums.
--
-- possible_duplicates: an area may stand there twice. Each area has one of 300 bits; a
-- code with more rows than bits has two rows of one area. Areas that share a bit, or
-- have none, only make superseded look at more rows than it must.
WITH bits AS (
    SELECT code AS partner,
           CASE WHEN bit // 60 = 0 THEN 1::BIGINT << bit % 60 ELSE 0 END AS m0,
           CASE WHEN bit // 60 = 1 THEN 1::BIGINT << bit % 60 ELSE 0 END AS m1,
           CASE WHEN bit // 60 = 2 THEN 1::BIGINT << bit % 60 ELSE 0 END AS m2,
           CASE WHEN bit // 60 = 3 THEN 1::BIGINT << bit % 60 ELSE 0 END AS m3,
           CASE WHEN bit // 60 = 4 THEN 1::BIGINT << bit % 60 ELSE 0 END AS m4
    FROM (SELECT code, (row_number() OVER (ORDER BY min(valid_to) <> 0, code) - 1) % 300 AS bit FROM areas GROUP BY code)
)
SELECT
    coalesce(x.successor, s.reporter) AS reporter, s.flow, s.year, s.month, s.hs_revision, s.level, s.code,
    count(*) AS rows,
    count(*) FILTER (partner = 0) AS world_rows,
    sum(s.value_usd) FILTER (partner = 0) AS world_usd,
    sum(s.value_usd) FILTER (partner <> 0) AS partners_usd,
    (rows <= CAST(bit_count(bit_or(m0)) AS INTEGER) + bit_count(bit_or(m1)) + bit_count(bit_or(m2))
        + bit_count(bit_or(m3)) + bit_count(bit_or(m4))) IS NOT TRUE
        AS possible_duplicates
FROM usable_rows s
LEFT JOIN bits USING (partner)
LEFT JOIN successions x ON x.code = s.reporter AND x.whole AND s.year >= x.since
GROUP BY ALL

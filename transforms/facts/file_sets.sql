-- What each file has of a reporter's flow in a period: with World, and with partners.
-- One pass over all rows, so that nothing else need look how far a file reaches.
--
-- low_chapters and high_chapters have a bit for each chapter of the HS that the HS-6 rows
-- reach, from 1 to 48 and from 49 to 97; 98 and 99 are none, but for what the HS has no code for.
SELECT s.file_id, coalesce(x.successor, s.reporter) AS reporter, s.flow, s.year, s.month, s.hs_revision, s.partner = 0 AS world,
       count(*) AS rows,
       count(*) FILTER (s.level = 6) AS hs6_rows,
       count(*) FILTER (s.level IN (2, 4)) AS headings,
       sum(s.value_usd) FILTER (s.level = 6) AS hs6_usd,
       min(s.value_usd) FILTER (s.level = 0) AS total_usd,
       bit_or(CASE WHEN s.level = 6 AND s.code < '49' THEN 1::BIGINT << CAST(left(s.code, 2) AS INTEGER) END) AS low_chapters,
       bit_or(CASE WHEN s.level = 6 AND s.code >= '49' AND s.code < '98' THEN 1::BIGINT << CAST(left(s.code, 2) AS INTEGER) - 49 END) AS high_chapters
FROM usable_rows s
LEFT JOIN successions x ON x.code = s.reporter AND x.whole AND s.year >= x.since
GROUP BY ALL

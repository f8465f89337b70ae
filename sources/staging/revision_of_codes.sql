-- Which HS revisions have all the six-digit codes of the rows that were read: how many
-- do, and which, how many codes there are, and of the nearest how many it lacks, and one of these.
WITH codes AS (
    SELECT DISTINCT code
    FROM (SELECT left(CASE WHEN length(c) IN (5, 7, 9, 11) THEN '0' || c ELSE c END, 6) AS code
          FROM (SELECT trim({{.Code}}) AS c FROM read_rows))
    WHERE regexp_full_match(code, '[0-9]{6}')
),
revisions AS (
    SELECT r.hs_revision, count(*) FILTER (h.hs6 IS NULL) AS lacks, min(c.code) FILTER (h.hs6 IS NULL) AS such
    FROM (SELECT DISTINCT hs_revision FROM hs_codes) r
    CROSS JOIN codes c
    LEFT JOIN hs_codes h ON h.hs_revision = r.hs_revision AND h.hs6 = c.code
    GROUP BY r.hs_revision
)
SELECT count(*) FILTER (lacks = 0), coalesce(string_agg(hs_revision, ', ' ORDER BY hs_revision) FILTER (lacks = 0), ''), (SELECT count(*) FROM codes), arg_min(hs_revision, (lacks, hs_revision)),
       coalesce(min(lacks), 0), arg_min(such, (lacks, hs_revision))
FROM revisions

-- The span of HS revisions over which families are formed: those of the data in
-- the years that were asked for and, if the sector list has none of these, those
-- of the list.
WITH data AS (
    SELECT min(hs_revision) AS oldest, max(hs_revision) AS newest
    FROM counted_sets
    WHERE level = 6 AND month = 0 AND hs_revision IN (SELECT hs_revision FROM hs_codes)
      AND ($years = '' OR list_contains(string_split($years, ','), CAST(year AS VARCHAR)))
),
list AS (
    SELECT min(hs_revision) AS oldest, max(hs_revision) AS newest,
           coalesce(bool_or(hs_revision BETWEEN d.oldest AND d.newest), false) AS meets
    FROM sector_codes, data d
)
SELECT CASE WHEN l.meets THEN d.oldest ELSE least(d.oldest, l.oldest) END AS oldest,
       CASE WHEN l.meets THEN d.newest ELSE greatest(d.newest, l.newest) END AS newest
FROM data d, list l

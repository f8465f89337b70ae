-- Families: codes of the revisions in use that conversion links connect. As each
-- newer code comes to one older code, a connected component is what comes to one
-- code of the oldest revision, by which the family is named.
--
-- A family belongs to the sector that lists more than half of its members, over
-- the revisions that the sector list has, and at least half of them in each of
-- these: eight codes of camera drones in H6 do not make aircraft of the one code
-- that cameras and such drones were before. straddles marks the families in which a
-- sector lists some members and not all.
WITH members AS (
    SELECT l.to_revision AS hs_revision, l.to_code AS family, l.from_revision, l.from_code, s.sector,
           l.from_revision IN (SELECT hs_revision FROM sector_codes) AS judged
    FROM hs_ancestors l
    JOIN revisions_in_use u ON l.to_revision = u.oldest AND l.from_revision BETWEEN u.oldest AND u.newest
    LEFT JOIN sector_codes s ON s.hs_revision = l.from_revision AND s.hs6 = l.from_code
),
sizes AS (
    SELECT hs_revision, family, count(*) AS members, count(*) FILTER (judged) AS judged,
           count(sector) AS listed, count(DISTINCT from_code) > 1 AS codes_differ, count(DISTINCT from_revision) AS revisions,
           array_to_string(list_sort(list(from_revision || ' ' || from_code)), ', ') AS codes
    FROM members
    GROUP BY ALL
),
by_revision AS (
    SELECT hs_revision, family, from_revision, count(*) AS judged FROM members WHERE judged GROUP BY ALL
),
votes AS (
    SELECT hs_revision, family, sector, sum(n) AS listed,
           -- The revisions in which the sector has half of the members or more.
           count(*) FILTER (2 * n >= r.judged) AS carried
    FROM (SELECT hs_revision, family, from_revision, sector, count(*) AS n FROM members WHERE sector IS NOT NULL GROUP BY ALL)
    JOIN by_revision r USING (hs_revision, family, from_revision)
    GROUP BY ALL
),
revisions AS (
    SELECT hs_revision, family, count(*) AS revisions FROM by_revision GROUP BY ALL
),
named AS (
    SELECT hs_revision, family, string_agg(format('{} {}', sector, listed), ', ' ORDER BY listed DESC, sector) AS sectors
    FROM votes
    GROUP BY ALL
)
SELECT s.family, s.hs_revision, v.sector,
       CAST(s.members AS INTEGER) AS members, CAST(s.revisions AS SMALLINT) AS revisions,
       CAST(s.judged AS INTEGER) AS members_judged, CAST(s.listed AS INTEGER) AS members_listed,
       coalesce(n.sectors, '') AS members_by_sector,
       coalesce(v.listed, 0) <> s.judged AND s.listed > 0 AS straddles,
       s.codes, s.codes_differ
FROM sizes s
LEFT JOIN votes v ON v.hs_revision = s.hs_revision AND v.family = s.family AND 2 * v.listed > s.judged
    AND v.carried = (SELECT r.revisions FROM revisions r WHERE r.hs_revision = s.hs_revision AND r.family = s.family)
LEFT JOIN named n ON n.hs_revision = s.hs_revision AND n.family = s.family

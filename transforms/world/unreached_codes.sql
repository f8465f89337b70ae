-- Codes of the set in use that no code of a revision comes to, for the years in
-- which somebody's exports, or imports of a reporter, came in that revision. Their zeros
-- are not zeros of trade: what is left of them is the trade of who had not changed over
-- yet. So they leave the denominators of that year; see own_unreached.
--
-- exported tells that exports came in the revision, own that it is a reporter's: then its
-- own trade in the code can't be known either.
WITH used AS (
    SELECT f.year, f.hs_revision, count(DISTINCT f.reporter) AS reporters, bool_or(r.reporter IS NOT NULL) AS own, bool_or(f.flow = 'X') AS exported
    FROM measured_facts f
    SEMI JOIN years USING (year)
    LEFT JOIN reporters r USING (reporter)
    WHERE f.partner = 0
      AND (f.flow = 'X' OR r.reporter IS NOT NULL)
      AND f.hs_revision IN (SELECT from_revision FROM hs_conversion)
    GROUP BY ALL
),
codes AS (
    SELECT DISTINCT to_revision, to_code FROM hs_conversion
)
SELECT u.year, c.to_code AS hs6, c.to_revision AS hs_revision, u.hs_revision AS from_revision,
       CAST(u.reporters AS SMALLINT) AS from_reporters, u.own, u.exported
FROM used u
CROSS JOIN codes c
ANTI JOIN hs_conversion v ON v.from_revision = u.hs_revision AND v.to_code = c.to_code

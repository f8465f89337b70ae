-- Codes of the set in use that no code of a revision comes to, for the years in
-- which somebody's exports came in that revision. Their zeros are not zeros of
-- trade: what is left of them is the trade of who had not changed over yet. So
-- they leave the denominators of that year.
--
-- own tells that the revision is the reporter's: then its own trade in the code
-- can't be known either.
WITH used AS (
    SELECT f.year, f.hs_revision, count(DISTINCT f.reporter) AS reporters, bool_or(f.reporter = $reporter) AS own
    FROM measured_facts f
    SEMI JOIN years USING (year)
    WHERE f.partner = 0
      AND (f.flow = 'X' OR f.reporter = $reporter)
      AND f.hs_revision IN (SELECT from_revision FROM hs_conversion)
    GROUP BY ALL
),
codes AS (
    SELECT DISTINCT to_revision, to_code FROM hs_conversion
)
SELECT u.year, c.to_code AS hs6, c.to_revision AS hs_revision, u.hs_revision AS from_revision,
       CAST(u.reporters AS SMALLINT) AS from_reporters, u.own
FROM used u
CROSS JOIN codes c
ANTI JOIN hs_conversion v ON v.from_revision = u.hs_revision AND v.to_code = c.to_code

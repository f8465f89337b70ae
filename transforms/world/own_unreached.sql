-- The codes of unreached_codes by reporter and year: of revisions in which its trade came
-- (own), or somebody's exports.
WITH used AS (
    SELECT DISTINCT reporter, year, hs_revision AS from_revision
    FROM measured_facts
    SEMI JOIN reporters USING (reporter)
    WHERE partner = 0
)
SELECT y.reporter, u.year, u.hs_revision, u.hs6, bool_or(o.reporter IS NOT NULL) AS own
FROM unreached_codes u
JOIN year_revisions y ON y.year = u.year
LEFT JOIN used o ON o.reporter = y.reporter AND o.year = u.year AND o.from_revision = u.from_revision
WHERE u.exported OR o.reporter IS NOT NULL
GROUP BY ALL

-- Files of the reporter without any HS-6 code: which headings and chapters they have, when
-- none of these counts for a sector.
WITH codes AS (
    SELECT level, code, max(world_usd) AS usd
    FROM counted_sums
    SEMI JOIN years USING (year)
    WHERE reporter = $reporter AND month = 0 AND level IN (2, 4) AND world_usd IS NOT NULL
    GROUP BY ALL
),
listed AS (
    SELECT count(DISTINCT hs6) AS codes FROM code_sectors WHERE hs_revision IN (SELECT hs_revision FROM year_revisions WHERE reporter = $reporter)
)
SELECT format('the files have {} {} and none of the {} listed: download the HS-6 codes (AG6), or list headings by four digits',
              CASE WHEN count(*) = 1 THEN 'code' ELSE 'codes' END, few(list(format('{} (HS-{})', code, level) ORDER BY usd DESC, code)),
              (SELECT codes FROM listed))
FROM codes
WHERE NOT EXISTS (FROM world_trade SEMI JOIN years USING (year) WHERE reporter = $reporter)
  AND NOT EXISTS (FROM counted_headings WHERE reporter = $reporter AND sector IS NOT NULL)
HAVING count(*) > 0

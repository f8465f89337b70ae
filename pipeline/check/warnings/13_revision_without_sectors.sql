-- Years in whose HS revision the sector list has no codes.
SELECT format('the sector list has no codes of the HS revision in which {} reported in {}: {} no figures; set harmonize',
              $reporter_name, few_years(list(year ORDER BY year)), CASE WHEN count(*) = 1 THEN 'this year has' ELSE 'these years have' END)
FROM year_revisions y
WHERE y.reporter = $reporter AND NOT EXISTS (SELECT 1 FROM code_sectors s WHERE s.hs_revision = y.hs_revision)
HAVING count(*) > 0

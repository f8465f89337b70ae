-- Headings with codes that sectors list, of which the reporter's files have the row of the
-- heading and no row below it, and that count for no sector (counted_headings), such as one
-- of which sectors list some codes and not others.
WITH alone AS (
    SELECT t.code
    FROM counted_sums t
    SEMI JOIN years USING (year)
    ANTI JOIN (SELECT reporter, flow, year, left(code, 4) AS code FROM counted_sums WHERE level = 6 AND month = 0 AND world_usd IS NOT NULL) b
        USING (reporter, flow, year, code)
    SEMI JOIN (SELECT reporter, flow, year, left(hs6, 4) AS code FROM product_coverage_hs6 WHERE status = 'unknown') u USING (reporter, flow, year, code)
    ANTI JOIN (FROM counted_headings WHERE sector IS NOT NULL) h ON h.reporter = t.reporter AND h.year = t.year AND starts_with(t.code, h.code)
    WHERE t.reporter = $reporter AND t.level = 4 AND t.month = 0 AND t.world_usd > 0
    GROUP BY t.code
)
SELECT format('the files have {} ({}) without the codes below, so that {} in no figure of a sector: download the HS-6 codes (AG6), too',
              counted(count(*), 'heading'), few(list(code ORDER BY code)), CASE WHEN count(*) = 1 THEN 'it is' ELSE 'they are' END)
FROM alone
HAVING count(*) > 0

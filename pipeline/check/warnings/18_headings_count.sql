-- Headings and chapters whose own rows count for sectors, because the files do not cover
-- all codes below.
WITH headings AS (
    SELECT DISTINCT level, code FROM counted_headings WHERE sector IS NOT NULL
)
SELECT format('{}: the files do not have all codes below, and {} gives the imports of sectors in partner_group_share and partner_trend (level); the other figures need the HS-6 codes (AG6)',
              few(list(format('{} (HS-{})', code, level) ORDER BY code)),
              CASE WHEN count(*) = 1 THEN 'its own row' ELSE 'their own row' END)
FROM headings
HAVING count(*) > 0

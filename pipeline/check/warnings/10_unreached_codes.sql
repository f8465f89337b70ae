-- Codes of sectors that no code of a newer revision comes to.
WITH unreached AS (
    SELECT DISTINCT u.hs6 FROM unreached_codes u SEMI JOIN code_sectors s ON s.hs_revision = u.hs_revision AND s.hs6 = u.hs6
)
SELECT format('{} of sectors ({}) can''t be reached from a newer HS revision in use and {} the denominators of these years (unreached_codes)',
              counted(count(*), 'code'), few(list(hs6 ORDER BY hs6)), CASE WHEN count(*) = 1 THEN 'leaves' ELSE 'leave' END)
FROM unreached
HAVING count(*) > 0

-- Members of the EU without exports by partner in a year: what they sell to each other
-- can't be taken off.
WITH members AS (
    SELECT DISTINCT a.name
    FROM world_trade w
    JOIN areas a ON a.code = w.reporter
    JOIN country_groups m ON m.name = 'EU' AND m.area = w.reporter AND m.left_on IS NULL
    WHERE w.flow = 'X' AND $eu_internal = 'out'
      AND NOT EXISTS (
          SELECT 1 FROM counted_sums f
          WHERE f.reporter = w.reporter AND f.year = w.year AND f.flow = 'X' AND f.month = 0 AND f.level = 6 AND f.partners_usd IS NOT NULL)
)
SELECT format('{} {} years without exports by partner: {} trade inside the EU stays in world exports', few(list(name ORDER BY name)),
              CASE WHEN count(*) = 1 THEN 'has' ELSE 'have' END, CASE WHEN count(*) = 1 THEN 'its' ELSE 'their' END)
FROM members
HAVING count(*) > 0

-- No exports of anybody to World.
SELECT 'no file has exports to World, so there are no world exports: dominance and export shares have no figures'
FROM coverage
HAVING max(reporters_most) = 0

{{- /* What the reference tables say of the areas and codes that occur in .Occurring. There
are few of each, so that the rows themselves are joined with next to nothing. */ -}}
CREATE TEMP TABLE area_faults AS
WITH found AS (SELECT DISTINCT reporter AS code FROM {{.Occurring}} UNION SELECT DISTINCT partner FROM {{.Occurring}})
SELECT f.code, CASE WHEN a.code IS NULL THEN 'unknown' ELSE a.kind END AS fault
FROM found f
LEFT JOIN areas a ON a.code = f.code
WHERE f.code IS NOT NULL AND (a.code IS NULL OR a.kind IN ('group', 'world'));

CREATE TEMP TABLE code_faults AS
SELECT hs_revision, code
FROM (SELECT DISTINCT hs_revision, level, code FROM {{.Occurring}} WHERE hs_revision IS NOT NULL) o
WHERE level > 0 AND NOT regexp_full_match(code, '[0-9]+')
   OR level = 6 AND EXISTS (FROM hs_codes h WHERE h.hs_revision = o.hs_revision)
      AND NOT EXISTS (FROM hs_codes h WHERE h.hs_revision = o.hs_revision AND h.hs6 = o.code);

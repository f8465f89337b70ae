{{- /* The codes that occur in .Occurring and are none. There are few codes, so that the
rows themselves are joined with next to nothing. */ -}}
CREATE TEMP TABLE code_faults AS
SELECT hs_revision, code
FROM (SELECT DISTINCT hs_revision, level, code FROM {{.Occurring}} WHERE hs_revision IS NOT NULL{{if .Table}} AND set_aside IS DISTINCT FROM 'unsettled'{{end}}) o
WHERE level > 0 AND NOT regexp_full_match(code, '[0-9]+')
   OR level = 6 AND EXISTS (FROM hs_codes h WHERE h.hs_revision = o.hs_revision)
      AND NOT EXISTS (FROM hs_codes h WHERE h.hs_revision = o.hs_revision AND h.hs6 = o.code);

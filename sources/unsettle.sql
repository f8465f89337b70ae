-- Marks the rows of a table that bulk.sql wrote which have no code of their revision,
-- and the details that have no total: settle.sql is to say what is wrong with them.
-- Both are rare, and dear: an UPDATE takes half as long as to write the rows.
{{- if .Codes}}
UPDATE {{.Table}} SET set_aside = 'unsettled'
WHERE (set_aside IS NULL OR set_aside > 'part_of_flow'::set_aside) AND (hs_revision, code) IN (SELECT (hs_revision, code) FROM code_faults);
{{- end}}
{{- if .Details}}

-- A detail whose total is not here may have it among the unsettled rows, or none.
CREATE TEMP TABLE details AS
SELECT DISTINCT place, reporter, partner, flow, year, month, hs_revision, code
FROM {{.Table}}
WHERE set_aside > 'part_of_flow'::set_aside;

CREATE TEMP TABLE totals AS
SELECT place, reporter, partner, flow, year, month, hs_revision, code
FROM {{.Table}} SEMI JOIN details USING (place, reporter, partner, flow, year, month, hs_revision, code)
WHERE set_aside IS NULL;

UPDATE {{.Table}} t SET set_aside = 'unsettled'
FROM (FROM details ANTI JOIN totals USING (place, reporter, partner, flow, year, month, hs_revision, code)) d
WHERE t.set_aside > 'part_of_flow'::set_aside
  AND t.place = d.place AND t.reporter = d.reporter AND t.partner = d.partner AND t.flow = d.flow
  AND t.year = d.year AND t.month = d.month AND t.hs_revision = d.hs_revision AND t.code = d.code;

DROP TABLE details;
DROP TABLE totals;
{{- end}}

DROP TABLE code_faults;

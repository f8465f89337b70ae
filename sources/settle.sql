-- Puts every row of read_rows where it belongs.

-- judged: the rows with their lines, and what the reference tables say of them.
CREATE TEMP VIEW judged AS
SELECT
    r.rowid + {{if .Shifted}}m.shift{{else}}2{{end}} AS line,
    r.* EXCLUDE (problem),
    CASE
        WHEN r.problem IS NOT NULL THEN r.problem
        WHEN ra.code IS NULL THEN problem('reject', 'unknown_reporter', 'reporter', CAST(r.reporter AS VARCHAR))
        WHEN ra.kind IN ('group', 'world') THEN problem('left_out', 'reporter_is_a_group', 'reporter', CAST(r.reporter AS VARCHAR))
        WHEN pa.code IS NULL THEN problem('reject', 'unknown_partner', 'partner', CAST(r.partner AS VARCHAR))
        WHEN pa.kind = 'group' THEN problem('left_out', 'partner_is_a_group', 'partner', CAST(r.partner AS VARCHAR))
        WHEN r.level = 6 AND c.hs6 IS NULL AND r.hs_revision IN (SELECT DISTINCT hs_revision FROM hs_codes)
            THEN problem('reject', 'unknown_code', 'code', r.code)
    END AS problem
FROM read_rows r
{{if .Shifted}}ASOF JOIN line_shifts m ON r.rowid >= m.first_row
{{end}}LEFT JOIN areas ra ON ra.code = r.reporter
LEFT JOIN areas pa ON pa.code = r.partner
LEFT JOIN hs_codes c ON c.hs_revision = r.hs_revision AND c.hs6 = r.code;

INSERT INTO staged
SELECT {{.FileID}}, line, reporter, partner, flow, year, month, hs_revision, level, code,
       value_usd, net_weight_kg, quantity, quantity_unit, valuation, original
FROM judged
WHERE problem IS NULL;

CREATE TEMP TABLE aside AS
SELECT line, split_part(problem, chr(31), 1) AS kind, split_part(problem, chr(31), 2) AS reason,
       split_part(problem, chr(31), 3) AS column_id, split_part(problem, chr(31), 4) AS value,
       reporter, partner, flow, year, month, hs_revision, code
FROM judged
WHERE problem IS NOT NULL;

-- A detail is left out because its total stands in the file. Where it does not,
-- leaving the detail out would lose trade, so it is a reject.
UPDATE aside SET kind = 'reject', reason = reason || '_without_total'
WHERE kind = 'left_out'
  AND reason IN ('second_partner', 'customs_procedure', 'mode_of_transport', 'mode_of_supply')
  AND NOT EXISTS (
      SELECT 1 FROM staged s
      WHERE s.file_id = {{.FileID}} AND s.reporter = aside.reporter AND s.partner = aside.partner AND s.flow = aside.flow
        AND s.year = aside.year AND s.month = aside.month AND s.hs_revision = aside.hs_revision AND s.code = aside.code);

INSERT INTO rejects
SELECT {{.FileID}}, a.line, coalesce(n.name, a.column_id), a.value, a.reason
FROM aside a LEFT JOIN column_names n ON n.id = a.column_id
WHERE a.kind = 'reject';

INSERT INTO rejects SELECT {{.FileID}}, line, column_name, value, reason FROM broken_lines;

INSERT INTO left_out
SELECT {{.FileID}}, reason, count(*) FROM aside WHERE kind = 'left_out' GROUP BY reason;

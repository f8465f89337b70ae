-- Types and judges the rows of read_rows, and puts each where it belongs.

-- judged: the rows with the first thing that is wrong with each: a STRUCT, NULL for a
-- usable row; see problem in schemas/workspace.sql.
CREATE TEMP TABLE judged AS
WITH cells AS (
    SELECT {{.File}} AS file_id, {{.Line}} AS line, r.part, {{.RawCells}}
    FROM read_rows r
    {{- if .Shifted}}
    ASOF JOIN line_shifts m ON {{.Row}} >= m.first_row
    {{- end}}
),
{{- $from := "cells"}}
{{- if .Revised}}
-- The HS revision of rows that do not say it, by reporter and year.
revised AS (
    SELECT c.* EXCLUDE (row_year, is_unsaid) REPLACE (CASE WHEN c.is_unsaid THEN v.hs_revision ELSE c.hs_revision END AS hs_revision)
    FROM (SELECT *, year_of(year, period) AS row_year, {{.Unsaid}} AS is_unsaid FROM cells) c
    LEFT JOIN row_revisions v ON {{if .One}}true{{else}}v.reporter = coalesce(c.reporter, '') AND v.year = c.row_year{{end}}
),
{{- $from = "revised"}}
{{- end}}
{{- if .Grouped}}
-- Points between thousands.
ungrouped AS (
    SELECT * REPLACE (CASE WHEN regexp_full_match(value, '[-+]?[0-9]{1,3}([.][0-9]{3})+') THEN replace(value, '.', '') ELSE value END AS value)
    FROM {{$from}}
),
{{- $from = "ungrouped"}}
{{- end}}
{{- if .Months}}
-- 2010-11 is a fiscal year, or November. It is a month where other periods of the file
-- are, which can't be years.
dated AS (
    SELECT * REPLACE (CASE
        WHEN regexp_full_match(period, '[0-9]{4}[-/][0-9]{2}') AND is_fiscal_year(period) AND right(period, 2) BETWEEN '01' AND '12'
             AND (SELECT bool_or(regexp_full_match(period, '[0-9]{6}')) FROM cells)
        THEN left(period, 4) || right(period, 2) ELSE period END AS period)
    FROM {{$from}}
),
{{- $from = "dated"}}
{{- end}}
typed AS (
    SELECT *,
        whole(reporter)                                    AS reporter_code,
        whole(partner)                                     AS partner_code,
        CASE WHEN suffix(period, '.0') THEN left(period, length(period) - 2) ELSE period END AS whole_period, -- from a data frame
        year_of(year, period)                              AS year_number,
        -- Month 52 is the whole year. What is neither year nor month, such as 2019-Q1, is no period.
        CASE coalesce(frequency, CASE
                WHEN length(whole_period) = 6 THEN 'M'
                WHEN coalesce(length(whole_period), 4) = 4 THEN CASE WHEN coalesce(whole(month), 52) = 52 THEN 'A' ELSE 'M' END
             END)
            WHEN 'A' THEN 0
            WHEN 'M' THEN coalesce(CASE WHEN length(whole_period) = 6 THEN whole(right(whole_period, 2)) END, whole(month))
        END                                                AS month_number,
        whole(level)                                       AS level_number,
        plain_code(code)                                   AS digits,
        -- A spreadsheet drops a code's leading zero. Levels have an even number
        -- of digits, so an odd number of them means that a zero is missing,
        -- unless the file's own level says otherwise.
        CASE
            WHEN upper(code) = 'TOTAL' THEN 'TOTAL'
            WHEN length(digits) IN (1, 3, 5{{if .RollUp}}, 7, 9, 11{{end}}) AND coalesce(whole(level), length(digits) + 1) = length(digits) + 1 THEN '0' || digits
            ELSE digits
        END                                                AS whole_code,
        {{if .RollUp}}regexp_full_match(whole_code, '[0-9]{8,12}'){{else}}false{{end}} AS rolled_up,
        CASE WHEN rolled_up THEN left(whole_code, 6) ELSE whole_code END AS full_code,
        {{.Value}}                                         AS value_usd,
        nullif(TRY_CAST(cif AS DECIMAL(18,3)), 0)          AS cif_usd,
        nullif(TRY_CAST(fob AS DECIMAL(18,3)), 0)          AS fob_usd
    FROM {{$from}}
)
SELECT
    file_id, line, part,
    reporter AS reporter_text, partner AS partner_text,
    CAST(CASE WHEN reporter_code BETWEEN 0 AND 32767 THEN reporter_code END AS SMALLINT) AS reporter,
    CAST(CASE WHEN partner_code BETWEEN 0 AND 32767 THEN partner_code END AS SMALLINT)   AS partner,
    TRY_CAST(flow AS trade_flow) AS flow,
    CAST(CASE WHEN year_number BETWEEN 0 AND 32767 THEN year_number END AS SMALLINT)     AS year,
    CAST(CASE WHEN month_number BETWEEN 0 AND 12 THEN month_number END AS TINYINT)       AS month,
    TRY_CAST(hs_revision AS revision) AS hs_revision,
    CAST(CASE WHEN full_code = 'TOTAL' THEN 0 ELSE least(length(full_code), 100) END AS TINYINT) AS level,
    full_code AS code, rolled_up,
    value_usd,
    -- Missing weights and quantities are written as 0 from 2017 on.
    nullif({{.NetWeight}}, 0) AS net_weight_kg,
    nullif(TRY_CAST(quantity AS DECIMAL(18,3)), 0)   AS quantity,
    TRY_CAST(quantity_unit AS SMALLINT)              AS quantity_unit,
    is_yes(weight_estimated)                         AS weight_estimated,
    is_yes(quantity_estimated)                       AS quantity_estimated,
    CASE
        WHEN flow = 'X' AND (value = fob OR value_usd = fob_usd) THEN 'fob'::valuation
        WHEN value_usd = cif_usd THEN 'cif'::valuation
        WHEN value_usd = fob_usd THEN 'fob'::valuation
    END AS valuation,
    coalesce(NOT is_no(original), true) AS original,
    CASE
{{- if .CodeList}}
        WHEN true THEN problem('left_out', 'code_list', 'code', code)
{{- end}}
        WHEN basis = 'measure' THEN problem('left_out', 'not_a_value', 'basis', basis)
        WHEN surplus <> '' THEN problem('reject', 'surplus_field', '', surplus)
{{- if .Wide}}
        WHEN coalesce(value, '') = '' AND coalesce(full_code, '') NOT SIMILAR TO 'TOTAL|[0-9]+' THEN problem('left_out', 'note', 'code', code)
        WHEN coalesce(value, '') = '' THEN problem('left_out', 'no_value', 'value', value)
{{- end}}
        WHEN type <> 'C' THEN problem('reject', 'not_goods', 'type', type)
        WHEN is_fiscal_year(coalesce(period, year)) THEN problem('reject', 'fiscal_year', CASE WHEN period IS NULL THEN 'year' ELSE 'period' END, coalesce(period, year))
        WHEN month_number IS NULL AND frequency NOT IN ('A', 'M') THEN problem('reject', 'unknown_frequency', 'frequency', frequency)
        WHEN year_number IS NULL OR year_number NOT BETWEEN 1962 AND 2100 THEN problem('reject', 'bad_year', CASE WHEN year IS NULL THEN 'period' ELSE 'year' END, coalesce(year, period))
        WHEN left(period, 4) <> CAST(year_number AS VARCHAR) THEN problem('reject', 'year_is_not_period', 'period', period)
        WHEN month_number IS NULL OR month_number NOT BETWEEN 0 AND 12 OR (month_number = 0 AND coalesce(frequency, 'M') = 'M' AND (length(whole_period) = 6 OR coalesce(whole(month), 52) <> 52)) THEN problem('reject', 'bad_month', CASE WHEN month IS NULL THEN 'period' ELSE 'month' END, coalesce(month, period))
        WHEN TRY_CAST(hs_revision AS revision) IS NULL THEN problem('reject', 'not_hs', 'hs_revision', hs_revision)
        WHEN regexp_full_match(flow, 'RX|RM|DX|FM|MIP|MOP|XIP|XOP') THEN problem('left_out', 'part_of_flow', 'flow', flow)
        WHEN flow IS NULL OR flow NOT IN ('M', 'X') THEN problem('reject', 'unknown_flow', 'flow', flow)
{{- if not .Areas}}
        WHEN reporter_code IS NULL OR reporter_code NOT BETWEEN 0 AND 32767 THEN problem('reject', 'unknown_reporter', 'reporter', reporter)
{{- if not .Sums}}
        WHEN partner_code IS NULL OR partner_code NOT BETWEEN 0 AND 32767 THEN problem('reject', 'unknown_partner', 'partner', partner)
{{- end}}
{{- end}}
        WHEN is_confidential_code(code) THEN problem('left_out', 'confidential_code', 'code', code)
        WHEN full_code IS NULL OR NOT regexp_full_match(full_code, 'TOTAL|[0-9]{2}|[0-9]{4}|[0-9]{6}') THEN problem('reject', 'bad_code', 'code', code)
        WHEN level_number <> CASE WHEN full_code = 'TOTAL' THEN 0 ELSE length(whole_code) END THEN problem('reject', 'code_is_not_level', 'level', level)
        WHEN coalesce(TRY_CAST(partner2 AS INTEGER), 0) <> 0 THEN problem('left_out', 'second_partner', 'partner2', partner2)
        WHEN customs <> 'C00' THEN problem('left_out', 'customs_procedure', 'customs', customs)
        WHEN coalesce(TRY_CAST(transport AS INTEGER), 0) <> 0 THEN problem('left_out', 'mode_of_transport', 'transport', transport)
        WHEN supply NOT IN ('0', '-1') THEN problem('left_out', 'mode_of_supply', 'supply', supply)
        WHEN basis IN ('mirror', 'mixed', 'mirrored') THEN problem('left_out', 'mirror_data', 'value', value)
        WHEN basis IN ('estimated', 'partial') THEN problem('left_out', 'estimated', 'value', value)
        WHEN value IS NULL THEN problem('reject', 'missing_value', 'value', value)
        WHEN value_usd IS NULL AND coalesce(isfinite(TRY_CAST(value AS DOUBLE)), false) THEN problem('reject', {{if .Rate}}CASE WHEN ({{.Rate}}) IS NULL THEN 'no_rate' ELSE 'value_too_large' END{{else}}'value_too_large'{{end}}, 'value', value)
        WHEN value_usd IS NULL THEN problem('reject', 'bad_value', 'value', value)
        WHEN value_usd < 0 THEN problem('reject', 'negative_value', 'value', value)
{{- if .Wide}}
        WHEN value_usd = 0 THEN problem('left_out', 'no_trade', 'value', value)
{{- end}}
    END AS problem
FROM typed;

CREATE TEMP VIEW candidates AS
SELECT s.* {{if .Areas}}REPLACE (ra.code AS reporter, pa.code AS partner){{end}}
FROM judged s
{{- if .Areas}}
LEFT JOIN file_areas ra ON ra.key = area_key(s.reporter_text)
LEFT JOIN file_areas pa ON pa.key = area_key(s.partner_text)
{{- end}};

-- What the reference tables say against the areas that occur; there are few.
CREATE TEMP TABLE area_faults AS
WITH found AS (SELECT DISTINCT reporter AS code FROM candidates UNION SELECT DISTINCT partner FROM candidates)
SELECT f.code, CASE WHEN a.code IS NULL THEN 'unknown' ELSE a.kind END AS fault
FROM found f
LEFT JOIN areas a ON a.code = f.code
WHERE f.code IS NOT NULL AND (a.code IS NULL OR a.kind IN ('group', 'world'));

-- The codes that occur and are none. There are few codes, so that the rows themselves
-- are joined with next to nothing.
CREATE TEMP TABLE code_faults AS
SELECT hs_revision, code
FROM (SELECT DISTINCT hs_revision, level, code FROM candidates WHERE hs_revision IS NOT NULL) o
WHERE level > 0 AND NOT regexp_full_match(code, '[0-9]+')
   OR level = 6 AND EXISTS (FROM hs_codes h WHERE h.hs_revision = o.hs_revision)
      AND NOT EXISTS (FROM hs_codes h WHERE h.hs_revision = o.hs_revision AND h.hs6 = o.code);

-- checked: the rows, with what the reference tables say against them.
CREATE TEMP VIEW checked AS
SELECT
    r.* EXCLUDE (problem, reporter_text, partner_text),
    CASE
        -- A detail of a group goes where the group's total does.
        WHEN rf.fault IN ('group', 'world') AND r.problem.kind = 'left_out' AND is_detail(r.problem.reason)
            THEN problem('left_out', 'reporter_is_a_group', 'reporter', CAST(r.reporter AS VARCHAR))
        WHEN pf.fault = 'group' AND r.problem.kind = 'left_out' AND is_detail(r.problem.reason)
            THEN problem('left_out', 'partner_is_a_group', 'partner', CAST(r.partner AS VARCHAR))
        WHEN r.problem IS NOT NULL THEN r.problem
        WHEN r.reporter IS NULL OR rf.fault = 'unknown' THEN problem('reject', 'unknown_reporter', 'reporter', coalesce(r.reporter_text, CAST(r.reporter AS VARCHAR)))
        WHEN rf.fault IS NOT NULL THEN problem('left_out', 'reporter_is_a_group', 'reporter', CAST(r.reporter AS VARCHAR))
        WHEN r.partner IS NULL OR pf.fault = 'unknown' THEN problem('reject', 'unknown_partner', 'partner', coalesce(r.partner_text, CAST(r.partner AS VARCHAR)))
        WHEN pf.fault = 'group' THEN problem('left_out', 'partner_is_a_group', 'partner', CAST(r.partner AS VARCHAR))
        WHEN cf.code IS NOT NULL THEN problem('reject', 'unknown_code', 'code', r.code)
    END AS problem,
    cf.code IS NULL AS code_known
FROM candidates r
LEFT JOIN area_faults rf ON rf.code = r.reporter
LEFT JOIN area_faults pf ON pf.code = r.partner
LEFT JOIN code_faults cf ON cf.hs_revision = r.hs_revision AND cf.code = r.code;
{{- if .RollUp}}

-- A code of eight or ten digits counts under its first six, unless the file has the
-- six-digit code itself for that cell.
CREATE TEMP TABLE whole_codes AS
SELECT DISTINCT file_id, reporter, partner, flow, year, month, hs_revision, code
FROM checked
WHERE problem IS NULL AND NOT rolled_up AND level = 6;

CREATE TEMP VIEW placed AS
SELECT s.* REPLACE (CASE WHEN s.problem IS NULL AND s.rolled_up AND w.code IS NOT NULL THEN problem('left_out', 'part_of_code', 'code', s.code) ELSE s.problem END AS problem)
FROM checked s
LEFT JOIN whole_codes w USING (file_id, reporter, partner, flow, year, month, hs_revision, code);
{{- else}}

CREATE TEMP VIEW placed AS FROM checked;
{{- end}}

INSERT INTO staged_rows
SELECT file_id, line, reporter, partner, flow, year, month, hs_revision, level, code,
       value_usd, net_weight_kg, quantity, quantity_unit, weight_estimated, quantity_estimated, valuation, original, part
FROM placed
WHERE problem IS NULL;

CREATE TEMP TABLE unusable AS
SELECT file_id, line, problem.kind, problem.reason, problem.column_id, problem.value,
       reporter, partner, flow, year, month, hs_revision, level, code, value_usd, net_weight_kg, part, code_known, rolled_up
FROM placed
WHERE problem IS NOT NULL;

-- Which country a partner of an unknown name is can't be told, but that it is part of World
-- is certain, unless its name says that it is a total. Where a row has both sides of a flow,
-- an unknown exporter is a partner of who imports.
INSERT INTO unknown_partners
WITH unknown AS (
    SELECT file_id, line, coalesce(value, '') AS name, reporter, flow, year, month, hs_revision, level, code, value_usd, net_weight_kg, part, rolled_up
    FROM unusable
    WHERE kind = 'reject' AND reason = 'unknown_partner' AND code_known AND reporter IS NOT NULL
{{- if .BothSides}}
    UNION ALL
    SELECT file_id, line, coalesce(value, ''), partner, 'M', year, month, hs_revision, level, code, value_usd, net_weight_kg, part, rolled_up
    FROM unusable
    WHERE kind = 'reject' AND reason = 'unknown_reporter' AND code_known AND partner NOT IN (SELECT code FROM area_faults)
{{- end}}
)
SELECT * EXCLUDE (rolled_up)
FROM unknown u
WHERE value_usd IS NOT NULL AND level IS NOT NULL AND code IS NOT NULL AND NOT is_total_name(name)
  AND NOT (rolled_up AND EXISTS ( -- as of partners that are known
      FROM unknown w
      WHERE NOT w.rolled_up AND w.level = 6 AND w.name = u.name AND w.reporter = u.reporter AND w.flow = u.flow AND w.year = u.year
        AND w.month = u.month AND w.hs_revision = u.hs_revision AND w.code = u.code));

-- A detail is left out because its total stands in the file. Where it does not,
-- leaving the detail out would lose trade, so it is a reject.
CREATE TEMP TABLE details AS
SELECT DISTINCT file_id, reporter, partner, flow, year, month, hs_revision, code
FROM unusable
WHERE kind = 'left_out' AND is_detail(reason);

CREATE TEMP TABLE totals AS
SELECT file_id, reporter, partner, flow, year, month, hs_revision, code
FROM batch_rows SEMI JOIN details USING (file_id, reporter, partner, flow, year, month, hs_revision, code);

-- A detail whose total is left out goes with it, for its reason.
UPDATE unusable SET reason = t.reason
FROM (
    SELECT file_id, reporter, partner, flow, year, month, hs_revision, code, min(reason) AS reason
    FROM unusable WHERE kind = 'left_out' AND NOT is_detail(reason)
    GROUP BY ALL
) t
WHERE unusable.kind = 'left_out' AND is_detail(unusable.reason)
  AND t.file_id = unusable.file_id AND t.reporter = unusable.reporter AND t.partner = unusable.partner AND t.flow = unusable.flow
  AND t.year = unusable.year AND t.month = unusable.month AND t.hs_revision = unusable.hs_revision AND t.code = unusable.code
  AND NOT EXISTS (
      SELECT 1 FROM totals s
      WHERE s.file_id = unusable.file_id AND s.reporter = unusable.reporter AND s.partner = unusable.partner AND s.flow = unusable.flow
        AND s.year = unusable.year AND s.month = unusable.month AND s.hs_revision = unusable.hs_revision AND s.code = unusable.code);

UPDATE unusable SET kind = 'reject', reason = reason || '_without_total'
WHERE kind = 'left_out'
  AND is_detail(reason)
  AND NOT EXISTS (
      SELECT 1 FROM totals s
      WHERE s.file_id = unusable.file_id AND s.reporter = unusable.reporter AND s.partner = unusable.partner AND s.flow = unusable.flow
        AND s.year = unusable.year AND s.month = unusable.month AND s.hs_revision = unusable.hs_revision AND s.code = unusable.code);

INSERT INTO rejects
SELECT a.file_id, a.line, coalesce(n.name, a.column_id), a.value, a.reason
FROM unusable a LEFT JOIN column_names n ON n.id = a.column_id
WHERE a.kind = 'reject';

INSERT INTO rejects SELECT file_id, line, column_name, value, reason FROM broken_lines;

INSERT INTO left_out
SELECT file_id, reason, sum(rows)
FROM (SELECT file_id, reason, count(*) AS rows FROM unusable WHERE kind = 'left_out' GROUP BY ALL
{{- if .Bulk}}
      UNION ALL FROM bulk_left_out
{{- end}})
GROUP BY file_id, reason;

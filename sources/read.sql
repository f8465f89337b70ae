-- Reads one file into a temporary table, in file order: where the file has no row
-- numbers of its own, the row id is the number of the row. A join would lose the
-- order, and DuckDB makes a join of IN with more than four values, so there is none here.
--
-- A plain row, which needs no cleaning and has nothing wrong with it that can be
-- seen without reference tables, is typed at once. Every other row keeps its text
-- in raw, and settle.sql types and judges it. The short way only saves time: the
-- long one makes the same of a plain row.
CREATE TEMP TABLE read_rows AS
WITH cells AS (
    {{.Cells}}
){{if .Plain}},
typed AS (
    SELECT *,
        TRY_CAST(reporter AS SMALLINT)                     AS reporter_code,
        TRY_CAST(partner AS SMALLINT)                      AS partner_code,
        TRY_CAST(flow AS trade_flow)                       AS flow_code,
        TRY_CAST(coalesce(year, left(period, 4)) AS SMALLINT) AS year_number,
        CASE WHEN coalesce(frequency, 'A') = 'A' AND coalesce(strlen(period), 4) = 4 THEN 0::TINYINT
             WHEN frequency = 'M' AND strlen(period) = 6 THEN TRY_CAST(right(period, 2) AS TINYINT)
        END                                                AS month_number,
        TRY_CAST(hs_revision AS revision)                  AS revision_code,
        CAST(least(strlen(code), 100) AS TINYINT)          AS code_length,
        {{.Value}}                                         AS value_number
    FROM cells
),
judged AS (
    SELECT *,
        coalesce(
            reporter_code >= 0 AND partner_code >= 0 AND value_number > 0
            AND CAST(reporter_code AS VARCHAR) = reporter AND CAST(partner_code AS VARCHAR) = partner
            AND flow_code IS NOT NULL AND revision_code IS NOT NULL
            AND year_number BETWEEN 1962 AND 2100 AND (year IS NULL OR period IS NULL OR prefix(period, year)) AND CAST(year_number AS VARCHAR) = coalesce(year, left(period, 4))
            AND month_number BETWEEN 0 AND 12 AND (frequency IS NOT NULL OR month IS NULL OR month = '52') AND (month_number = 0 OR suffix(CAST(100 + month_number AS VARCHAR), right(period, 2))) AND (frequency IS NULL OR (month_number = 0) = (frequency = 'A'))
            AND code_length IN (2, 4, 6) AND suffix(CAST(1000000 + TRY_CAST(code AS UINTEGER) AS VARCHAR), code) -- digits only
            AND (level IS NULL OR level = CASE code_length WHEN 6 THEN '6' WHEN 4 THEN '4' ELSE '2' END)
            AND (type IS NULL OR type = 'C') AND (partner2 IS NULL OR partner2 = '0') AND (customs IS NULL OR customs = 'C00')
            AND (transport IS NULL OR transport = '0') AND (supply IS NULL OR supply IN ('0', '0 ', '-1'))
            AND surplus IS NULL AND basis IS NULL AND (original IS NULL OR original IN ('true', 'True', '1') OR original IN ('false', 'False', '0')), false) AS is_plain
    FROM typed
){{end}}
SELECT
    record, part,
{{- if .Plain}}
    CASE WHEN is_plain THEN reporter_code END AS reporter,
    partner_code AS partner,
    flow_code AS flow,
    year_number AS year,
    month_number AS month,
    revision_code AS hs_revision,
    code_length AS level,
    CASE WHEN is_plain THEN code END AS code,
    value_number AS value_usd,
    -- Missing weights and quantities are written as 0 from 2017 on.
    nullif({{.NetWeight}}, 0) AS net_weight_kg,
    nullif(TRY_CAST(quantity AS DECIMAL(18,3)), 0) AS quantity,
    TRY_CAST(quantity_unit AS SMALLINT) AS quantity_unit,
    CASE
        WHEN flow_code = 'X' AND value = fob THEN 'fob'::valuation
        WHEN flow_code = 'M' AND value = cif THEN 'cif'::valuation
        WHEN flow_code = 'X' AND value_number = TRY_CAST(fob AS DECIMAL(18,3)) THEN 'fob'::valuation
        WHEN value_number = TRY_CAST(cif AS DECIMAL(18,3)) THEN 'cif'::valuation
        WHEN value_number = TRY_CAST(fob AS DECIMAL(18,3)) THEN 'fob'::valuation
    END AS valuation,
    coalesce(original NOT IN ('false', 'False', '0'), true) AS original,
    CASE WHEN NOT is_plain THEN {{.Raw}} END AS raw
FROM judged
{{- else}}
    NULL::SMALLINT AS reporter, NULL::SMALLINT AS partner, NULL::trade_flow AS flow, NULL::SMALLINT AS year, NULL::TINYINT AS month,
    NULL::revision AS hs_revision, NULL::TINYINT AS level, NULL::VARCHAR AS code, NULL::DECIMAL(18,3) AS value_usd,
    NULL::DECIMAL(18,3) AS net_weight_kg, NULL::DECIMAL(18,3) AS quantity, NULL::SMALLINT AS quantity_unit,
    NULL::valuation AS valuation, true AS original,
    {{.Raw}} AS raw
FROM cells
{{- end}}

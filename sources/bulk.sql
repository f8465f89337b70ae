-- Reads files of one layout in one go, in their order and in the order of their
-- rows, each field by the type that the reader itself gives it. That is several times
-- faster than to read text and judge it, so it is done for all rows that have
-- nothing special: the others are set aside. Nothing may be joined here, because a
-- join would lose the order, and DuckDB makes a join of IN with more than four values.
--
-- A row that the reader can't type is in csv_errors. Such rows, and those that are
-- unsettled, are read once more as text: see settle.sql, which makes the same as
-- this of a row that has nothing special.
CREATE {{if not .Keep}}TEMP {{end}}TABLE {{.Table}} AS
WITH cells AS (
    {{.Cells}}
),
typed AS (
    SELECT *,
        TRY_CAST(flow AS trade_flow)               AS flow_code,
        TRY_CAST(hs_revision AS revision)          AS revision_code,
        CAST(CASE WHEN strlen(code) IN (2, 4, 6) THEN strlen(code) WHEN code = 'TOTAL' THEN 0 END AS TINYINT) AS code_level,
        CAST(period AS INTEGER)                    AS period_number,
        coalesce(CAST(year AS INTEGER), CASE WHEN period_number >= 100000 THEN period_number // 100 ELSE period_number END) AS year_number,
        CASE WHEN period_number >= 100000 THEN period_number - 100 * year_number ELSE 0 END AS month_number,
        {{.Value}}                                 AS value_usd,
        {{.NetWeight}}                             AS kilos
    FROM cells
),
judged AS (
    SELECT *,
        coalesce(
            reporter BETWEEN 0 AND 32767 AND reporter % 1 = 0 AND partner BETWEEN 0 AND 32767 AND partner % 1 = 0
            AND revision_code IS NOT NULL AND code_level IS NOT NULL AND coalesce(level, code_level) = code_level
            AND value_usd > 0 AND (kilos IS NULL) = (net_weight IS NULL)
            AND year_number BETWEEN 1962 AND 2100 AND month_number BETWEEN 0 AND 12
            AND coalesce((period_number = year_number) = (month_number = 0), true) AND coalesce(year % 1 = 0, true) AND coalesce(period % 1 = 0, true)
            AND {{if .Frequency}}frequency = CASE WHEN month_number = 0 THEN 'A' ELSE 'M' END{{else}}coalesce(month, 52) = 52{{end}}
            AND coalesce(type, 'C') = 'C' AND surplus IS NULL AND basis IS NULL, false) AS is_sound,
        CASE
            WHEN is_sound AND flow_code IS NOT NULL AND coalesce(partner2, 0) = 0 AND coalesce(customs, 'C00') = 'C00'
                AND coalesce(transport, 0) = 0 AND (supply IS NULL OR supply = '0' OR supply = '-1') THEN NULL
            WHEN NOT is_sound THEN 'unsettled'::set_aside
            WHEN flow_code IS NULL AND contains('|RX|RM|DX|FM|MIP|MOP|XIP|XOP|', '|' || flow || '|') THEN 'part_of_flow'::set_aside
            WHEN flow_code IS NULL THEN 'unsettled'::set_aside
            WHEN partner2 <> 0 THEN 'second_partner'::set_aside
            WHEN trim(customs) <> 'C00' THEN 'customs_procedure'::set_aside
            WHEN transport <> 0 THEN 'mode_of_transport'::set_aside
            WHEN trim(supply) NOT IN ('0', '-1') THEN 'mode_of_supply'::set_aside
            ELSE 'unsettled'::set_aside
        END AS set_aside
    FROM typed
)
SELECT
    place,
    TRY_CAST(reporter AS SMALLINT)     AS reporter,
    TRY_CAST(partner AS SMALLINT)      AS partner,
    flow_code                          AS flow,
    TRY_CAST(year_number AS SMALLINT)  AS year,
    TRY_CAST(month_number AS TINYINT)  AS month,
    revision_code                      AS hs_revision,
    code_level                         AS level,
    code,
    value_usd,
    -- Missing weights and quantities are written as 0 from 2017 on.
    nullif(kilos, 0)                   AS net_weight_kg,
    nullif(quantity, 0)                AS quantity,
    quantity_unit,
    CASE
        WHEN flow_code = 'X' AND value = fob THEN 'fob'::valuation
        WHEN value = cif THEN 'cif'::valuation
        WHEN value = fob THEN 'fob'::valuation
    END                                AS valuation,
    coalesce(original, true)           AS original,
    set_aside
FROM judged

-- Types the rows of one file and finds what is wrong with each, in file order:
-- the row id of the table is the number of the row. A join would lose the order,
-- and DuckDB makes a join of IN with a long list, so there is none here; lookups
-- in reference tables come later (settle.sql).
--
-- problem is NULL for a usable row, and otherwise kind, reason, column, value,
-- with chr(31) between them. The first thing that is wrong names the row.
CREATE TEMP TABLE read_rows AS
WITH cells AS (
    {{.Cells}}
),
typed AS (
    SELECT *,
        whole(reporter)                                    AS reporter_code,
        whole(partner)                                     AS partner_code,
        coalesce(whole(year), whole(left(period, 4)))      AS year_number,
        CASE coalesce(frequency, CASE length(period) WHEN 6 THEN 'M' ELSE 'A' END)
            WHEN 'A' THEN 0
            WHEN 'M' THEN coalesce(CASE WHEN length(period) = 6 THEN whole(right(period, 2)) END, whole(month))
        END                                                AS month_number,
        whole(level)                                       AS level_number,
        -- A spreadsheet drops a code's leading zero. Levels have an even number
        -- of digits, so an odd number of them means that a zero is missing,
        -- unless the file's own level says otherwise.
        CASE
            WHEN upper(code) = 'TOTAL' THEN 'TOTAL'
            WHEN length(code) IN (1, 3, 5) AND coalesce(whole(level), length(code) + 1) = length(code) + 1 THEN '0' || code
            ELSE code
        END                                                AS full_code,
        TRY_CAST(value AS DECIMAL(18,3))                   AS value_usd,
        nullif(TRY_CAST(cif AS DECIMAL(18,3)), 0)          AS cif_usd,
        nullif(TRY_CAST(fob AS DECIMAL(18,3)), 0)          AS fob_usd
    FROM cells
)
SELECT
    CAST(CASE WHEN reporter_code BETWEEN 0 AND 32767 THEN reporter_code END AS SMALLINT) AS reporter,
    CAST(CASE WHEN partner_code BETWEEN 0 AND 32767 THEN partner_code END AS SMALLINT)   AS partner,
    flow,
    CAST(CASE WHEN year_number BETWEEN 0 AND 32767 THEN year_number END AS SMALLINT)     AS year,
    CAST(CASE WHEN month_number BETWEEN 0 AND 12 THEN month_number END AS TINYINT)       AS month,
    hs_revision,
    CAST(CASE WHEN full_code = 'TOTAL' THEN 0 ELSE least(length(full_code), 100) END AS TINYINT) AS level,
    full_code AS code,
    value_usd,
    -- Missing weights and quantities are written as 0 from 2017 on.
    nullif(TRY_CAST(net_weight AS DECIMAL(18,3)), 0) AS net_weight_kg,
    nullif(TRY_CAST(quantity AS DECIMAL(18,3)), 0)   AS quantity,
    TRY_CAST(quantity_unit AS SMALLINT)              AS quantity_unit,
    CASE
        WHEN flow = 'X' AND value_usd = fob_usd THEN 'fob'
        WHEN value_usd = cif_usd THEN 'cif'
        WHEN value_usd = fob_usd THEN 'fob'
    END AS valuation,
    coalesce(lower(original) NOT IN ('false', '0'), true) AS original,
    CASE
        WHEN surplus IS NOT NULL THEN problem('reject', 'surplus_field', '', surplus)
        WHEN type <> 'C' THEN problem('reject', 'not_goods', 'type', type)
        WHEN month_number IS NULL AND frequency NOT IN ('A', 'M') THEN problem('reject', 'unknown_frequency', 'frequency', frequency)
        WHEN year_number IS NULL OR year_number NOT BETWEEN 1962 AND 2100 THEN problem('reject', 'bad_year', 'year', coalesce(year, period))
        WHEN left(period, 4) <> CAST(year_number AS VARCHAR) THEN problem('reject', 'year_is_not_period', 'period', period)
        WHEN month_number IS NULL OR month_number NOT BETWEEN 0 AND 12 OR (month_number = 0 AND frequency = 'M') THEN problem('reject', 'bad_month', 'month', coalesce(month, period))
        WHEN hs_revision IS NULL OR NOT regexp_full_match(hs_revision, 'H[0-6]') THEN problem('reject', 'not_hs', 'hs_revision', hs_revision)
        WHEN regexp_full_match(flow, 'RX|RM|DX|FM|MIP|MOP|XIP|XOP') THEN problem('left_out', 'part_of_flow', 'flow', flow)
        WHEN flow IS NULL OR flow NOT IN ('M', 'X') THEN problem('reject', 'unknown_flow', 'flow', flow)
        WHEN reporter_code IS NULL OR reporter_code NOT BETWEEN 0 AND 32767 THEN problem('reject', 'unknown_reporter', 'reporter', reporter)
        WHEN partner_code IS NULL OR partner_code NOT BETWEEN 0 AND 32767 THEN problem('reject', 'unknown_partner', 'partner', partner)
        WHEN full_code IS NULL OR NOT regexp_full_match(full_code, 'TOTAL|[0-9]{2}|[0-9]{4}|[0-9]{6}') THEN problem('reject', 'bad_code', 'code', code)
        WHEN level_number <> CASE WHEN full_code = 'TOTAL' THEN 0 ELSE length(full_code) END THEN problem('reject', 'code_is_not_level', 'level', level)
        WHEN coalesce(whole(partner2), 0) <> 0 THEN problem('left_out', 'second_partner', 'partner2', partner2)
        WHEN customs <> 'C00' THEN problem('left_out', 'customs_procedure', 'customs', customs)
        WHEN coalesce(whole(transport), 0) <> 0 THEN problem('left_out', 'mode_of_transport', 'transport', transport)
        WHEN supply NOT IN ('0', '-1') THEN problem('left_out', 'mode_of_supply', 'supply', supply)
        WHEN value IS NULL THEN problem('reject', 'missing_value', 'value', value)
        WHEN value_usd IS NULL AND coalesce(isfinite(TRY_CAST(value AS DOUBLE)), false) THEN problem('reject', 'value_too_large', 'value', value)
        WHEN value_usd IS NULL THEN problem('reject', 'bad_value', 'value', value)
        WHEN value_usd < 0 THEN problem('reject', 'negative_value', 'value', value)
    END AS problem
FROM typed

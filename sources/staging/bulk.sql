-- Reads files of one layout in one go, in their order and in the order of their
-- rows, each field by the type that the reader itself gives it. That is faster
-- than to read text and judge it, so it is done for all rows that have nothing
-- special: the others are marked. Nothing may be joined here, because a
-- join would lose the order, and DuckDB makes a join of IN with more than four values.
--
-- A row that the reader can't type is in csv_errors. Such rows, and those that are
-- marked needs_recheck, are read once more as text: see classify.sql, which makes the same as
-- this of a row that has nothing special. What the reference tables know is in known.sql.

CREATE OR REPLACE {{if not .Keep}}TEMP {{end}}TABLE {{.Table}} AS
WITH cells AS (
    {{.Cells}}
),
typed AS (
    SELECT *,
        TRY_CAST(flow AS trade_flow)               AS flow_code,
        TRY_CAST(hs_revision AS revision)          AS revision_code,
        TRY_CAST(code AS listed_code)              AS listed,
        CASE WHEN listed IS NULL AND regexp_full_match(code, '[0-9]+') THEN TRY_CAST(code AS UINTEGER) END AS unlisted,
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
        -- Where a column may be empty, (x <> y) IS NOT TRUE is faster than coalesce or OR.
        coalesce(
            reporter % 1 = 0 AND get_bit(getvariable('known_reporters'), CASE WHEN reporter BETWEEN 0 AND 9999 THEN CAST(reporter AS INTEGER) ELSE 10000 END) = 1
            AND partner % 1 = 0 AND get_bit(getvariable('known_partners'), CASE WHEN partner BETWEEN 0 AND 9999 THEN CAST(partner AS INTEGER) ELSE 10000 END) = 1
            AND revision_code IS NOT NULL AND code_level IS NOT NULL AND (level <> code_level) IS NOT TRUE
            AND CASE WHEN listed IS NOT NULL THEN get_bit(getvariable('known_codes'), CAST(enum_code(listed) AS INTEGER) * 8 + enum_code(revision_code)) = 1
                     WHEN unlisted IS NULL THEN false
                     WHEN code_level = 6 THEN NOT contains(getvariable('known_revisions'), hs_revision)
                     ELSE true END
            AND value_usd > 0 AND (kilos IS NULL) = (net_weight IS NULL)
            AND year_number BETWEEN 1962 AND 2100 AND month_number BETWEEN 0 AND 12
            AND ((period_number = year_number) <> (month_number = 0)) IS NOT TRUE AND (year % 1 <> 0) IS NOT TRUE AND (period % 1 <> 0) IS NOT TRUE
            AND {{if .Frequency}}frequency = CASE WHEN month_number = 0 THEN 'A' ELSE 'M' END{{else}}(month <> 52) IS NOT TRUE{{end}}
            AND (type <> 'C') IS NOT TRUE AND surplus IS NULL AND basis IS NULL, false) AS is_sound,
        CASE
            WHEN is_sound AND flow_code IS NOT NULL AND (partner2 <> 0) IS NOT TRUE AND (customs <> 'C00') IS NOT TRUE
                AND (transport <> 0) IS NOT TRUE AND (supply <> '0' AND supply <> '-1') IS NOT TRUE THEN NULL
            WHEN NOT is_sound THEN 'needs_recheck'::not_staged
            WHEN flow_code IS NULL AND contains('|RX|RM|DX|FM|MIP|MOP|XIP|XOP|', '|' || flow || '|') THEN 'part_of_flow'::not_staged
            WHEN flow_code IS NULL THEN 'needs_recheck'::not_staged
            WHEN trim(customs) = 'NA' OR trim(supply) = 'NA' THEN 'needs_recheck'::not_staged -- R's word for nothing
            WHEN partner2 <> 0 THEN 'second_partner'::not_staged
            WHEN trim(customs) <> 'C00' THEN 'customs_procedure'::not_staged
            WHEN transport <> 0 THEN 'mode_of_transport'::not_staged
            WHEN trim(supply) NOT IN ('0', '-1') THEN 'mode_of_supply'::not_staged
            ELSE 'needs_recheck'::not_staged
        END AS not_staged
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
    listed                             AS code,
    unlisted                           AS other_code,
    value_usd,
    -- Missing weights and quantities are written as 0 from 2017 on.
    nullif(kilos, 0)                   AS net_weight_kg,
    nullif(quantity, 0)                AS quantity,
    quantity_unit,
    weight_estimated,
    quantity_estimated,
    CASE
        WHEN flow_code = 'X' AND value = fob THEN 'fob'::valuation
        WHEN value = cif THEN 'cif'::valuation
        WHEN value = fob THEN 'fob'::valuation
    END                                AS valuation,
    coalesce(original, true)           AS original,
    not_staged
FROM judged

-- The findings of each check, the largest differences first; the thousand largest
-- of each, because checks has the number of all.
SELECT check_name,
       CAST(row_number() OVER worst AS INTEGER) AS finding,
       severity, year, reporter, partner, flow, hs_revision, code, value_usd, compared_usd, file,
       CAST(line AS INTEGER) AS line, note
FROM all_findings
WINDOW worst AS (
    PARTITION BY check_name
    ORDER BY abs(value_usd - coalesce(compared_usd, 0)) DESC NULLS LAST, year, reporter, partner, flow, code, file, line, note)
QUALIFY row_number() OVER worst <= 1000

-- Codes of the reporter that have partners and no World.
WITH lacking AS (
    SELECT year
    FROM measured_facts
    WHERE reporter = $reporter
    GROUP BY year, flow, hs_revision, hs6
    HAVING NOT bool_or(partner = 0)
)
SELECT format('{} has codes with partners but without a row for World in {}: they are in no figure; download partner World too',
              $reporter_name, few_years(list_sort(list(DISTINCT year))))
FROM lacking
HAVING count(*) > 0

-- Imports and exports of high-tech sectors by month (Figure 15), from monthly rows
-- alone. A month that the files do not have is no row; a flow that a month does not
-- have is null, and so is one of a sector of which the month's files cover no code.
WITH months AS (
    SELECT reporter, year, month, hs_revision, count(*) OVER (PARTITION BY reporter, year) AS months_reported,
           bool_or(flow = 'M') AS imports_reported, bool_or(flow = 'X') AS exports_reported
    FROM monthly_trade
    GROUP BY reporter, year, month, hs_revision
),
listed AS (
    SELECT sector, hs_revision, hs6
    FROM code_sectors
    WHERE $high_tech_sectors = 'all' OR list_contains(string_split($high_tech_sectors, ','), sector)
),
series AS (
    SELECT sector, hs_revision, hs6 FROM listed
    UNION ALL
    SELECT 'all_sectors', hs_revision, hs6 FROM listed
),
-- Which flows of a code are known; of a flow that the month does not have, nothing is asked.
covered AS (
    SELECT reporter, year, month, hs_revision, hs6,
           bool_or(flow = 'M' AND status IN ('traded', 'zero')) AS imports, bool_or(flow = 'X' AND status IN ('traded', 'zero')) AS exports,
           bool_and(status = 'unreached') AS unreached, NOT bool_or(status = 'unknown') AS known
    FROM code_coverage
    WHERE month > 0
    GROUP BY ALL
),
amounts AS (
    SELECT reporter, year, month, hs_revision, hs6, sum(value_usd) FILTER (flow = 'M') AS imports, sum(value_usd) FILTER (flow = 'X') AS exports,
           sum(split_usd) AS split, bit_or(split_basis) AS basis
    FROM monthly_trade
    GROUP BY ALL
)
SELECT
    s.sector, m.year, m.month, m.hs_revision, $code_basis AS code_basis, m.reporter,
    any_value(m.months_reported) AS months_reported,
    count(*) FILTER (c.known AND NOT c.unreached) AS codes_covered,
    count(*) FILTER (NOT c.known) AS codes_unknown,
    codes_covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (codes_covered + codes_unknown) AS partial,
    CASE WHEN bool_and(m.imports_reported) AND bool_or(c.imports) THEN coalesce(sum(t.imports), 0) END AS imports_usd,
    CASE WHEN bool_and(m.exports_reported) AND bool_or(c.exports) THEN coalesce(sum(t.exports), 0) END AS exports_usd,
    exports_usd - imports_usd AS balance_usd,
    coalesce(sum(t.split), 0) AS split_usd,
    split_basis(bit_or(t.basis)) AS split_basis
FROM months m
JOIN series s USING (hs_revision)
LEFT JOIN covered c USING (reporter, year, month, hs_revision, hs6)
LEFT JOIN amounts t USING (reporter, year, month, hs_revision, hs6)
GROUP BY m.reporter, s.sector, m.year, m.month, m.hs_revision

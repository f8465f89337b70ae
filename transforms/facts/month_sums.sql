-- Years that are sums of twelve months, where there are no annual rows: nothing unless
-- $months is 'sum'.
--
-- A code counts when each month has a row of it with World, or is known to have all codes
-- (whole_files), so that the month's trade was zero; and when neither its year has an
-- annual row, nor the reporter's flow annual rows in another HS revision. A partner counts
-- when each month has a row of it, or a file that has all partners. All months must be in
-- one HS revision.
--
-- Such a row stands on no line; its file and source are those of the last month.
WITH monthly AS (
    SELECT f.*, u.all_partners
    FROM (FROM facts_and_totals WHERE month > 0 AND level = 6 AND $months = 'sum') f
    JOIN used_files u USING (file_id)
),
-- The sets that have twelve months.
sets AS (
    SELECT reporter, flow, year, hs_revision
    FROM monthly
    WHERE partner = 0
    GROUP BY ALL
    HAVING count(DISTINCT month) = 12
),
annual AS (
    SELECT reporter, flow, year, hs_revision, code
    FROM code_sums
    SEMI JOIN sets USING (reporter, flow, year)
    WHERE month = 0 AND level = 6
),
codes AS (
    SELECT reporter, flow, year, hs_revision, code, list(DISTINCT month) AS there
    FROM monthly
    SEMI JOIN sets USING (reporter, flow, year, hs_revision)
    WHERE partner = 0
    GROUP BY ALL
),
-- Cells of months that have no value, because their rows differ and no column tells them
-- apart.
ambiguous AS (
    SELECT DISTINCT reporter, partner, flow, year, hs_revision, code
    FROM superseded
    WHERE $months = 'sum' AND reason = 'ambiguous' AND month > 0 AND level = 6
),
-- Codes of which a month has no row, and it is not known that there was no trade; or has no
-- value.
unknown AS (
    SELECT reporter, flow, year, hs_revision, code FROM ambiguous WHERE partner = 0
    UNION ALL
    SELECT c.reporter, c.flow, c.year, c.hs_revision, c.code
    FROM (SELECT *, unnest(range(1, 13)) AS month FROM codes) c
    LEFT JOIN whole_files w ON w.reporter = c.reporter AND w.flow = c.flow AND w.year = c.year AND w.month = c.month
        AND w.hs_revision = c.hs_revision AND w.world AND starts_with(c.code, w.prefix)
    WHERE NOT list_contains(c.there, c.month) AND w.file_id IS NULL
),
whole AS (
    SELECT reporter, flow, year, hs_revision, code
    FROM codes c
    ANTI JOIN unknown USING (reporter, flow, year, hs_revision, code)
    ANTI JOIN annual USING (reporter, flow, year, hs_revision, code)
    WHERE NOT EXISTS (
        FROM annual a WHERE a.reporter = c.reporter AND a.flow = c.flow AND a.year = c.year AND a.hs_revision <> c.hs_revision)
),
partner_months AS (
    SELECT reporter, partner, flow, year, hs_revision, month FROM monthly WHERE partner <> 0 GROUP BY ALL
),
-- Months of files that have all partners: a partner that they lack did not trade.
all_there AS (
    SELECT DISTINCT reporter, flow, year, hs_revision, month FROM monthly WHERE all_partners
),
partners AS (
    SELECT reporter, partner, flow, year, hs_revision
    FROM (
        FROM partner_months
        UNION
        SELECT p.reporter, p.partner, p.flow, p.year, p.hs_revision, a.month
        FROM (SELECT DISTINCT reporter, partner, flow, year, hs_revision FROM partner_months) p
        JOIN all_there a USING (reporter, flow, year, hs_revision)
    )
    GROUP BY ALL
    HAVING count(*) = 12
)
SELECT arg_max(source, month) AS source, reporter, partner, flow, year, 0::TINYINT AS month, hs_revision, code AS hs6,
       CAST(sum(value_usd) AS DECIMAL(18,3)) AS value_usd, CAST(sum_of_all(net_weight_kg) AS DECIMAL(18,3)) AS net_weight_kg,
       CASE WHEN min(quantity_unit) = max(quantity_unit) THEN CAST(sum_of_all(quantity) AS DECIMAL(18,3)) END AS quantity,
       CASE WHEN min(quantity_unit) = max(quantity_unit) THEN min(quantity_unit) END AS quantity_unit,
       bool_or(weight_estimated) AS weight_estimated, bool_or(quantity_estimated) AS quantity_estimated,
       CASE WHEN min(valuation) = max(valuation) THEN min(valuation) END AS valuation,
       arg_max(file_id, (month, file_id)) AS file_id, NULL::BIGINT AS line, reporter AS file_reporter, partner AS file_partner
FROM monthly m
SEMI JOIN whole USING (reporter, flow, year, hs_revision, code)
WHERE partner = 0
   OR EXISTS (FROM partners p WHERE p.reporter = m.reporter AND p.partner = m.partner AND p.flow = m.flow AND p.year = m.year AND p.hs_revision = m.hs_revision)
  AND NOT EXISTS (
      FROM ambiguous a WHERE a.reporter = m.reporter AND a.partner = m.partner AND a.flow = m.flow AND a.year = m.year
          AND a.hs_revision = m.hs_revision AND a.code = m.code)
GROUP BY reporter, partner, flow, year, hs_revision, code

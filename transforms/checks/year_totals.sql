-- Each reporter's flow in a year, and in the year before.
WITH totals AS (
    SELECT reporter, flow, year, sum(usd) AS usd, CAST(sum(codes) AS BIGINT) AS codes FROM flow_totals GROUP BY ALL
)
SELECT t.*, b.usd AS usd_before, b.codes AS codes_before
FROM totals t
SEMI JOIN years USING (year)
JOIN totals b ON b.reporter = t.reporter AND b.flow = t.flow AND b.year = t.year - 1

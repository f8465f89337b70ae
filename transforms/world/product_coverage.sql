-- How many of a sector's codes the files tell of, by reporter, flow and year: of the
-- reporters, both flows in all years; of the other exporters, the exports that they
-- reported. A year that a reporter has not reported has no code covered.
WITH cells AS (
    SELECT reporter, flow, year, hs_revision, sector, hs6, status, evidence
    FROM product_coverage_hs6
    UNION ALL
    SELECT reporter, flow, year, hs_revision, sector, hs6, status, evidence
    FROM code_coverage
    ANTI JOIN reporters USING (reporter)
    WHERE NOT own AND sector IS NOT NULL
)
SELECT
    reporter, flow, year, sector, hs_revision, $code_basis AS code_basis,
    count(*) AS codes_listed,
    count(*) FILTER (status = 'unreached') AS codes_unreached,
    count(*) FILTER (status = 'traded') AS codes_traded,
    count(*) FILTER (status = 'zero') AS codes_zero,
    codes_traded + codes_zero AS codes_covered,
    count(*) FILTER (status = 'unknown') AS codes_unknown,
    coalesce(string_agg(DISTINCT evidence, ', ' ORDER BY evidence) FILTER (status IN ('traded', 'zero')), 'none') AS evidence,
    codes_covered / nullif(codes_covered + codes_unknown, 0) AS covered_share,
    coalesce(codes_covered < CAST($min_product_coverage AS DECIMAL(9,6)) * (codes_covered + codes_unknown), false) AS partial
FROM cells
GROUP BY reporter, flow, year, sector, hs_revision

-- The reporters' imports from each partner and that partner's exports to them, by year,
-- over the codes that both report.
WITH exports AS (
    SELECT f.partner AS reporter, f.year, f.reporter AS partner, coalesce(c.to_code, f.hs6) AS hs6,
           sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) AS usd
    FROM measured_facts f
    SEMI JOIN years y ON y.year = f.year
    SEMI JOIN reporters r ON r.reporter = f.partner
    LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
    LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
        AND d.to_code = c.to_code
    WHERE f.flow = 'X' AND f.partner <> f.reporter
    GROUP BY ALL
),
imports AS (
    SELECT reporter, year, partner, hs6, sum(value_usd) AS usd FROM partner_imports GROUP BY ALL
)
SELECT reporter, year, partner, sum(i.usd) AS imports, sum(e.usd) AS exports, count(*) AS codes
FROM imports i JOIN exports e USING (reporter, year, partner, hs6)
GROUP BY ALL

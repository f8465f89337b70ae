-- The reporter's imports from a partner against that partner's exports to it, over
-- the codes that both report. Freight, insurance and trade through third countries
-- make them differ; a factor of two or more, above a million dollars, is worth a look.
WITH exports AS (
    SELECT f.year, f.reporter AS partner, coalesce(c.to_code, f.hs6) AS hs6,
           sum(part(f.value_usd, c.lo, c.hi, c.parts_of)) AS usd
    FROM measured_facts f
    SEMI JOIN years y ON y.year = f.year
    LEFT JOIN hs_conversion c ON c.from_revision = f.hs_revision AND c.from_code = f.hs6
    WHERE f.flow = 'X' AND f.partner = $reporter AND f.reporter <> $reporter
    GROUP BY ALL
),
imports AS (
    SELECT year, partner, hs6, sum(value_usd) AS usd FROM partner_imports GROUP BY ALL
),
cells AS (
    SELECT year, partner, sum(i.usd) AS imports, sum(e.usd) AS exports, count(*) AS codes
    FROM imports i JOIN exports e USING (year, partner, hs6)
    GROUP BY ALL
)
SELECT 'mirror' AS check_name, NULL::BIGINT AS examined, year, $reporter::SMALLINT AS reporter, partner, 'M' AS flow, NULL::VARCHAR AS hs_revision, NULL::VARCHAR AS code,
       imports AS value_usd, exports AS compared_usd, NULL::INTEGER AS file_id, NULL::BIGINT AS line,
       format('imports against the partner''s exports to the reporter, over {} codes that both report', codes) AS note
FROM cells
WHERE greatest(imports, exports) >= 1000000 AND (imports <= exports / 2 OR imports >= exports * 2)
UNION ALL
SELECT 'mirror', count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM cells

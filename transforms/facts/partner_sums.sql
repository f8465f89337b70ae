-- World as the sum over the partners, for files that have all of them and no World.
-- Of a row that stands in a file several times the last counts, as in superseded.
WITH input AS NOT MATERIALIZED (
    SELECT s.*, f.both_sides FROM staged s JOIN files f ON f.file_id = s.file_id AND f.all_partners
),
-- Few cells are there twice; finding them by a hash is cheaper than ranking all rows.
repeated AS (
    SELECT hash(file_id, reporter, partner, flow, year, month, hs_revision, code, part) AS cell
    FROM input
    GROUP BY cell HAVING count(*) > 1
),
cells AS NOT MATERIALIZED (
    SELECT * FROM input
    WHERE hash(file_id, reporter, partner, flow, year, month, hs_revision, code, part) NOT IN (FROM repeated)
    UNION ALL
    SELECT * FROM input
    WHERE hash(file_id, reporter, partner, flow, year, month, hs_revision, code, part) IN (FROM repeated)
    QUALIFY row_number() OVER (PARTITION BY file_id, reporter, partner, flow, year, month, hs_revision, code, part ORDER BY line DESC) = 1
),
-- What one side of a row of a file that is both_sides exports, the other imports.
sides AS (
    SELECT c.* REPLACE (
        CASE WHEN other THEN partner ELSE reporter END AS reporter,
        CASE WHEN other THEN reporter ELSE partner END AS partner,
        CASE WHEN other THEN 'M'::trade_flow ELSE flow END AS flow)
    FROM cells c CROSS JOIN (VALUES (false), (true)) s(other)
    WHERE both_sides OR NOT other
)
SELECT file_id,
       -- A number of its own for each cell of a file, in the place of a line.
       (((((CAST(reporter AS BIGINT) * 2 + CAST(flow = 'X' AS BIGINT)) * 10000 + year) * 100 + month) * 10
           + enum_code(hs_revision)) * 10 + level) * 1000000 + coalesce(TRY_CAST(code AS INTEGER), 0) AS line,
       reporter, 0::SMALLINT AS partner, flow, year, month, hs_revision, level, code,
       TRY_CAST(sum(value_usd) AS DECIMAL(18,3)) AS value_usd, TRY_CAST(sum(net_weight_kg) AS DECIMAL(18,3)) AS net_weight_kg,
       NULL::DECIMAL(18,3) AS quantity, NULL::SMALLINT AS quantity_unit,
       CASE WHEN min(valuation) = max(valuation) THEN min(valuation) END AS valuation, true AS original, NULL::UBIGINT AS part
FROM sides
GROUP BY file_id, reporter, flow, year, month, hs_revision, level, code
HAVING bool_and(partner <> 0) AND TRY_CAST(sum(value_usd) AS DECIMAL(18,3)) IS NOT NULL

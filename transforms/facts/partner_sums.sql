-- World as the sum over the partners, for files that have all of them and no World.
-- A partner of an unknown name counts, too. Of rows of one cell that counts which
-- superseded lets count; where they are ambiguous, World is, too: it has two rows then, of
-- the smallest and of the largest sum.
WITH input AS NOT MATERIALIZED (
    SELECT s.* REPLACE (part_said(f.repeated, s.part, s.value_usd, s.net_weight_kg, s.quantity) AS part),
           f.both_sides AND known AS both_sides, f.repeated
    FROM (
        SELECT file_id, line, reporter, partner, flow, year, month, hs_revision, level, code, value_usd, net_weight_kg, quantity, weight_estimated, valuation, part, true AS known
        FROM staged
        UNION ALL
        -- As areas that are not specified, each name a part of its own.
        SELECT file_id, line, reporter, 899, flow, year, month, hs_revision, level, code, value_usd, net_weight_kg, NULL, NULL, NULL,
               coalesce(part, hash(name)), false
        FROM unknown_partners) s
    JOIN used_files f ON f.file_id = s.file_id AND f.all_partners
),
-- Few cells are there twice; finding them by a hash is cheaper than ranking all rows.
several AS (
    SELECT hash(file_id, reporter, partner, flow, year, month, hs_revision, code, part) AS cell
    FROM input
    GROUP BY cell HAVING count(*) > 1
),
cells AS NOT MATERIALIZED (
    SELECT *, value_usd AS largest_usd FROM input
    WHERE hash(file_id, reporter, partner, flow, year, month, hs_revision, code, part) NOT IN (FROM several)
    UNION ALL
    SELECT * REPLACE (CASE WHEN repeated = '' THEN min(value_usd) OVER cell ELSE value_usd END AS value_usd),
           CASE WHEN repeated = '' THEN max(value_usd) OVER cell ELSE value_usd END
    FROM input i
    WHERE hash(file_id, reporter, partner, flow, year, month, hs_revision, code, part) IN (FROM several)
    WINDOW cell AS (PARTITION BY file_id, reporter, partner, flow, year, month, hs_revision, code, part)
    QUALIFY row_number() OVER (
        PARTITION BY file_id, reporter, partner, flow, year, month, hs_revision, code, part
        ORDER BY CASE WHEN repeated = 'largest' THEN i.value_usd END DESC, CASE WHEN repeated = 'first' THEN line END, line DESC) = 1
),
-- What one side of a row of a file that is both_sides exports, the other imports.
sides AS (
    SELECT c.* REPLACE (
        CASE WHEN other THEN partner ELSE reporter END AS reporter,
        CASE WHEN other THEN reporter ELSE partner END AS partner,
        CASE WHEN other THEN 'M'::trade_flow ELSE flow END AS flow)
    FROM cells c CROSS JOIN (VALUES (false), (true)) s(other)
    WHERE both_sides OR NOT other
),
sums AS (
    SELECT file_id,
           -- A number of its own for each cell of a file, in the place of a line.
           (((((CAST(reporter AS BIGINT) * 2 + CAST(flow = 'X' AS BIGINT)) * 10000 + year) * 100 + month) * 10
               + enum_code(hs_revision)) * 10 + level) * 1000000 + coalesce(TRY_CAST(code AS INTEGER), 0) AS line,
           reporter, 0::SMALLINT AS partner, flow, year, month, hs_revision, level, code,
           TRY_CAST(sum(value_usd) AS DECIMAL(18,3)) AS value_usd, TRY_CAST(sum_of_all(net_weight_kg) AS DECIMAL(18,3)) AS net_weight_kg,
           NULL::DECIMAL(18,3) AS quantity, NULL::SMALLINT AS quantity_unit, bool_or(weight_estimated) AS weight_estimated,
           NULL::BOOLEAN AS quantity_estimated,
           CASE WHEN min(valuation) = max(valuation) THEN min(valuation) END AS valuation, true AS original, NULL::UBIGINT AS part,
           TRY_CAST(sum(largest_usd) AS DECIMAL(18,3)) AS largest_usd
    FROM sides
    GROUP BY file_id, reporter, flow, year, month, hs_revision, level, code
    HAVING bool_and(partner <> 0) AND TRY_CAST(sum(largest_usd) AS DECIMAL(18,3)) IS NOT NULL
)
SELECT * EXCLUDE (largest_usd) FROM sums
UNION ALL
SELECT * EXCLUDE (largest_usd) REPLACE (-line AS line, largest_usd AS value_usd) FROM sums WHERE largest_usd > value_usd

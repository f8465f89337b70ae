-- Strategic dependencies by code, by the European Commission's three criteria, made general
-- for any reporter: (1) imports from outside are concentrated on few suppliers, a
-- Herfindahl–Hirschman index above 0.4; (2) imports from outside are above half of all
-- imports; (3) imports from outside are above exports to World. A code that meets all three
-- is a dependency.
--
-- Outside is, for a member of the EU in the year (membership), everybody who is no member,
-- and for others every other country; the reporter itself is never outside. The thresholds
-- are the Commission's. Where one of the three is unknown and the others are met, so is the verdict.
--
-- Source: European Commission (2021), Strategic dependencies and capacities, SWD(2021) 352.
WITH union_members AS (
    SELECT y.year, m.area
    FROM years y
    JOIN country_groups m ON m.name = 'EU' AND is_member($membership, m.joined_on, m.left_on, y.year)
    GROUP BY ALL
),
outside AS (
    SELECT s.*, CAST(s.value_usd * 1000 AS HUGEINT) AS mills
    FROM supplier_sums s
    LEFT JOIN union_members r ON r.year = s.year AND r.area = s.reporter
    LEFT JOIN union_members p ON p.year = s.year AND p.area = s.partner
    WHERE s.level = 6 AND s.partner <> s.reporter AND (r.area IS NULL OR p.area IS NULL)
),
sums AS (
    SELECT reporter, year, hs_revision, code, count(*) AS suppliers, sum(value_usd) AS usd, sum(mills) AS mills, sum(mills * mills) AS squares
    FROM outside
    GROUP BY reporter, year, hs_revision, code
),
listed AS (
    SELECT reporter, year, hs_revision, code, sum(value_usd) AS usd FROM supplier_sums WHERE level = 6 GROUP BY ALL
)
SELECT b.year, b.code, b.sector, b.hs_revision, $code_basis AS code_basis, b.reporter,
       CASE WHEN u.area IS NOT NULL THEN 'EU' END AS home_group,
       b.imports AS imports_usd, b.exports AS exports_usd,
       l.usd AS partner_imports_usd,
       CASE WHEN l.usd IS NOT NULL THEN coalesce(o.usd, 0) WHEN b.imports = 0 THEN 0 END AS outside_imports_usd,
       CAST(coalesce(o.suppliers, 0) AS SMALLINT) AS outside_suppliers,
       herfindahl(o.squares, o.mills) AS concentration,
       CAST(outside_imports_usd AS DOUBLE) / nullif(CAST(b.imports AS DOUBLE), 0) AS outside_share,
       CASE WHEN outside_imports_usd = 0 THEN false ELSE o.squares * 10 > 4 * o.mills * o.mills END AS is_concentrated,
       outside_imports_usd * 2 > b.imports AS is_mostly_outside,
       outside_imports_usd > b.exports AS exceeds_exports,
       is_concentrated AND is_mostly_outside AND exceeds_exports AS dependency,
       b.split_usd
FROM both_flows b
LEFT JOIN sums o ON o.reporter = b.reporter AND o.year = b.year AND o.hs_revision = b.hs_revision AND o.code = b.code
LEFT JOIN listed l ON l.reporter = b.reporter AND l.year = b.year AND l.hs_revision = b.hs_revision AND l.code = b.code
LEFT JOIN union_members u ON u.year = b.year AND u.area = b.reporter
WHERE b.level = 6

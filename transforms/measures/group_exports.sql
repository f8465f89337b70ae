-- Exports to World of each sector and group of products from several exporters (Figure 33). A group of
-- countries, such as the EU, is one exporter, and the trade between its members is
-- taken off its exports.
--
-- Who the members trade with is known only of those whose exports the files list by
-- partner, too. Unless they are all that reported, the group's exports to others can't
-- be known. Each exporter's codes are those of the sector list in its own revision.
WITH who_exports AS (
    SELECT exporter, TRY_CAST(exporter AS SMALLINT) AS code, code IS NULL AS is_group
    FROM (SELECT unnest(string_split($exporters, ',')) AS exporter)
),
members AS (
    SELECT y.year, e.exporter, e.is_group, coalesce(s.successor, g.area, e.code) AS area, a.iso3
    FROM years y
    CROSS JOIN who_exports e
    LEFT JOIN country_groups g ON e.is_group AND g.name = e.exporter AND is_member($membership, g.joined_on, g.left_on, y.year)
    LEFT JOIN successions s ON s.code = coalesce(g.area, e.code) AND s.whole AND y.year >= s.since
    JOIN areas a ON a.code = coalesce(s.successor, g.area, e.code)
    GROUP BY ALL
),
-- All sectors are of the same revisions, whatever each has of them.
listed AS (
    SELECT DISTINCT g.name, r.hs_revision
    FROM code_groups g
    JOIN (SELECT DISTINCT is_product_group, hs_revision FROM code_groups) r USING (is_product_group)
),
reported AS (
    SELECT DISTINCT w.year, w.reporter AS area, c.name AS sector
    FROM (SELECT DISTINCT year, reporter, hs_revision FROM world_trade WHERE flow = 'X') w
    JOIN listed c USING (hs_revision)
),
exports AS (
    SELECT w.year, w.reporter AS area, c.name AS sector, sum(w.value_usd) AS usd, sum(w.split_usd) AS split_usd, bit_or(w.split_basis) AS split_basis
    FROM world_trade w
    JOIN code_groups c USING (hs_revision, hs6)
    SEMI JOIN members m ON m.year = w.year AND m.area = w.reporter
    WHERE w.flow = 'X'
    GROUP BY ALL
),
codes AS (
    SELECT c.code FROM area_codes c SEMI JOIN members m ON m.is_group AND m.area = c.area
),
by_partner AS (
    SELECT f.year, m.exporter, f.reporter AS area, n.name AS sector,
           sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) AS partners_usd,
           coalesce(sum(part(f.value_usd, d.lo, d.hi, d.parts_of)) FILTER (i.area IS NOT NULL), 0) AS internal_usd
    FROM facts f
    SEMI JOIN codes c ON c.code = f.file_reporter
    JOIN members m ON m.is_group AND m.year = f.year AND m.area = f.reporter
    LEFT JOIN members i ON i.exporter = m.exporter AND i.year = f.year AND i.area = f.partner
    LEFT JOIN hs_conversion v ON v.from_revision = f.hs_revision AND v.from_code = f.hs6
    LEFT JOIN split_shares d ON d.reporter = f.reporter AND d.flow = f.flow AND d.from_revision = f.hs_revision AND d.from_code = f.hs6
        AND d.to_code = v.to_code
    JOIN code_groups n ON n.hs_revision = coalesce(v.to_revision, f.hs_revision) AND n.hs6 = coalesce(v.to_code, f.hs6)
    ANTI JOIN areas a ON a.kind = 'group' AND a.code = f.partner
    WHERE f.flow = 'X' AND f.month = 0 AND f.file_partner <> 0
      AND ($harmonize = 'as-reported' OR v.to_code IS NOT NULL)
    GROUP BY ALL
),
-- The reporters as their own figures are judged, the others as exporters among others.
coverages AS (
    SELECT c.reporter, c.flow, c.year, c.name, max(c.codes_covered) AS codes_covered, bool_or(c.partial) AS partial
    FROM group_coverage c
    LEFT JOIN reporters r USING (reporter)
    WHERE c.own = (r.reporter IS NOT NULL)
    GROUP BY ALL
),
cells AS (
    SELECT n.sector, n.is_product_group, y.year, e.exporter, e.code, e.is_group, m.iso3, r.area AS reported,
           coalesce(c.codes_covered > 0, x.usd IS NOT NULL) AS covered, coalesce(c.partial, false) AS partial, x.usd, x.split_usd, x.split_basis, p.partners_usd, p.internal_usd,
           r.area IS NOT NULL AND (NOT e.is_group OR coalesce(x.usd, 0) = 0 OR p.partners_usd IS NOT NULL) AS known
    FROM (SELECT DISTINCT name AS sector, is_product_group FROM code_groups) n
    CROSS JOIN years y
    CROSS JOIN who_exports e
    LEFT JOIN members m ON m.year = y.year AND m.exporter = e.exporter
    LEFT JOIN reported r ON r.year = y.year AND r.area = m.area AND r.sector = n.sector
    LEFT JOIN coverages c ON c.flow = 'X' AND c.year = y.year AND c.reporter = m.area AND c.name = n.sector
    LEFT JOIN exports x ON x.year = y.year AND x.area = m.area AND x.sector = n.sector
    LEFT JOIN by_partner p ON p.year = y.year AND p.exporter = e.exporter AND p.area = m.area AND p.sector = n.sector
),
sums AS (
    SELECT sector, is_product_group, year, exporter, code, is_group,
           count(DISTINCT iso3) AS members, count(reported) AS members_reported, count(*) FILTER (known) AS members_known,
           coalesce(bool_or(partial) FILTER (reported IS NOT NULL), false) AS partial,
           CASE WHEN count(reported) FILTER (covered) > 0 THEN coalesce(sum(usd), 0) END AS gross,
           coalesce(sum(split_usd), 0) AS split_usd,
           bit_or(split_basis) AS split_basis,
           sum(partners_usd) AS partners,
           CASE WHEN members_known < members_reported THEN sum(internal_usd)
                WHEN members_reported > 0 THEN coalesce(sum(internal_usd), 0) END AS internal
    FROM cells
    GROUP BY sector, is_product_group, year, exporter, code, is_group
)
SELECT
    s.sector, s.is_product_group, s.year, $code_basis AS code_basis,
    coalesce(nullif(a.iso3, ''), s.exporter) AS exporter,
    coalesce(a.name, s.exporter) AS exporter_name,
    s.is_group,
    s.members,
    s.members_reported,
    CASE WHEN s.is_group THEN s.members_known END AS members_with_partners,
    s.partial,
    s.gross AS gross_exports_usd,
    s.internal AS internal_usd,
    CASE WHEN s.members_known = s.members_reported THEN s.gross - s.internal END AS exports_usd,
    CASE WHEN s.is_group THEN CAST(s.partners AS DOUBLE) / nullif(CAST(s.gross AS DOUBLE), 0) END AS partner_coverage,
    s.split_usd,
    split_basis(s.split_basis) AS split_basis
FROM sums s
LEFT JOIN areas a ON a.code = s.code

-- Dominance by sector (Figure 27): dominated codes over codes with world exports.
-- A year without the reporter's exports has no dominated codes, not zero. A code of which
-- the reporter's files do not tell whether it exports it is in no count. What is covered is
-- the same as of the export share.
SELECT
    l.sector, l.year, l.hs_revision, $code_basis AS code_basis, l.reporter,
    bool_and(l.exports_reported) AS reporter_reported,
    count(*) AS codes_listed,
    count(u.hs6) AS codes_unreached,
    any_value(p.codes_covered) AS codes_covered,
    any_value(p.codes_unknown) AS codes_unknown,
    any_value(p.reporters_covered) AS reporters_covered,
    any_value(p.partial) AS partial,
    count(*) FILTER (d.world_exports_usd > 0 AND d.reached) AS codes_exported,
    CASE WHEN reporter_reported AND any_value(p.codes_covered) > 0 THEN count(*) FILTER (d.dominated) END AS codes_dominated,
    codes_dominated / nullif(codes_exported, 0) AS dominated_share,
    $world AS world,
    any_value(v.reporters) AS reporters,
    any_value(v.reporters_most) AS reporters_most,
    any_value(v.coverage) AS coverage,
    any_value(v.value_coverage) AS value_coverage,
    any_value(v.low_coverage) AS low_coverage,
    any_value(v.reporters_mirrored) AS reporters_mirrored,
    CAST(sum(d.mirrored_usd) AS DOUBLE) / nullif(CAST(sum(d.world_exports_usd) AS DOUBLE), 0) AS mirrored_share,
    coalesce(sum(d.split_usd), 0) AS split_usd,
    split_bases(list(d.split_basis)) AS split_basis
FROM listed_codes l
JOIN coverage v ON v.reporter = l.reporter AND v.year = l.year
JOIN (SELECT reporter, sector, year, codes_covered, codes_unknown, reporters_covered, partial FROM export_share) p
    ON p.reporter = l.reporter AND p.sector = l.sector AND p.year = l.year
LEFT JOIN own_unreached u ON u.reporter = l.reporter AND u.year = l.year AND u.hs_revision = l.hs_revision AND u.hs6 = l.hs6
LEFT JOIN dominance_hs6 d ON d.reporter = l.reporter AND d.year = l.year AND d.hs_revision = l.hs_revision AND d.hs6 = l.hs6
GROUP BY l.reporter, l.sector, l.year, l.hs_revision

-- Dominance by sector (Figure 27): dominated codes over codes with world exports.
-- A year without the reporter's exports has no dominated codes, not zero.
SELECT
    l.sector, l.year, l.hs_revision, CAST($reporter AS SMALLINT) AS reporter,
    bool_and(l.exports_reported) AS reporter_reported,
    count(*) AS codes_listed,
    count(*) FILTER (d.world_exports_usd > 0) AS codes_exported,
    CASE WHEN reporter_reported THEN count(*) FILTER (d.dominated) END AS codes_dominated,
    codes_dominated / nullif(codes_exported, 0) AS dominated_share,
    any_value(y.reporters) AS reporters,
    any_value(y.reporters_most) AS reporters_most,
    any_value(y.coverage) AS coverage,
    coalesce(sum(d.split_usd), 0) AS split_usd
FROM listed_codes l
JOIN years y USING (year)
LEFT JOIN dominance_hs6 d USING (year, hs_revision, hs6)
GROUP BY l.sector, l.year, l.hs_revision

-- Ratings of sectors (Tables 5 and 10), made of the counts of import dependence and
-- dominance and of the export share, compared exactly. The report rates what was achieved
-- in reducing dependence: weak is that dependence is high.
--
-- Competitiveness is strong only if firms of the reporter are among the world's
-- largest, which trade data do not tell. Where that decides and the user's table
-- says nothing of the sector, the rating is unknown, never a guess. A sector of which the
-- files cover too little (partial) is not rated.
WITH thresholds AS (
    SELECT CAST($rating_strong_dependence AS DECIMAL(9,6)) AS strong_dependence,
           CAST($rating_weak_dependence AS DECIMAL(9,6)) AS weak_dependence,
           CAST($rating_strong_export_share AS DECIMAL(9,6)) AS strong_share,
           CAST($rating_weak_export_share AS DECIMAL(9,6)) AS weak_share
)
SELECT
    e.sector, e.year, e.hs_revision, e.code_basis, e.reporter,
    i.dependent_share,
    CASE
        WHEN i.partial OR coalesce(i.codes_traded, 0) = 0 THEN NULL
        WHEN i.codes_dependent < t.strong_dependence * i.codes_traded THEN 'strong'
        WHEN i.codes_dependent > t.weak_dependence * i.codes_traded THEN 'weak'
        ELSE 'mixed'
    END AS dependence_rating,
    CASE dependence_rating WHEN 'strong' THEN 'low' WHEN 'mixed' THEN 'medium' WHEN 'weak' THEN 'high' END AS dependence_level,
    e.export_share,
    d.dominated_share,
    f.firms AS top_ten_firms,
    CASE
        WHEN e.partial OR NOT e.reporter_reported OR e.world_exports_usd = 0 THEN NULL
        WHEN e.exports_usd > t.strong_share * e.world_exports_usd THEN
            CASE WHEN f.firms > 0 THEN 'strong' WHEN f.firms = 0 THEN 'mixed' ELSE 'unknown' END
        WHEN e.exports_usd >= t.weak_share * e.world_exports_usd THEN 'mixed'
        WHEN d.codes_exported = 0 THEN 'unknown' -- codes out of reach only: no dominated share
        WHEN d.codes_dominated < t.weak_share * d.codes_exported THEN 'weak'
        ELSE 'mixed'
    END AS competitiveness_rating,
    i.partial OR e.partial AS partial,
    e.low_coverage
FROM export_share e
JOIN import_dependence i USING (reporter, sector, year)
JOIN dominance d USING (reporter, sector, year)
LEFT JOIN top_ten_firms f USING (reporter, sector)
CROSS JOIN thresholds t

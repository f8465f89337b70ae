-- The sector list for each reporter and year, in the HS revision of these.
SELECT r.reporter, r.year, s.sector, r.hs_revision, s.hs6, r.imports_reported, r.exports_reported
FROM year_revisions r
JOIN code_sectors s USING (hs_revision)

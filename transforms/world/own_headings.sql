-- The reporters' own annual rows of headings (level 4) and chapters (2), with World and by
-- partner. moved: the heading has other codes in the set in use than in the revision of
-- the row, so that the row tells nothing of it.
SELECT y.reporter, y.year, y.hs_revision, f.hs_revision AS reported_revision, f.level, f.code, f.flow, f.partner, f.value_usd, f.file_id, f.line,
       m.code IS NOT NULL AS moved
FROM facts_and_totals f
SEMI JOIN reporter_codes c ON c.code = f.file_reporter
JOIN year_revisions y ON y.reporter = f.reporter AND y.year = f.year
LEFT JOIN moved_headings m ON m.hs_revision = f.hs_revision AND m.level = f.level AND m.code = f.code
WHERE f.level IN (2, 4) AND f.month = 0
  AND (f.hs_revision = y.hs_revision OR f.hs_revision IN (SELECT from_revision FROM hs_conversion))

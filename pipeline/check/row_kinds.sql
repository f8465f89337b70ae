-- What kinds of rows each file has: as many as there are files, reporters, flows and periods.
-- partner is 0 for World and 1 for partners.
SELECT file_id, reporter, CASE WHEN partner = 0 THEN 0 ELSE 1 END AS partner, flow, year, month, level, count(*) AS rows
FROM staged
GROUP BY file_id, reporter, CASE WHEN partner = 0 THEN 0 ELSE 1 END, flow, year, month, level

-- Who lists headings or chapters by partner, and not for World alone. It is a table by
-- itself so that DuckDB knows how few they are before it joins them with all rows.
SELECT DISTINCT reporter, flow, year, month, hs_revision
FROM counted_sets
WHERE level IN (2, 4) AND partners

-- The reporters whose trade is measured: those that were asked for, or all countries that
-- the files have rows of.
SELECT CAST(code AS SMALLINT) AS reporter
FROM (SELECT unnest(string_split($reporters, ',')) AS code)
WHERE code <> 'all'
UNION
SELECT reporter
FROM code_sums
SEMI JOIN (FROM areas WHERE kind = 'country') a ON a.code = code_sums.reporter
WHERE list_contains(string_split($reporters, ','), 'all')

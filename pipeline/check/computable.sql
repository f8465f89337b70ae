-- Behind usable.sql: whether there are annual rows, and else whether there are monthly ones;
-- whether any of these is of the years that are asked for; and the years that there are.
SELECT coalesce(bool_or(month = 0), false), coalesce(bool_or(monthly), false),
       coalesce(bool_or($years = '' OR list_contains(string_split($years, ','), CAST(year AS VARCHAR))), false),
       coalesce(few_years(list(DISTINCT year ORDER BY year)), '')
FROM usable
WHERE month = 0 OR monthly

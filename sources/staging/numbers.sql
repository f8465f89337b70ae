-- How all values of a file are written. grouped can only be thousands with points
-- between them, doubtful may be decimals, pointed are decimals; rounded is how a
-- spreadsheet shows a number that does not fit its column.
SELECT
    count(*) FILTER (regexp_full_match(v, '[-+]?[0-9]{1,3}([.][0-9]{3}){2,}'))                           AS grouped,
    count(*) FILTER (regexp_full_match(v, '[-+]?[0-9]{1,3}[.][0-9]{3}'))                                 AS doubtful,
    count(*) FILTER (contains(v, '.') AND NOT regexp_full_match(v, '[-+]?[0-9]{1,3}([.][0-9]{3})+') AND NOT contains(v, 'E')) AS pointed,
    count(*)                                                                                             AS written,
    count(*) FILTER (regexp_full_match(v, {{.Rounded}}))                                                 AS rounded,
    coalesce(max(length(replace(regexp_extract(v, '^[-+]?([0-9.]+)E', 1), '.', ''))) FILTER (regexp_full_match(v, {{.Rounded}})), 0) AS digits,
    coalesce(min(v) FILTER (regexp_full_match(v, '[-+]?[0-9]{1,3}([.][0-9]{3})+')), '')                  AS example,
    coalesce(min(v) FILTER (regexp_full_match(v, {{.Rounded}})), '')                                     AS rounded_example
FROM (SELECT nullif(trim({{.Value}}), '') AS v FROM read_rows)
WHERE v IS NOT NULL

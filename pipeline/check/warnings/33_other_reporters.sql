-- Of the reporters that the other warnings do not name, how many have figures of a part of
-- the codes, and how many lack a flow of a year.
WITH others AS (
    FROM reporters WHERE NOT list_contains(string_split($warned, ','), CAST(reporter AS VARCHAR))
),
reported AS (
    FROM year_revisions SEMI JOIN others USING (reporter) WHERE imports_reported OR exports_reported
),
parts AS (
    SELECT DISTINCT p.reporter
    FROM product_coverage p
    JOIN reported y USING (reporter, year)
    WHERE p.partial AND CASE p.flow WHEN 'M' THEN y.imports_reported ELSE y.exports_reported END
),
lacking AS (
    SELECT DISTINCT reporter FROM reported WHERE NOT (imports_reported AND exports_reported)
)
SELECT format('of {}, {} and {}', counted((SELECT count(*) FROM others), 'other reporter'),
              format('{} figures of a part of the codes (partial; product_coverage)', CASE WHEN p.n = 1 THEN '1 has' ELSE format('{} have', p.n) END),
              format('{} imports or exports in years of the other flow (reporter_reported)', CASE WHEN l.n = 1 THEN '1 lacks' ELSE format('{} lack', l.n) END))
FROM (SELECT count(*) AS n FROM parts) p, (SELECT count(*) AS n FROM lacking) l
WHERE p.n + l.n > 0

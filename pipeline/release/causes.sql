-- Divides the change of each row among its causes, by the codes behind it: by those that
-- changed sides where codes are counted, by the US dollars that moved where values add
-- up, and where neither did by the US dollars of the lines.
WITH old AS (
    SELECT n, e.year, e.hs6, r, e, CAST({{.Part}} AS DOUBLE) AS part, CAST({{.Of}} AS DOUBLE) AS whole
    FROM (SELECT n, unnest(old) FROM changed WHERE old IS NOT NULL AND ($most = 0 OR n <= $most)) r
    JOIN a.{{name .Evidence}} e ON {{.Tie}}
),
now AS (
    SELECT n, e.year, e.hs6, r, e, CAST({{.Part}} AS DOUBLE) AS part, CAST({{.Of}} AS DOUBLE) AS whole
    FROM (SELECT n, unnest(now) FROM changed WHERE now IS NOT NULL AND ($most = 0 OR n <= $most)) r
    JOIN b.{{name .Evidence}} e ON {{.Tie}}
),
codes AS (
    SELECT n, year, hs6, coalesce(now.r, old.r) AS r, coalesce(now.e, old.e) AS e,
           $sectors_changed AND (old.e IS NULL OR now.e IS NULL) AS relisted,
           abs(coalesce(old.part, 0) - coalesce(now.part, 0)) + abs(coalesce(old.whole, 0) - coalesce(now.whole, 0)) AS moved
    FROM old
    FULL JOIN now USING (n, year, hs6)
),
causes AS (
    SELECT c.n, c.year, c.hs6, l.cause, sum(l.usd) AS usd
    FROM codes c
    JOIN changed_lines l ON {{.Lines}}
    GROUP BY ALL
    HAVING usd > 0
),
sums AS (
    SELECT n, year, hs6, sum(usd) AS usd FROM causes GROUP BY ALL
),
weighed AS (
    SELECT n, year, hs6, relisted, s.usd,
           CASE WHEN sum(moved) OVER (PARTITION BY n) = 0 THEN coalesce(s.usd, 0)
                {{if .Counted}}WHEN moved > 0 THEN 1{{end}}
                ELSE moved END AS weight
    FROM codes
    LEFT JOIN sums s USING (n, year, hs6)
),
reasons AS (
    SELECT n, w.hs6, CASE WHEN w.relisted THEN 'sector list' ELSE coalesce(c.cause, $other) END AS reason,
           w.weight * coalesce(c.usd / w.usd, 1) AS weight
    FROM weighed w
    LEFT JOIN causes c USING (n, year, hs6)
    WHERE w.weight > 0
)
SELECT n, reason, sum(weight) / sum(sum(weight)) OVER (PARTITION BY n) AS share, list(DISTINCT hs6 ORDER BY hs6) AS codes
FROM reasons
GROUP BY n, reason
ORDER BY n, share DESC, reason

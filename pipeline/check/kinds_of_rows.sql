-- What kinds of rows the files have instead, the most frequent first; NULL for none.
WITH kinds AS (
    SELECT CASE level WHEN 0 THEN 'TOTAL' ELSE 'HS-' || level END
           || CASE WHEN month > 0 THEN ' by month' ELSE '' END
           || CASE WHEN partner = 0 THEN ' with World' ELSE ' by partner' END AS kind,
           count(*) AS rows
    FROM staged
    GROUP BY kind
)
SELECT string_agg(format('{} of {}', counted(rows, 'row'), kind), ', ' ORDER BY rows DESC, kind) FROM kinds

-- Names of areas that are not known, with how many rows they have and, of partners, how much
-- value; and the name that is nearest, if any is near. The largest first.
--
-- $file: of that file only; 0 for all. $most: how many are listed.
WITH unknown AS (
    SELECT reason, coalesce(value, '') AS name, count(*) AS rows
    FROM rejects
    WHERE reason IN ('unknown_partner', 'unknown_reporter') AND ($file = 0 OR file_id = $file)
    GROUP BY ALL
),
held AS (
    SELECT u.name, sum(u.value_usd) FILTER (u.level = 6) AS value_usd, bool_and(f.all_partners) AS in_world
    FROM unknown_partners u
    JOIN files f USING (file_id)
    WHERE $file = 0 OR file_id = $file
    GROUP BY ALL
),
listed AS (
    SELECT u.reason, u.name, u.rows, CASE WHEN u.reason = 'unknown_partner' OR u.name NOT IN (SELECT name FROM unknown WHERE reason = 'unknown_partner') THEN h.value_usd END AS value_usd, h.in_world
    FROM unknown u
    LEFT JOIN held h USING (name)
    ORDER BY value_usd DESC NULLS LAST, rows DESC, name, reason
    LIMIT $most
),
known AS (
    SELECT k.key, min(a.name) AS name
    FROM area_keys k
    JOIN areas a USING (code)
    WHERE k.scheme = 'name' AND a.kind NOT IN ('group', 'world')
    GROUP BY k.key
),
nearest AS (
    SELECT l.reason, l.name, arg_max(k.name, (jaro_winkler_similarity(k.key, area_key(l.name)), -levenshtein(k.key, area_key(l.name)), k.name)) AS nearest
    FROM listed l
    JOIN known k ON jaro_winkler_similarity(k.key, area_key(l.name)) >= 0.75
    WHERE regexp_matches(l.name, '[^0-9 ]')
    GROUP BY ALL
)
SELECT l.reason, l.name, l.rows, coalesce(l.value_usd, 0)::DOUBLE, coalesce(n.nearest, ''),
       format('"{}": {}', left(l.name, 60), counted(l.rows, 'row'))
       || CASE WHEN l.value_usd > 0 THEN format(' of {:,} US dollars', l.value_usd::BIGINT) || CASE WHEN l.in_world THEN ', which count in World' ELSE '' END ELSE '' END
       || CASE WHEN l.reason = 'unknown_partner' AND is_total_name(l.name) THEN '; it reads like a total, and is in no sum; if it is World, say so under areas: (0)'
               WHEN n.nearest IS NOT NULL THEN format('; the nearest known name is "{}"', n.nearest) ELSE '' END,
       (SELECT count(*) FROM unknown)
FROM listed l
LEFT JOIN nearest n USING (reason, name)
ORDER BY l.value_usd DESC NULLS LAST, l.rows DESC, l.name

-- Versions of one source that are mixed: what only the older ones have, and counts.
WITH mixed AS (
    SELECT c.*, o.name AS older, n.name AS newer
    FROM older_cells c
    JOIN files o ON o.file_id = c.file_id
    JOIN files n ON n.file_id = c.by_file_id
)
SELECT format('{} of older versions, worth {:.0f} US dollars, {} beside newer ones that lack {} ({}): where the newer is whole, say whole: all under files:; else remove the older (check versions)',
              counted(count(*), 'cell'), sum(value_usd)::DOUBLE, CASE WHEN count(*) = 1 THEN 'counts' ELSE 'count' END,
              CASE WHEN count(*) = 1 THEN 'it' ELSE 'them' END,
              few(list_sort(list(DISTINCT format('{} beside {}', older, newer)))))
FROM mixed
HAVING count(*) > 0 AND (SELECT count(*) FROM checks WHERE check_name = 'versions') > 0

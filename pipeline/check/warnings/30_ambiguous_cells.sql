-- Cells without a value, because rows of one file differ and no column tells them apart: of
-- each file the lines of the first, and how many more there are.
WITH named AS (
    SELECT f.name, count(*) AS cells, arg_min(a.lines, a.line) AS lines
    FROM ambiguous_cells a
    JOIN files f USING (file_id)
    GROUP BY ALL
)
SELECT format('{} {} no value, because rows of one file differ and no column tells them apart ({}): if the file lost a column, download it again; else say what the rows are with repeated: sum, largest, first or last under files:',
              counted(sum(cells)::BIGINT, 'cell'), CASE WHEN sum(cells) = 1 THEN 'has' ELSE 'have' END,
              few(list(format('{}{}{}', name, coalesce(' lines ' || nullif(lines, ''), ''), CASE WHEN cells > 1 THEN format(' and {} more', counted(cells - 1, 'cell')) ELSE '' END)
                       ORDER BY cells DESC, name)))
FROM named
HAVING count(*) > 0

-- Cells without a value, because rows of one file differ and no column tells them apart.
WITH named AS (
    SELECT f.name, count(*) AS cells, min(a.line) AS line
    FROM ambiguous_cells a
    JOIN files f USING (file_id)
    GROUP BY ALL
)
SELECT format('{} {} no value, because rows of one file differ and no column tells them apart ({}): if the file lost a column, download it again; else say what the rows are with repeated: sum, largest or last under files:',
              counted(sum(cells)::BIGINT, 'cell'), CASE WHEN sum(cells) = 1 THEN 'has' ELSE 'have' END,
              few(list(format('{}, first line {}', name, line) ORDER BY cells DESC, name)))
FROM named
HAVING count(*) > 0

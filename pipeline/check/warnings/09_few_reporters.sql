-- A world of few reporters.
SELECT format('world exports are those of {}: add the exports of the others before you take them for the world''s',
              counted(max(reporters_most), 'reporter'))
FROM coverage
HAVING max(reporters_most) BETWEEN 1 AND 49

-- The number of rows of the tables that a transform reads, as the steps that made
-- them counted.
SELECT (SELECT coalesce(sum(rows_out), 0) FROM steps WHERE list_contains($steps::VARCHAR[], name))
     + (SELECT coalesce(sum(rows_staged), 0) FROM files WHERE $staged)

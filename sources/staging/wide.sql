-- The records of a file that has a column for each period, as text, each with its number.
CREATE TEMP TABLE wide_lines AS FROM {{.Reader}};
CREATE TEMP VIEW wide_rows AS SELECT *, {{.Record}} AS record FROM wide_lines;

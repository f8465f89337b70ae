-- Marks the details in a table that bulk.sql wrote of which the total is not there:
-- classify.sql is to say whether it is among the rows that are read again, or what is wrong. They
-- are rare, and dear: an UPDATE takes half as long as to write the rows. Codes are
-- compared as numbers, which takes two thirds of the time that text does.
CREATE TEMP VIEW numbered AS
SELECT * EXCLUDE (code), rowid AS row_id, coalesce(enum_code(code)::UINTEGER, 65536 + 1000000 * level + other_code) AS code FROM {{.Table}};

CREATE TEMP TABLE details AS
SELECT row_id, place, reporter, partner, flow, year, month, hs_revision, code
FROM numbered
WHERE is_detail(not_staged);

CREATE TEMP TABLE totals AS
SELECT place, reporter, partner, flow, year, month, hs_revision, code
FROM (FROM numbered WHERE not_staged IS NULL)
SEMI JOIN details USING (place, reporter, partner, flow, year, month, hs_revision, code);

UPDATE {{.Table}} SET not_staged = 'needs_recheck'
WHERE is_detail(not_staged)
  AND rowid IN (SELECT row_id FROM details ANTI JOIN totals USING (place, reporter, partner, flow, year, month, hs_revision, code));

DROP VIEW numbered;
DROP TABLE details;
DROP TABLE totals;

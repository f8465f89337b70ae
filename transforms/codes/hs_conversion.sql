-- How each code becomes codes of the set in which codes are counted; no row when
-- they are counted as reported. The parts are explained in schemas/conversion.go;
-- split_shares has better ones where trade tells them.
--
-- A family is all codes that come to one code of the oldest revision in use, and
-- is named by it: following a family is converting to that revision.
SELECT from_revision, from_code, to_revision, to_code, 0::BIGINT AS lo, 1::BIGINT AS hi, 1::BIGINT AS parts_of
FROM hs_ancestors
WHERE to_revision = CASE $harmonize WHEN 'families' THEN (SELECT oldest FROM revisions_in_use) ELSE $harmonize END
UNION ALL
SELECT from_revision, from_code, to_revision, to_code, lo, hi, parts_of
FROM hs_splits

-- How each code becomes codes of the set in which codes are counted; no row when
-- they are counted as reported. Which part of a
-- code goes where is in split_shares.
--
-- A family is all codes that come to one code of the oldest revision in use, and
-- is named by it: following a family is converting to that revision.
SELECT from_revision, from_code, to_revision, to_code
FROM hs_ancestors
WHERE to_revision = CASE $harmonize WHEN 'families' THEN (SELECT oldest FROM revisions_in_use) ELSE $harmonize END
UNION ALL
SELECT from_revision, from_code, to_revision, to_code
FROM hs_splits

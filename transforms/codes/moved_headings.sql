-- Headings (level 4) and chapters (2) that a conversion takes codes from, or brings codes
-- to: what was reported under such a heading is not what the heading has in the set of
-- codes in use.
SELECT DISTINCT from_revision AS hs_revision, CAST(digits AS TINYINT) AS level, unnest([left(from_code, digits), left(to_code, digits)]) AS code
FROM hs_conversion, (VALUES (2), (4)) levels(digits)
WHERE left(from_code, digits) <> left(to_code, digits)

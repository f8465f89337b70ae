-- The families that are more than one code that stays as it is: those with
-- several codes, those that not all revisions have, and those that straddle
-- sectors. The others are in all_families only.
SELECT f.*
FROM all_families f
CROSS JOIN revisions_in_use u
WHERE f.codes_differ OR f.straddles
   OR f.revisions < (SELECT count(DISTINCT hs_revision) FROM hs_codes WHERE hs_revision BETWEEN u.oldest AND u.newest)

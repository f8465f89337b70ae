-- The sector of each code of the set in which codes are counted: the sector list
-- itself or, for families, what all_families.sql made of it.
SELECT sector, hs_revision, hs6 FROM sector_codes WHERE $harmonize <> 'families'
UNION ALL
SELECT sector, hs_revision, family FROM all_families WHERE $harmonize = 'families' AND sector IS NOT NULL

-- The codes of each sector and of each group of products, which stand beside the sectors,
-- in the set in which codes are counted. A family is named by a code of it, and is of the
-- products of this code.
SELECT sector AS name, false AS is_product_group, hs_revision, hs6 FROM code_sectors
UNION ALL
SELECT product, true, hs_revision, hs6 FROM product_codes

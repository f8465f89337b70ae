-- Whether there are annual rows that measures are made of, and else whether there are
-- monthly rows of the reporter, of which one measure is made, or of anybody where months
-- may make a year.
SELECT coalesce(bool_or(month = 0), false), coalesce(bool_or(month > 0 AND ($months = 'sum' OR reporter IN (SELECT code FROM area_codes WHERE area = $reporter))), false)
FROM staged
JOIN files f USING (file_id)
WHERE level = 6 AND (partner = 0 OR f.all_partners)

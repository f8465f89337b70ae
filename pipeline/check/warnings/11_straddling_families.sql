-- Families of which a sector lists some codes and not all.
SELECT format('{} of {} families with listed codes {} only partly listed in {} sector: the majority of {} codes decides (families)',
              count(*), (SELECT count(*) FROM all_families WHERE members_listed > 0),
              CASE WHEN count(*) = 1 THEN 'is' ELSE 'are' END,
              CASE WHEN count(*) = 1 THEN 'its' ELSE 'their' END,
              CASE WHEN count(*) = 1 THEN 'its' ELSE 'their' END)
FROM families
WHERE straddles AND $harmonize = 'families'
HAVING count(*) > 0

-- Whether the files have rows of the reporter.
SELECT EXISTS (FROM staged WHERE reporter IN (SELECT code FROM area_codes WHERE area = $reporter))

-- Whether the files have rows of one of the reporters.
SELECT EXISTS (FROM staged WHERE reporter IN (SELECT code FROM area_codes WHERE list_has_any(string_split($reporters, ','), ['all', CAST(area AS VARCHAR)])))

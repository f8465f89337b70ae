-- A reporter's imports from a partner against that partner's exports to it. Freight,
-- insurance and trade through third countries make them differ; a factor of two or
-- more, above a million dollars, is worth a look.
SELECT 'mirror' AS check_name, year, reporter, partner, 'M' AS flow,
       imports AS value_usd, exports AS compared_usd,
       format('imports against the partner''s exports to the reporter, over {} codes that both report', codes) AS note
FROM mirror_sums
WHERE greatest(imports, exports) >= 1000000 AND (imports <= exports / 2 OR imports >= exports * 2)

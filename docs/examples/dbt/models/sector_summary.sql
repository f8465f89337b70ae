-- One row for each sector and year: dependence on imports beside dominance of exports.
SELECT sector, year, i.dependent_share, d.dominated_share,
       coalesce(i.partial, false) OR coalesce(d.partial, false) AS partial
FROM {{ source('entrepot', 'dominance') }} AS d
FULL JOIN {{ source('entrepot', 'import_dependence') }} AS i USING (sector, year)

-- What the codes in the keys of changed rows are called: as it is, or as it was where the row
-- is gone, or the release does not say it.
SELECT c.n{{range $column := .Names}}, coalesce({{range $i, $release := $.Releases}}{{if $i}}, {{end}}n{{$i}}.{{name $column}}{{end}}) AS {{name $column}}{{end}}
FROM changed c
{{range $i, $release := .Releases}}LEFT JOIN {{$release}} n{{$i}} ON {{range $j, $key := $.Key}}{{if $j}} AND {{end}}n{{$i}}.{{name $key}} = c.r.{{name $key}}{{end}}
{{end}}WHERE $most = 0 OR c.n <= $most
ORDER BY c.n

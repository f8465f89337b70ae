-- What the file's keys of areas mean: what the settings say of them first, then the
-- scheme. M49 codes that do not come from the file have keys of their own. There is
-- nothing for a file that has M49 codes itself.
CREATE TEMP TABLE file_areas AS
{{- if .Areas}}
SELECT key, CAST(arg_min(code, (rank, code)) AS SMALLINT) AS code
FROM (
    {{- range $key, $meaning := .AreaKeys}}
    SELECT 1, area_key({{literal $key}}), (
        SELECT code FROM areas
        WHERE CAST(code AS VARCHAR) = {{literal $meaning}} OR upper(iso3) = upper({{literal $meaning}})
        ORDER BY reporter AND valid_to = 0 DESC, valid_to = 0 DESC, code LIMIT 1)
    UNION ALL
    {{- end}}
    SELECT 2, area_key(key), code FROM area_keys WHERE scheme = {{literal .Areas}}
    UNION ALL
    SELECT 3, {{literal .FixedArea}} || code, code FROM areas
    {{- if eq .Areas "m49"}}
    UNION ALL
    SELECT 4, CAST(code AS VARCHAR), code FROM areas
    {{- end}}
) v(rank, key, code)
GROUP BY key;
{{- else}}
SELECT NULL::VARCHAR AS key, NULL::SMALLINT AS code WHERE false;
{{- end}}

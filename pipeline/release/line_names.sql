{{- define "line_names" -}}
{{if .Named}}l.reporter_name, l.partner_name, coalesce(l.product, ''){{else}}'', '', ''{{end}}
{{- end -}}
-- What the codes of a line l are called, if the release says it.

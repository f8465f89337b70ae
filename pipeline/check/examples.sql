-- The three findings of a check with the largest differences, as a line of text each.
SELECT concat_ws(' ',
    f.file || CASE WHEN f.line IS NOT NULL THEN ':' || f.line ELSE '' END || ':',
    f.year, r.name,
    CASE f.flow WHEN 'M' THEN 'imports' WHEN 'X' THEN 'exports' END,
    CASE WHEN f.partner <> 0 THEN 'with ' || p.name END,
    f.hs_revision, f.code || ':',
    CASE WHEN f.value_usd IS NOT NULL THEN format('{:.0f} US dollars', f.value_usd::DOUBLE) END,
    CASE WHEN f.compared_usd IS NOT NULL THEN format('against {:.0f}', f.compared_usd::DOUBLE) END,
    '– ' || f.note)
FROM check_findings f
LEFT JOIN areas r ON r.code = f.reporter
LEFT JOIN areas p ON p.code = f.partner
WHERE f.check_name = $check AND f.finding <= 3
ORDER BY f.finding

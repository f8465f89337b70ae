package workspace

// RejectText is the SQL that shows a row of the table rejects.
const RejectText = `format('line {}: {} {} in column {}', line, reason, coalesce('"' || left(value, 60) || '"', 'nothing'), column_name)`

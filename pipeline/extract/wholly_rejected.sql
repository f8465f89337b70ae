-- Why a file is of another kind than those that measures are made of, if all of its
-- rejected rows are: the reason, the value and the text of the first row.
SELECT arg_min(reason, line), arg_min(value, line), arg_min(reject_text(line, reason, value, column_name), line)
FROM rejects
WHERE file_id = $file
HAVING bool_and(reason IN ('not_hs', 'not_goods', 'unknown_frequency'))

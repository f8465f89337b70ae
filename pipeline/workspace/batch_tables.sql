-- The batches of which the workspace keeps a table.
SELECT CAST(substr(table_name, 6) AS BIGINT) AS batch
FROM duckdb_tables()
WHERE NOT temporary AND regexp_full_match(table_name, 'rows_[0-9]+')
ORDER BY batch

-- The columns of a Parquet file, in their order, with their types.
SELECT column_name, column_type FROM (DESCRIBE FROM {{from}})

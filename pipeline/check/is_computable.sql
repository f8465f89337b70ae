-- Behind usable.sql: whether any of these is of the years that are asked for. It stops at the
-- first one.
SELECT EXISTS (
    FROM usable
    WHERE (month = 0 OR monthly) AND ($years = '' OR list_contains(string_split($years, ','), CAST(year AS VARCHAR))))

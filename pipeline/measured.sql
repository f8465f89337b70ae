-- The reporters whose trade is measured: those that were named in their order, then the
-- others by their exports.
SELECT r.reporter, coalesce(a.iso3, ''), coalesce(a.name, r.reporter::VARCHAR)
FROM reporters r
LEFT JOIN (SELECT code, arg_max(iso3, valid_from) AS iso3, arg_max(name, valid_from) AS name FROM areas GROUP BY code) a ON a.code = r.reporter
LEFT JOIN (SELECT reporter, sum(value_usd) AS usd FROM world_trade WHERE flow = 'X' GROUP BY reporter) x USING (reporter)
ORDER BY coalesce(list_position(string_split($reporters, ','), CAST(r.reporter AS VARCHAR)), 32767), x.usd DESC NULLS LAST, r.reporter

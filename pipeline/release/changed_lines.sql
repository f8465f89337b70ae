-- The input lines that differ between two releases, each with the cause, and the US
-- dollars by which what they add differs. Two lines share a cell when a country's
-- successor reports beside it.
CREATE TABLE changed_lines AS
WITH old AS (
    SELECT year, hs6, flow, reporter, partner, reported_revision, reported_hs6,
           sum(value_usd) AS value_usd, sum(used_usd) AS used_usd, min(file) AS file
    FROM a.lines GROUP BY ALL
),
now AS (
    SELECT year, hs6, flow, reporter, partner, reported_revision, reported_hs6,
           sum(value_usd) AS value_usd, sum(used_usd) AS used_usd, min(file) AS file
    FROM b.lines GROUP BY ALL
),
old_reporters AS (SELECT DISTINCT year, flow, reporter FROM old),
now_reporters AS (SELECT DISTINCT year, flow, reporter FROM now),
-- What a release lists of a reported code, under whichever code in use.
old_reported AS (SELECT DISTINCT year, flow, reporter, partner, reported_revision, reported_hs6, value_usd FROM old),
now_reported AS (SELECT DISTINCT year, flow, reporter, partner, reported_revision, reported_hs6, value_usd FROM now),
differing AS (
    SELECT year, hs6, flow, reporter, partner, reported_revision, reported_hs6, old.file AS old_file, now.file AS now_file,
           abs(coalesce(old.used_usd, 0) - coalesce(now.used_usd, 0)) AS usd, old.value_usd AS old_usd, now.value_usd AS now_usd
    FROM old
    FULL JOIN now USING (year, hs6, flow, reporter, partner, reported_revision, reported_hs6)
    WHERE old.used_usd IS DISTINCT FROM now.used_usd
)
SELECT year, hs6, flow, reporter, partner,
       CASE
           WHEN old_usd IS NOT DISTINCT FROM now_usd THEN 'HS conversion'
           WHEN old_usd IS NULL AND (year, flow, reporter, partner, reported_revision, reported_hs6, now_usd) IN (FROM old_reported) THEN 'HS conversion'
           WHEN now_usd IS NULL AND (year, flow, reporter, partner, reported_revision, reported_hs6, old_usd) IN (FROM now_reported) THEN 'HS conversion'
           WHEN old_file IS NOT NULL AND now_file IS NOT NULL THEN 'revised values in ' || now_file
           WHEN old_file IS NULL AND (year, flow, reporter) NOT IN (FROM old_reporters) THEN 'reporter ' || reporter || ' came, in ' || now_file
           WHEN old_file IS NULL THEN 'new lines in ' || now_file
           WHEN (year, flow, reporter) NOT IN (FROM now_reporters) THEN 'reporter ' || reporter || ' went, with ' || old_file
           ELSE 'lines gone with ' || old_file
       END AS cause,
       CAST(sum(usd) AS DOUBLE) AS usd
FROM differing
GROUP BY ALL

-- What the reference tables know, in a form that bulk.sql needs no join for: as one bit
-- for each number. It is made once on a connection.
SET VARIABLE known_reporters = (SELECT bitstring_agg(code, 0, 10000) FROM areas WHERE kind NOT IN ('group', 'world') AND code < 10000);
SET VARIABLE known_partners = (SELECT bitstring_agg(code, 0, 10000) FROM areas WHERE kind <> 'group' AND code < 10000);
SET VARIABLE known_revisions = (SELECT string_agg(DISTINCT hs_revision) FROM hs_codes);

-- An ENUM is written in a fraction of the time that text takes. A code that it does not
-- have, as those of a revision without a list, is kept as a number beside it.
CREATE OR REPLACE TEMP TYPE listed_code AS ENUM (
    SELECT code FROM (SELECT DISTINCT unnest(['TOTAL', left(hs6, 2), left(hs6, 4), hs6]) AS code FROM hs_codes) ORDER BY code);

-- One bit for each of them in each of eight revisions: in a revision that has a list,
-- a code of six digits must be on it.
SET VARIABLE known_codes = (
    SELECT bitstring_agg(CAST(enum_code(code) AS INTEGER) * 8 + enum_code(hs_revision), 0, 524287)
    FROM (SELECT CAST(unnest(enum_range(NULL::listed_code)) AS listed_code) AS code)
    CROSS JOIN (SELECT CAST(unnest(enum_range(NULL::revision)) AS revision) AS hs_revision)
    WHERE strlen(CAST(code AS VARCHAR)) <> 6 OR hs_revision NOT IN (SELECT hs_revision FROM hs_codes)
        OR (hs_revision, CAST(code AS VARCHAR)) IN (SELECT (hs_revision, hs6) FROM hs_codes));

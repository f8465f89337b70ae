-- The tables of a workspace, the DuckDB file that a run works in.
-- Anybody may read them between two runs; only entrepot writes them.

-- What has few values is an ENUM, because writing text costs five times as much.
CREATE TYPE trade_flow AS ENUM ('M', 'X');       -- import, export
CREATE TYPE revision AS ENUM ({{.Revisions}});   -- of the Harmonized System, oldest first: see revisions.go
CREATE TYPE valuation AS ENUM ('cif', 'fob');
-- What a row is: one of a file, the import on the other side of a file's export, or
-- World as the sum over the partners of a file.
CREATE TYPE row_origin AS ENUM ('row', 'other_side', 'partner_sum');

-- The line of the file on which a row stands. The other side of a row stands on its
-- line; a sum over partners on none, which is NULL.
CREATE MACRO input_line(origin, line) AS CASE WHEN origin <> 'partner_sum' THEN line END;

-- One row for each input: a file, a member of a zip archive
-- ("a.zip!b.csv"), or a sheet of a workbook that has several ("a.xlsx!Sheet2").
CREATE TABLE files (
    file_id      INTEGER NOT NULL,
    name         VARCHAR NOT NULL,   -- relative to the data folder, with forward slashes
    sha256       VARCHAR NOT NULL,   -- of the bytes on disk
    bytes        BIGINT  NOT NULL,
    stamp        VARCHAR NOT NULL,   -- size, time stamps and number of the file on disk; while it is as it was, the file is not hashed again
    fingerprint  VARCHAR NOT NULL,   -- of the content, the reader and the reference tables it checked against
    format       VARCHAR NOT NULL,   -- such as 'comtrade-csv'; '' when the file was refused
    source       VARCHAR NOT NULL,   -- such as 'comtrade'; two sources never add up
    vintage      VARCHAR NOT NULL,   -- of which version it is, as its name says: of a download '2026-04-17T11:54:35', of a release '2025-01', or ''
    refusal      VARCHAR NOT NULL,   -- why the file could not be used, or ''
    rows_read    BIGINT  NOT NULL,
    rows_staged  BIGINT  NOT NULL,
    unit         VARCHAR NOT NULL,   -- of the file's values, such as 'thousand USD'; staged values are US dollars
    note         VARCHAR NOT NULL,   -- what a user should know before trusting the file, or ''
    both_sides   BOOLEAN NOT NULL,   -- each row is an export of the reporter and an import of the partner
    all_partners BOOLEAN NOT NULL,   -- the file has all partners of its reporters, so World is their sum
    maybe_cut    BOOLEAN NOT NULL,   -- rows may be missing at its end, so that it is never whole
    declared     VARCHAR NOT NULL,   -- codes of which the user says that it has all: 'all', or chapters, headings and codes with commas between them
    repeated     VARCHAR NOT NULL,   -- what the user says of rows of one cell that differ: 'sum', 'largest', 'first', 'last', or ''
    seconds      DOUBLE  NOT NULL,   -- that reading it took
    excess       BIGINT  NOT NULL DEFAULT 0 -- bytes by which its text is more than 200 times its size
);

-- The years of which a file has staged rows, so that a change of it says which years it
-- touches.
CREATE TABLE file_years (
    file_id      INTEGER NOT NULL,
    year         SMALLINT NOT NULL
);

-- The order in which files are believed: the lowest rank wins a cell that several have.
CREATE TABLE file_order (
    file_id      INTEGER NOT NULL,
    source       VARCHAR NOT NULL,
    source_rank  INTEGER NOT NULL,   -- 1 is the most trusted source
    file_rank    INTEGER NOT NULL    -- 1 is the newest file
);

-- What decides which rows of the files that are used count. A file's name is no part of it.
CREATE VIEW used_files AS
SELECT f.file_id, o.source, o.source_rank, o.file_rank, f.vintage, f.both_sides, f.all_partners, f.maybe_cut, f.declared, f.repeated
FROM files f
JOIN file_order o USING (file_id);
-- Files that are known by their content to have all codes, as those of the built-in sample.
CREATE TABLE whole_by_content (file_id INTEGER NOT NULL);


-- Usable input rows that stand by themselves; see staged.
CREATE TABLE staged_rows (
    file_id      INTEGER  NOT NULL,
    line         BIGINT   NOT NULL,  -- the line on which the input row starts (the header is line 1), the row of a sheet, or
                                     -- the place in a JSON list
    reporter     SMALLINT NOT NULL,  -- M49 as Comtrade uses it
    partner      SMALLINT NOT NULL,  -- 0 is World
    flow         trade_flow NOT NULL,
    year         SMALLINT NOT NULL,
    month        TINYINT  NOT NULL,  -- 1 to 12; 0 is the whole year
    hs_revision  revision NOT NULL,
    level        TINYINT  NOT NULL,  -- 6, 4, 2, or 0 for TOTAL
    code         VARCHAR  NOT NULL,  -- digits with their leading zeros, or 'TOTAL'
    value_usd    DECIMAL(18,3) NOT NULL,
    net_weight_kg DECIMAL(18,3),     -- missing is NULL, never 0
    quantity     DECIMAL(18,3),
    quantity_unit SMALLINT,          -- Comtrade's code of the unit
    weight_estimated   BOOLEAN,      -- whether the source worked out the net weight itself; NULL where it does not say
    quantity_estimated BOOLEAN,      -- and the quantity
    valuation    valuation,          -- where the file tells
    original     BOOLEAN NOT NULL,   -- false when the source converted the row to another HS revision
    part         UBIGINT             -- NULL for a whole cell; else rows of one cell and file with different parts add up
);

-- Large files are read in batches, each into a table rows_<batch> of its own. A row
-- is written there once and never moves, so that its row id tells its line: from
-- first_row to last_row it is the row id plus shift. Rows that no range has are of a
-- file that was taken out. The code is an ENUM there, and one that the ENUM lacks a
-- number in other_code. See sources/staging/bulk.sql.
CREATE TABLE line_ranges (
    batch        INTEGER   NOT NULL, -- the first file of the batch
    place        USMALLINT NOT NULL, -- of the file in the batch
    file_id      INTEGER   NOT NULL,
    first_row    BIGINT    NOT NULL,
    last_row     BIGINT    NOT NULL,
    shift        BIGINT    NOT NULL
);

-- Why a row of such a table is not staged; NULL for one that is. A row that needs_recheck
-- was read once more as text, and is in staged_rows, rejects or left_out.
CREATE TYPE not_staged AS ENUM ('needs_recheck', 'part_of_flow', 'second_partner', 'customs_procedure', 'mode_of_transport', 'mode_of_supply');

-- Details, which have a total in the same file.
CREATE MACRO is_detail(reason) AS
    reason IN ('second_partner', 'customs_procedure', 'mode_of_transport', 'mode_of_supply');

-- Files whose rows are in a lake, each with the object that has them: the rows are in none of
-- the tables above. See pipeline/lake.
CREATE TABLE objects_in_force (object VARCHAR NOT NULL, file_id INTEGER NOT NULL);

-- Usable input rows that are in no table of a batch. The pipeline adds those of a lake.
CREATE VIEW unkept_rows AS FROM staged_rows;

-- staged: one row for each usable input row, at every commodity level that the file
-- has, with the columns of staged_rows. The pipeline adds the tables of batches to it.
CREATE VIEW staged AS FROM unkept_rows;

-- The imports on the other side of each row of files that are both_sides.
CREATE VIEW other_sides AS
SELECT s.file_id, s.line, s.partner AS reporter, s.reporter AS partner, 'M'::trade_flow AS flow, s.year, s.month, s.hs_revision, s.level, s.code,
       s.value_usd, s.net_weight_kg, s.quantity, s.quantity_unit, s.weight_estimated, s.quantity_estimated, s.valuation, s.original, s.part
FROM staged s
SEMI JOIN files f ON f.file_id = s.file_id AND f.both_sides;

-- World as the sum over the partners, for files that have all of them and no World;
-- see transforms/facts/partner_sums.sql. Such a row stands on no line of the file; in the
-- place of its line it has a number of its own among the sums of the file.
CREATE TABLE partner_sums AS FROM staged_rows WITH NO DATA;

-- All rows that a cell can be taken from. file_id, origin and line tell a row from all
-- others of its reporter, partner, flow and period.
CREATE VIEW usable_rows AS
SELECT *, 'row'::row_origin AS origin FROM staged
UNION ALL
SELECT *, 'other_side'::row_origin FROM other_sides
UNION ALL
SELECT *, 'partner_sum'::row_origin FROM partner_sums;

-- Rows that can't be used, each with the cell that is to blame.
CREATE TABLE rejects (
    file_id      INTEGER NOT NULL,
    line         BIGINT  NOT NULL,
    column_name  VARCHAR NOT NULL,
    value        VARCHAR,
    reason       VARCHAR NOT NULL
);

-- Of these, those that are sound but for the name of their partner. In World as the sum
-- over the partners of a file they count.
CREATE TABLE unknown_partners (
    file_id      INTEGER NOT NULL,
    line         BIGINT  NOT NULL,
    name         VARCHAR NOT NULL,   -- of the partner, as the file has it; '' for none
    reporter     SMALLINT NOT NULL,
    flow         trade_flow NOT NULL,
    year         SMALLINT NOT NULL,
    month        TINYINT NOT NULL,
    hs_revision  revision NOT NULL,
    level        TINYINT NOT NULL,
    code         VARCHAR NOT NULL,
    value_usd    DECIMAL(18,3) NOT NULL,
    net_weight_kg DECIMAL(18,3),
    part         UBIGINT
);

-- Rows that are sound but would double a figure: totals over procedures,
-- re-exports, groups of reporters. Counted, because nothing is dropped in silence.
CREATE TABLE left_out (
    file_id      INTEGER NOT NULL,
    reason       VARCHAR NOT NULL,
    rows         BIGINT  NOT NULL
);

-- Staged rows that lost their cell to another row; see transforms/facts/superseded.sql.
CREATE TABLE superseded (
    file_id      INTEGER NOT NULL,
    line         BIGINT  NOT NULL,
    reporter     SMALLINT,           -- the successor, where one has taken over the area
    partner      SMALLINT,
    flow         trade_flow,
    year         SMALLINT,
    month        TINYINT,
    hs_revision  revision,
    level        TINYINT,
    code         VARCHAR,
    reason       VARCHAR NOT NULL,
    value_usd    DECIMAL(18,3),
    by_file_id   INTEGER,
    by_line      BIGINT,
    by_value_usd DECIMAL(18,3),
    origin       row_origin,
    by_origin    row_origin,
    file_reporter SMALLINT           -- the reporter as the file has it
);

-- Codes of areas that passed to others: from the year since on, the trade under
-- code counts as successor's. whole is false for one successor of several; trade
-- under such a code stays there, because nothing tells how to divide it.
CREATE TABLE successions (code SMALLINT, since SMALLINT, successor SMALLINT, whole BOOLEAN);

-- Rows of kept batches that lost their cell, by their row ids.
CREATE VIEW lost_rows AS
SELECT l.batch, d.line - l.shift AS row_id
FROM superseded d
JOIN line_ranges l ON l.file_id = d.file_id AND d.line - l.shift BETWEEN l.first_row AND l.last_row
WHERE d.origin = 'row';

-- The usable rows that keep their cell, and their source. The pipeline adds the tables
-- of batches to counted_rows; what stands elsewhere is in counted_unkept. A line of
-- staged_rows may have several rows, as in a table with a column for each year.
CREATE VIEW counted_unkept AS
SELECT s.*, o.source
FROM (
    SELECT *, 'row'::row_origin AS origin
    FROM unkept_rows r
    ANTI JOIN (FROM superseded WHERE origin = 'row') d ON r.file_id = d.file_id AND r.line = d.line AND r.year = d.year AND r.month = d.month
        AND r.flow = d.flow AND r.partner = d.partner AND r.reporter = d.file_reporter
    UNION ALL
    SELECT *, 'other_side'::row_origin
    FROM other_sides r
    ANTI JOIN (FROM superseded WHERE origin = 'other_side') d ON r.file_id = d.file_id AND r.line = d.line
    UNION ALL
    SELECT *, 'partner_sum'::row_origin
    FROM partner_sums r
    ANTI JOIN (FROM superseded WHERE origin = 'partner_sum') d ON r.file_id = d.file_id AND r.line = d.line) s
JOIN file_order o USING (file_id);

CREATE VIEW counted_rows AS FROM counted_unkept;

-- The same under the codes of areas that have taken over others. A filter on
-- file_reporter or file_partner, the codes as the file has them, is applied while a
-- table is read, one on reporter or partner only after both joins; see area_codes.
CREATE VIEW facts_and_totals AS
SELECT s.source, coalesce(sr.successor, s.reporter) AS reporter, coalesce(sp.successor, s.partner) AS partner, s.flow, s.year, s.month, s.hs_revision, s.level, s.code,
       s.value_usd, s.net_weight_kg, s.quantity, s.quantity_unit, s.weight_estimated, s.quantity_estimated, s.valuation, s.file_id, input_line(s.origin, s.line) AS line,
       s.reporter AS file_reporter, s.partner AS file_partner
FROM counted_rows s
LEFT JOIN successions sr ON sr.code = s.reporter AND sr.whole AND s.year >= sr.since
LEFT JOIN successions sp ON sp.code = s.partner AND sp.whole AND s.year >= sp.since;

-- Years that are sums of twelve months; see transforms/facts/month_sums.sql. The columns
-- are those of facts.
CREATE TABLE month_sums (
    source       VARCHAR,
    reporter     SMALLINT,
    partner      SMALLINT,
    flow         trade_flow,
    year         SMALLINT,
    month        TINYINT,            -- 0
    hs_revision  revision,
    hs6          VARCHAR,
    value_usd    DECIMAL(18,3),
    net_weight_kg DECIMAL(18,3),
    quantity     DECIMAL(18,3),
    quantity_unit SMALLINT,
    weight_estimated   BOOLEAN,
    quantity_estimated BOOLEAN,
    valuation    valuation,
    file_id      INTEGER,
    line         BIGINT,             -- NULL
    file_reporter SMALLINT,
    file_partner SMALLINT
);

-- The fact table: source × reporter × partner × flow × period × HS revision × HS-6 code.
CREATE VIEW facts AS
SELECT source, reporter, partner, flow, year, month, hs_revision, code AS hs6,
       value_usd, net_weight_kg, quantity, quantity_unit, weight_estimated, quantity_estimated, valuation, file_id, line, file_reporter, file_partner
FROM facts_and_totals
WHERE level = 6
UNION ALL
FROM month_sums;

-- The totals that the files themselves have (TOTAL, HS-2, HS-4), kept apart from
-- the facts so that no sum can mix them.
CREATE VIEW control_totals AS
SELECT source, reporter, partner, flow, year, month, hs_revision, level, code, value_usd, file_id, line
FROM facts_and_totals
WHERE level < 6;

-- What all rows add up to by code; see transforms/facts/code_sums.sql.
CREATE TABLE code_sums (
    reporter     SMALLINT,           -- the successor, where one has taken over the area
    flow         trade_flow,
    year         SMALLINT,
    month        TINYINT,
    hs_revision  revision,
    level        TINYINT,
    code         VARCHAR,
    rows         BIGINT,
    world_rows   BIGINT,             -- rows whose partner is World; the others are partners
    world_usd    DECIMAL(38,3),
    partners_usd DECIMAL(38,3),
    possible_duplicates BOOLEAN      -- rows may be of the same cell
);

-- The same of the rows that count: what facts and control_totals add up to by code.
-- NULL where there is no row of World, or of a partner.
CREATE VIEW counted_sums AS
WITH lost AS (
    SELECT reporter, flow, year, month, hs_revision, code, count(*) AS rows, count(*) FILTER (partner = 0) AS world_rows,
           coalesce(sum(value_usd) FILTER (partner = 0), 0) AS world_usd, coalesce(sum(value_usd) FILTER (partner <> 0), 0) AS partners_usd
    FROM superseded
    GROUP BY ALL
)
SELECT c.reporter, c.flow, c.year, c.month, c.hs_revision, c.level, c.code,
       CASE WHEN c.world_rows > coalesce(l.world_rows, 0) THEN c.world_usd - coalesce(l.world_usd, 0) END AS world_usd,
       CASE WHEN c.rows - c.world_rows > coalesce(l.rows - l.world_rows, 0) THEN c.partners_usd - coalesce(l.partners_usd, 0) END AS partners_usd
FROM code_sums c
LEFT JOIN lost l USING (reporter, flow, year, month, hs_revision, code)
WHERE c.rows > coalesce(l.rows, 0)
UNION ALL
SELECT reporter, flow, year, month, hs_revision, 6::TINYINT, hs6, sum(value_usd) FILTER (partner = 0), sum(value_usd) FILTER (partner <> 0)
FROM month_sums
GROUP BY ALL;

-- What each step last did; see pipeline/workspace/fingerprint.go.
CREATE TABLE steps (
    name         VARCHAR NOT NULL,   -- each stands once; an index would cost three times what writing a row costs
    fingerprint  VARCHAR NOT NULL,
    parts        VARCHAR NOT NULL,   -- what the fingerprint covers, as JSON
    content      VARCHAR NOT NULL,   -- a hash of the rows that it made, in whatever order: what is made of them is made anew when it changes
    years        VARCHAR NOT NULL,   -- the same for each year of the table, with what it was made of, as JSON; '' for a table without years
    rows_in      BIGINT  NOT NULL,
    rows_out     BIGINT  NOT NULL,
    seconds      DOUBLE  NOT NULL,
    finished_at  TIMESTAMP NOT NULL
);

-- The queries that another engine ran for a step, in their order; none of steps that run here.
CREATE TABLE step_queries (
    name         VARCHAR NOT NULL,   -- of the step
    place        INTEGER NOT NULL,
    made         VARCHAR NOT NULL,   -- the table that the query made there
    engine       VARCHAR NOT NULL,   -- such as 'trino'
    version      VARCHAR NOT NULL,
    query_id     VARCHAR NOT NULL,   -- by which the engine's own pages show the query
    sql_sha256   VARCHAR NOT NULL,   -- of what was sent
    rows_out     BIGINT  NOT NULL,
    cpu_seconds  DOUBLE  NOT NULL,   -- of all nodes
    bytes_read   BIGINT  NOT NULL,   -- in the lake
    peak_bytes   BIGINT  NOT NULL    -- of memory, of all nodes together
);

-- A whole number from text: '792' and '792.0', as data frames save it; NULL for '792.6'.
CREATE MACRO whole(text) AS
    CASE WHEN TRY_CAST(text AS DECIMAL(9,3)) % 1 = 0 THEN CAST(TRY_CAST(text AS DECIMAL(9,3)) AS INTEGER) END;

-- The year of a row that has a column for it, or of its period.
CREATE MACRO year_of(year, period) AS coalesce(whole(year), whole(left(period, 4)));

-- Whether a classification says HS and not which revision, as UN Comtrade's site did of
-- data as they were reported.
CREATE MACRO is_any_hs(text) AS
    coalesce(regexp_full_match(upper(text), '(HS|HARMONI[SZ]ED SYSTEM)( *\(?AS REPORTED\)?)?'), false);

-- A code as it is counted: data frames save 854231 as '854231.0', and tariffs write
-- '8542.31.00' or '85.42'.
CREATE MACRO plain_code(text) AS CASE
    WHEN regexp_full_match(text, '[0-9]+[.]0|[0-9]{5,}[.]0+') THEN split_part(text, '.', 1)
    WHEN regexp_full_match(text, '[0-9]{2,4}([.][0-9]{2})+') THEN replace(text, '.', '')
    ELSE text END;

-- Codes under which confidential or unallocated trade is published: 9999AA, 28XXXXXX,
-- 99RRR100. After at least two digits, a letter stands twice or more.
CREATE MACRO is_confidential_code(text) AS
    regexp_full_match(upper(text), '[0-9]{2,6}(A{2,}|B{2,}|C{2,}|D{2,}|E{2,}|F{2,}|G{2,}|H{2,}|I{2,}|J{2,}|K{2,}|L{2,}|M{2,}|N{2,}|O{2,}|P{2,}|Q{2,}|R{2,}|S{2,}|T{2,}|U{2,}|V{2,}|W{2,}|X{2,}|Y{2,}|Z{2,})[0-9]{0,4}|X{2,10}');

-- A period that is a year which does not begin in January: 2018-19, 2010/11, 2018-2019,
-- FY2011. 2010-11 may be November, too; see sources/staging/classify.sql.
CREATE MACRO is_fiscal_year(text) AS
    regexp_full_match(upper(text), 'FY *[0-9]{2,4}([-/][0-9]{2,4})?')
    OR regexp_full_match(text, '[0-9]{4}[-/]([0-9]{4}|[0-9]{2})')
       AND (TRY_CAST(left(text, 4) AS INTEGER) + 1) % 100 = TRY_CAST(right(text, 2) AS INTEGER)
       AND (length(text) = 7 OR TRY_CAST(right(text, 4) AS INTEGER) = TRY_CAST(left(text, 4) AS INTEGER) + 1);

-- How names and codes of areas are compared.
CREATE MACRO area_key(text) AS
    trim(regexp_replace(replace(translate(lower(text), '’，（） ', chr(39) || ',() '), ',', ', '), '\s+', ' ', 'g'));

-- Whether a name of a partner that is not known says that it is all partners, or a sum of some.
CREATE MACRO is_total_name(text) AS
    coalesce(regexp_matches(area_key(text), '\b(total|totals|totale|sum|subtotal|world|monde|mundo|mondo|welt|insgesamt|gesamt|all (countries|partners|areas)|alle länder|tous les pays|todos los países)\b')
             OR regexp_matches(text, '总计|合计|总值|全球|世界|合計|総計'), false);

-- The HS revision that is in force in a year.
CREATE MACRO revision_in(year) AS {{.RevisionIn}};

-- How messages speak: of a number of things, of many names (five are listed, of more the
-- first three), of many years in their order (five are listed, of more the spans), of a
-- value in a file, and of a row of rejects.
CREATE MACRO counted(n, thing) AS format('{} {}{}', n, thing, CASE WHEN n = 1 THEN '' ELSE 's' END);
CREATE MACRO few(names) AS
    CASE WHEN len(names) <= 5 THEN array_to_string(names, ', ')
    ELSE format('{} and {} more', array_to_string(names[1:3], ', '), len(names) - 3) END;
CREATE MACRO few_years(years) AS
    CASE WHEN len(years) <= 5 THEN array_to_string(years, ', ')
    ELSE few(list_transform(
        list_zip(list_filter(years, lambda y: NOT list_contains(years, y - 1)), list_filter(years, lambda y: NOT list_contains(years, y + 1))),
        lambda span: CASE WHEN span[1] = span[2] THEN span[1]::VARCHAR ELSE span[1] || '–' || span[2] END)) END;
-- What brings trade into the revision in use: a table, for revisions that have none.
CREATE MACRO convert_by(without_table) AS
    CASE WHEN len(without_table) > 0
         THEN format('import the UN''s conversion tables of {} (entrepot reference import), or leave these years out with --years', array_to_string(without_table, ', '))
         ELSE 'harmonize: families counts them' END;
CREATE MACRO shown(value) AS coalesce('"' || left(value, 60) || '"', 'nothing');
CREATE MACRO reject_text(line, reason, value, column_name) AS
    format('line {}: {} {} in column {}', line, reason, shown(value), column_name);

-- What is wrong with an input row: whether it is a 'reject' or 'left_out', why, and the
-- column and value to blame; see sources/staging/classify.sql.
CREATE MACRO problem(kind, reason, column_id, value) AS
    struct_pack(kind := kind, reason := reason, column_id := column_id, value := coalesce(value, ''));

-- Whether an area is a member of a group in a year: membership 'current' takes everybody who
-- has not left, 'historical' who had joined by the end of the year.
CREATE MACRO is_member(membership, since, until, in_year) AS CASE membership
    WHEN 'current' THEN until IS NULL
    ELSE since <= make_date(in_year, 12, 31) AND (until IS NULL OR until > make_date(in_year, 12, 31)) END;

-- The Herfindahl–Hirschman index of amounts in whole numbers: the sum of the squares of their
-- shares, of the sum of their squares and their sum.
CREATE MACRO herfindahl(squares, total) AS
    CAST(squares AS DOUBLE) / (CAST(total AS DOUBLE) * CAST(total AS DOUBLE));

-- A sum of amounts that rows may lack, as of weights: null where one lacks it, because the sum
-- of the others would look whole.
CREATE MACRO sum_of_all(amount) AS CASE WHEN count(amount) = count(*) THEN sum(amount) END;

-- How many chapters of the HS a set reaches; see transforms/facts/file_sets.sql.
CREATE MACRO chapters_reached(low_chapters, high_chapters) AS coalesce(bit_count(low_chapters), 0) + coalesce(bit_count(high_chapters), 0);

-- Whether a sum is a total of the file's own, within a tenth of a per cent.
CREATE MACRO adds_up(usd, total) AS abs(usd - total) * 1000 <= total;

-- What tells rows of one cell apart: when the user says that they add up, each amount is a
-- part of its own.
CREATE MACRO part_said(repeated, part, value_usd, net_weight_kg, quantity) AS
    CASE WHEN repeated = 'sum' THEN hash(part, value_usd, net_weight_kg, quantity) ELSE part END;

-- A part of a value, in exact arithmetic on tenths of a cent, so that the parts
-- of a split code add up to it; see schemas/conversion.go. All of it where there are no parts.
CREATE MACRO part(value_usd, lo, hi, parts_of) AS
    CASE WHEN parts_of IS NULL THEN value_usd
    ELSE CAST(CAST(CAST(value_usd * 1000 AS HUGEINT) * hi // parts_of
                 - CAST(value_usd * 1000 AS HUGEINT) * lo // parts_of AS DECIMAL(30,0)) * 0.001 AS DECIMAL(18,3))
    END;

-- In words what the shares of split codes are made of, which split_shares has in bits;
-- and the same of several rows that have it in words.
CREATE MACRO split_basis(bits) AS
    nullif(concat_ws(', ', CASE WHEN bits & 4 > 0 THEN 'equal' END, CASE WHEN bits & 1 > 0 THEN 'own' END,
                     CASE WHEN bits & 2 > 0 THEN 'world' END), '');
CREATE MACRO split_bases(bases) AS
    nullif(array_to_string(list_sort(list_distinct(flatten([string_split(b, ', ') FOR b IN bases IF b IS NOT NULL]))), ', '), '');

-- Reference data in use; the pipeline fills them. See schemas/reference/.
-- valid_from and valid_to are 0 when open; reporter: reports to Comtrade, or did.
CREATE TABLE areas (code SMALLINT, iso3 VARCHAR, name VARCHAR, kind VARCHAR, valid_from SMALLINT, valid_to SMALLINT, reporter BOOLEAN);
CREATE TABLE country_groups (name VARCHAR, area SMALLINT, joined_on DATE, left_on DATE);
CREATE TABLE hs_codes (hs_revision revision, hs6 VARCHAR, manufactured BOOLEAN);
CREATE TABLE sector_codes (sector VARCHAR, hs_revision revision, hs6 VARCHAR);
CREATE TABLE product_codes (product VARCHAR, hs_revision revision, hs6 VARCHAR);
-- What an area is called by sources that do not use Comtrade's numbers; key is
-- folded by area_key. scheme: 'name', 'iso2', 'iso3'.
CREATE TABLE area_keys (scheme VARCHAR, key VARCHAR, code SMALLINT);
-- Tables of the user; empty without one.
CREATE TABLE top_ten_firms (reporter SMALLINT, sector VARCHAR, firms SMALLINT);
CREATE TABLE markets (reporter SMALLINT, sector VARCHAR, year SMALLINT, market_usd DECIMAL(18,3), source VARCHAR);
CREATE TABLE deflators (flow trade_flow, year SMALLINT, price_index DECIMAL(18,6));   -- prices of the base are 100
CREATE TABLE affiliate_sales (reporter SMALLINT, year SMALLINT, sales_usd DECIMAL(18,3), source VARCHAR);
-- The OECD's Trade in Value Added, by its own codes, and what it calls the activities.
CREATE TABLE value_added (source_area VARCHAR, source_activity VARCHAR, demand_area VARCHAR, demand_activity VARCHAR, year SMALLINT, value_usd DECIMAL(18,3));
CREATE TABLE activities (code VARCHAR, name VARCHAR);
-- The codes under which files may have the trade of an area: its own and those that
-- it has taken over. World has no other.
CREATE VIEW area_codes AS
SELECT code AS area, code FROM areas
UNION
SELECT successor, code FROM successions WHERE whole;
-- The one code that each code becomes in the next older HS revision.
CREATE TABLE hs_steps (from_revision revision, from_code VARCHAR, to_revision revision, to_code VARCHAR);
-- What each code is in its own and in every older revision.
CREATE VIEW hs_ancestors AS
WITH RECURSIVE walk AS (
    SELECT hs_revision AS from_revision, hs6 AS from_code, hs_revision AS to_revision, hs6 AS to_code
    FROM hs_codes
    UNION ALL
    SELECT w.from_revision, w.from_code, s.to_revision, s.to_code
    FROM walk w
    JOIN hs_steps s ON s.from_revision = w.to_revision AND s.from_code = w.to_code
)
SELECT from_revision, from_code, to_revision, to_code FROM walk;
-- What codes of older revisions become in the one that all are converted to; the
-- parts are explained in schemas/conversion.go.
CREATE TABLE hs_splits (
    from_revision revision, from_code VARCHAR, to_revision revision, to_code VARCHAR,
    lo BIGINT, hi BIGINT, parts_of BIGINT
);

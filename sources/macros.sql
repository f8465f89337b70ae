-- What reads texts as single sources write them. A layout names the macros that its
-- columns need; the text is always the first argument. What is none of the words that
-- a macro knows comes back as it is, and becomes a reject with that text.

-- No as databases, spreadsheets and R write it.
CREATE OR REPLACE TEMP MACRO is_no(x) AS lower(x) IN ('false', 'f', 'no', 'n', '0', 'falsch', 'faux', 'falso');

-- Yes or no; NULL for nothing and for other words.
CREATE OR REPLACE TEMP MACRO is_yes(x) AS CASE
    WHEN lower(trim(x)) IN ('true', 't', 'yes', 'y', '1', '1.0', 'wahr', 'vrai', 'verdadero', 'vero') THEN true
    WHEN is_no(trim(x)) OR trim(x) = '0.0' THEN false END;

-- The flows in the words of UN Comtrade before 2023, of WITS, and of people.
CREATE OR REPLACE TEMP MACRO flow_word(x) AS CASE lower(trim(x))
    WHEN 'import' THEN 'M' WHEN 'imports' THEN 'M' WHEN 'gross imp.' THEN 'M' WHEN 'm' THEN 'M'
    WHEN 'export' THEN 'X' WHEN 'exports' THEN 'X' WHEN 'gross exp.' THEN 'X' WHEN 'x' THEN 'X'
    WHEN 're-import' THEN 'RM' WHEN 're-imports' THEN 'RM' WHEN 'reimport' THEN 'RM' WHEN 're-imp.' THEN 'RM'
    WHEN 're-export' THEN 'RX' WHEN 're-exports' THEN 'RX' WHEN 'reexport' THEN 'RX' WHEN 're-exp.' THEN 'RX'
    ELSE trim(x) END;

-- UN Comtrade's numbers of the flows before 2023.
CREATE OR REPLACE TEMP MACRO comtrade_flow_number(x) AS
    CASE trim(x) WHEN '1' THEN 'M' WHEN '2' THEN 'X' WHEN '3' THEN 'RX' WHEN '4' THEN 'RM' ELSE trim(x) END;

CREATE OR REPLACE TEMP MACRO comext_flow(x) AS
    CASE trim(x) WHEN '1' THEN 'M' WHEN '2' THEN 'X' ELSE flow_word(x) END;

-- The bulk files write the whole year as month 52, SDMX a month as 2020-05.
CREATE OR REPLACE TEMP MACRO comext_period(x) AS
    CASE WHEN trim(x) LIKE '____52' THEN left(trim(x), 4) ELSE replace(trim(x), '-', '') END;

-- The Combined Nomenclature follows the Harmonized System from the first year of each
-- revision on.
CREATE OR REPLACE TEMP MACRO comext_revision(x) AS revision_in(TRY_CAST(left(trim(x), 4) AS INTEGER));

-- Eurostat's own codes of areas, beside ISO's: sums over groups of partners, parts
-- of the United Kingdom and of Spain, stores, and what is not specified.
CREATE OR REPLACE TEMP MACRO comext_area(x) AS CASE
    WHEN upper(trim(x)) = 'WORLD' THEN '#0'
    WHEN regexp_full_match(upper(trim(x)), '((EXT|INT)_)?(EU|EA)[0-9V].*') THEN '#97'
    ELSE CASE upper(trim(x)) WHEN 'EL' THEN 'GR' WHEN 'UK' THEN 'GB' WHEN 'XI' THEN 'GB' WHEN 'XU' THEN 'GB' WHEN 'XS' THEN 'RS' WHEN 'XK' THEN '#412'
        WHEN 'CS' THEN '#891' WHEN 'YU' THEN '#891' WHEN 'AN' THEN '#530' WHEN 'TP' THEN 'TL' WHEN 'ZR' THEN 'CD'
        WHEN 'QQ' THEN '#837' WHEN 'QR' THEN '#837' WHEN 'QS' THEN '#837'
        WHEN 'QP' THEN '#899' WHEN 'QU' THEN '#899' WHEN 'QV' THEN '#899' WHEN 'QW' THEN '#899' WHEN 'QX' THEN '#899' WHEN 'QY' THEN '#899' WHEN 'QZ' THEN '#899'
        WHEN 'XC' THEN '#899' WHEN 'XL' THEN '#899' WHEN '_X' THEN '#899' WHEN '_Z' THEN '#899'
        ELSE trim(x) END END;

-- Quantities stand in rows of their own.
CREATE OR REPLACE TEMP MACRO comext_basis(x) AS CASE WHEN upper(trim(x)) NOT LIKE 'VALUE%' THEN 'measure' END;

-- In the TSV one field joins the dimensions, ':' is missing, and letters behind a value
-- are flags.
CREATE OR REPLACE TEMP MACRO comext_dimension(x, n) AS split_part(x, ',', n);
CREATE OR REPLACE TEMP MACRO comext_value(x) AS nullif(regexp_replace(trim(x), '[ :a-z]+$', ''), '');

CREATE OR REPLACE TEMP MACRO trademap_code(x) AS ltrim(trim(x), '''’');

-- What the settings say of a file that is described by hand: the meanings of words, and
-- the digits that a code has when no leading zero is lost.
CREATE OR REPLACE TEMP MACRO translated(x, words, meanings) AS
    coalesce(list_extract(meanings, list_position(words, trim(x))), trim(x));

CREATE OR REPLACE TEMP MACRO padded_code(x, width) AS CASE
    WHEN regexp_full_match(trim(x), '[0-9]+') THEN lpad(trim(x), greatest(width, length(trim(x)))::INTEGER, '0') ELSE trim(x) END;

-- 202305 of "2023-05", "2023/5", "2023年5月" and of a day in that month. What is neither
-- year nor month, such as a quarter, stays as it is, and becomes a reject; so does
-- "2023.1", which may be October.
CREATE OR REPLACE TEMP MACRO mapped_period(x) AS CASE
    WHEN is_fiscal_year(trim(x)) THEN trim(x) -- or a month: all periods of the file tell
    WHEN regexp_full_match(trim(x), '\d{4}年?|(\d{4}|\d{6})\.0|\d{6}(\d\d)?') THEN left(regexp_extract(trim(x), '\d+'), 6)
    WHEN regexp_full_match(trim(x), '\d{4}(\.\d|[-/年M]\d?)\d(月|[-/.月]\d{1,2}(日|[T ].*)?)?')
        THEN left(trim(x), 4) || lpad(regexp_extract(trim(x), '\D(\d{1,2})', 1), 2, '0')
    ELSE trim(x) END;

-- Numbers whose digits may stand in groups. Only one that does loses what stands
-- between them, so that 12,34 stays what it is.
CREATE OR REPLACE TEMP MACRO number_with_points(x) AS CASE
    WHEN regexp_full_match(x, '\s*[-+]?\d{1,3}([ \x{00A0}\x{202F}''’,]\d{2,3})*[ \x{00A0}\x{202F}''’,]\d{3}([.]\d*)?\s*')
        THEN regexp_replace(x, '[ \x{00A0}\x{202F}''’,]', '', 'g')
    ELSE x END;

CREATE OR REPLACE TEMP MACRO number_with_commas(x) AS replace(CASE
    WHEN regexp_full_match(x, '\s*[-+]?\d{1,3}([ \x{00A0}\x{202F}''’.]\d{2,3})*[ \x{00A0}\x{202F}''’.]\d{3}([,]\d*)?\s*')
        THEN regexp_replace(x, '[ \x{00A0}\x{202F}''’.]', '', 'g')
    ELSE x END, ',', '.');

SET VARIABLE source_macros = true;

-- Whether points stand between thousands in some value.
SELECT EXISTS (FROM read_rows WHERE regexp_full_match(trim({{.Value}}), '[-+]?[0-9]{1,3}([.][0-9]{3}){2,}'))

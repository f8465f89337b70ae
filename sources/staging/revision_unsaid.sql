-- Whether a row does not say its HS revision.
SELECT EXISTS (FROM (SELECT {{.RawCells}} FROM read_rows) WHERE {{.Unsaid}})

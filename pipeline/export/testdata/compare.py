"""Compares what was exported with the published Parquet files, cell by cell, by readers that
other people wrote. Arguments: the release's folder, and the folders of CSV files, of Stata
datasets, and of the workbook. Prints what differs, and last how many cells were compared."""

import csv
import json
import math
import pathlib
import sys

import duckdb

release, csv_folder, dta_folder, xlsx_folder = map(pathlib.Path, sys.argv[1:5])
cells, differences = 0, []


def published(table):
    with duckdb.connect() as db:
        result = db.execute("FROM read_parquet(?)", [str(release / f"{table}.parquet")])
        return [c[0] for c in result.description], [str(c[1]) for c in result.description], result.fetchall()


def missing(value):
    return value is None or isinstance(value, float) and math.isnan(value)


def same(want, got, empty_is_missing):
    if missing(want) or missing(got):
        return (missing(want) or empty_is_missing and want == "") and (missing(got) or empty_is_missing and got == "")
    return want == got


def compare(how, table, columns, want, got, empty_is_missing=False):
    global cells
    if len(want) != len(got):
        differences.append(f"{how} {table}: {len(got)} rows, {len(want)} are published")
    for n, (w, g) in enumerate(zip(want, got)):
        if len(w) != len(g):
            differences.append(f"{how} {table} row {n}: {len(g)} cells")
        for column, a, b in zip(columns, w, g):
            cells += 1
            if not same(a, b, empty_is_missing):
                differences.append(f"{how} {table} row {n} {column}: {b!r}, published is {a!r}")


def from_csv(table, types):
    raw = (csv_folder / f"{table}.csv").read_bytes()
    if not raw.startswith(b"\xef\xbb\xbf") or not raw.endswith(b"\r\n"):
        differences.append(f"csv {table}: no mark of UTF-8, or lines end otherwise")
    quoted_nothing = raw.decode("utf-8-sig").replace('""', "\x00")  # an empty text is quoted, a null is not
    rows = list(csv.reader(quoted_nothing.split("\r\n")[:-1] if "\n" not in quoted_nothing.replace("\r\n", "") else quoted_nothing.splitlines(True)))

    def value(text, kind):
        if text == "":
            return None
        text = text.replace("\x00", "") if text == "\x00" else text.replace("\x00", '"')
        if kind in ("SMALLINT", "INTEGER"):
            return int(text)
        if kind == "DOUBLE":
            return float(text)
        if kind == "BOOLEAN":
            return {"true": True, "false": False}[text]
        return text[1:] if text[:1] == "'" and text[1:2] in "=+-@" else text

    return rows[0], [[value(t, k) for t, k in zip(row, types)] for row in rows[1:]]


def from_stata(table, types):
    import pandas as pd

    path = dta_folder / f"{table}.dta"
    frame = pd.read_stata(path, convert_categoricals=False)
    with pd.io.stata.StataReader(path, convert_categoricals=False) as reader:
        labels = reader.variable_labels()
        reader.read()
        reader.value_labels()
    pd.read_stata(path)  # with labels of values: none is there twice
    if not all(labels.values()) or max(map(len, frame.columns), default=0) > 32:
        differences.append(f"dta {table}: a variable has no label or too long a name")
    try:
        import pyreadstat
    except ImportError:
        pass
    else:
        other, meta = pyreadstat.read_dta(str(path), apply_value_formats=False)
        compare("pyreadstat", table, list(other.columns), values(frame, types), values(other, types), True)
        if not meta.file_label:
            differences.append(f"dta {table}: no label")
    return list(frame.columns), values(frame, types)


def values(frame, types):
    def value(v, kind):
        if missing(v):
            return None
        if kind == "BOOLEAN":
            return bool(v)
        return int(v) if kind in ("SMALLINT", "INTEGER") else float(v) if kind == "DOUBLE" else str(v)

    return [[value(v, k) for v, k in zip(row, types)] for row in frame.itertuples(index=False, name=None)]


def main():
    import openpyxl

    book = openpyxl.load_workbook(xlsx_folder / "entrepot.xlsx")
    sheets = {sheet.title: sheet for sheet in book}
    charts = {title: len(sheet._charts) for title, sheet in sheets.items() if sheet._charts}
    for table in sorted(p.stem for p in release.glob("*.parquet")):
        columns, types, want = published(table)
        want = [list(row) for row in want]
        names, rows = from_csv(table, types)
        if names != columns:
            differences.append(f"csv {table}: columns {names}")
        compare("csv", table, columns, want, rows)
        compare("dta", table, columns, want, from_stata(table, types)[1], True)
        sheet = sheets[table]
        got = [list(row) for row in sheet.iter_rows(values_only=True)]
        if got[0] != columns or not sheet.tables or sheet.freeze_panes != "A2":
            differences.append(f"xlsx {table}: header, filter or panes")
        body = got[1:] if want else []
        want = [[float(f"{v:.15g}") if isinstance(v, float) else v for v in row] for row in want]  # Excel's digits
        compare("xlsx", table, columns, want, [as_published(row, types) for row in body], True)
        if any(c.data_type == "f" for row in sheet.iter_rows() for c in row):
            differences.append(f"xlsx {table}: a formula")
        if sheet.cell(1, 1).comment is None:
            differences.append(f"xlsx {table}: no comment at the header")
    print(json.dumps({"cells": cells, "differences": differences[:20], "charts": charts, "sheets": book.sheetnames[:4]}))


def as_published(row, types):
    return [float(v) if k == "DOUBLE" and isinstance(v, int) and not isinstance(v, bool) else v for v, k in zip(row, types)]


main()

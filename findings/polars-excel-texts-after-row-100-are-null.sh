#!/usr/bin/env bash
# Question: A sheet of 200 films has codes and years. Row 150 has the code 150-B and the year "1994 (?)". What does
#   Polars' read_excel give in that row?
# Guess: The texts, in columns of texts, or an error, which read_csv raises for the same rows.
# What happens: Null, without a warning. read_excel takes the type of a column from the first 100 rows, and makes null
#   what does not fit: texts in a column of numbers, and a "no" in a column of booleans. A type that the user names does
#   the same: schema_overrides with Int64 is no check. The engine openpyxl reads all rows first, and keeps the texts.
# Versions: polars 2.1.0, fastexcel 0.21.0, openpyxl 3.1.5, xlsxwriter 3.3.1.
# For a user: Pass infer_schema_length=None. The documentation of this parameter says that it is the number of rows to
#   scan, not what becomes of the others.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 fastexcel==0.21.0 openpyxl==3.1.5 xlsxwriter==3.3.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import fastexcel
import polars as pl
import xlsxwriter

print("polars", pl.__version__, "| fastexcel", fastexcel.__version__)
names = ("id", "code", "year", "seen")
films = [(number, number, 1900 + number % 100, True) for number in range(1, 201)]
films[149] = (150, "150-B", "1994 (?)", "no")
with xlsxwriter.Workbook("films.xlsx") as book:
    sheet = book.add_worksheet()
    for line, row in enumerate([names, *films]):
        sheet.write_row(line, 0, row)


def read(**options):
    """Row 150, and the number of nulls."""
    frame = pl.read_excel("films.xlsx", **options)
    return frame.row(149), sum(frame.null_count().row(0))


expect("as it is", read(), ((150, None, None, None), 3))
expect("infer_schema_length=149", read(infer_schema_length=149), ((150, None, None, None), 3))
expect("infer_schema_length=None", read(infer_schema_length=None), ((150, "150-B", "1994 (?)", "no"), 0))
expect("engine openpyxl", read(engine="openpyxl"), ((150, "150-B", "1994 (?)", "no"), 0))
expect("code declared as Int64", read(infer_schema_length=None, schema_overrides={"code": pl.Int64})[0], (150, None, "1994 (?)", "no"))
lines = "\n".join(",".join(map(str, row)) for row in [names, *films])
try:
    pl.read_csv(lines.encode(), infer_schema_length=100)
    expect("read_csv", "no error", "an error")
except pl.exceptions.ComputeError as error:
    expect("read_csv", str(error).splitlines()[0], "could not parse `150-B` as dtype `i64` at column 'code' (column number 2)")
PY

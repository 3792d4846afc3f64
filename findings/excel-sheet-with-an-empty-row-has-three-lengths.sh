#!/usr/bin/env bash
# Question: An Excel sheet of three films has an empty row after the first. How many rows do readers find?
# Guess: Four, or three if empty rows are left out.
# What happens: DuckDB finds one: read_xlsx stops at the first empty row, as its documentation says. It does so in
#   files that it wrote itself, too: of a column with 1, NULL and 3 it reads 1, so its sum is 1. Polars finds three
#   films, since it drops empty rows (documented as well), and pandas four rows. There is no warning.
# Versions: duckdb 1.5.5 with the wheel duckdb-extension-excel 1.5.5, polars 2.1.0 with fastexcel 0.21.0, pandas 3.1.1
#   with openpyxl 3.1.5.
# For a user: Pass stop_at_empty = false to DuckDB, and drop_empty_rows=False to Polars. Few expect that a row of
#   missing values ends a table.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-excel==1.5.5 polars==2.1.0 fastexcel==0.21.0 pandas==3.1.1 openpyxl==3.1.5 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import duckdb
import openpyxl
import pandas as pd
import polars as pl
from duckdb_extensions import import_extension

print("duckdb", duckdb.__version__, "| polars", pl.__version__, "| pandas", pd.__version__)
import_extension("excel")
con = duckdb.connect()
con.execute("load excel")
book = openpyxl.Workbook()
for row in (["title", "votes"], ["Fog", 1], [], ["Gate", 3], ["Hill", 5]):
    book.active.append(row)
book.save("films.xlsx")


def titles(options=""):
    return [row[0] for row in con.execute(f"select title from read_xlsx('films.xlsx'{options})").fetchall()]


expect("duckdb", titles(), ["Fog"])
expect("duckdb, stop_at_empty = false", titles(", stop_at_empty = false"), ["Fog", None, "Gate", "Hill"])
expect("polars", pl.read_excel("films.xlsx")["title"].to_list(), ["Fog", "Gate", "Hill"])
expect("polars, drop_empty_rows=False", pl.read_excel("films.xlsx", drop_empty_rows=False)["title"].to_list(), ["Fog", None, "Gate", "Hill"])
expect("pandas", pd.read_excel("films.xlsx", engine="openpyxl")["title"].tolist(), ["Fog", float("nan"), "Gate", "Hill"])
con.execute("create table votes as from (values (1), (null), (3)) votes(votes)")
con.execute("copy votes to 'votes.xlsx' (format xlsx, header true)")
sums = [con.execute(f"select sum(votes)::int from {table}").fetchone()[0] for table in ("votes", "read_xlsx('votes.xlsx')")]
expect("duckdb, sum of its table and of its file", sums, [4, 1])
PY

#!/usr/bin/env bash
# Question: Does DuckDB's read_xlsx find the dates that Excel shows?
# Guess: Yes, or it reads numbers in every row: dates are numbers of days with a format, and there are two calendars.
# What happens: In a workbook that counts from 1904, as those of Macs did, all dates are four years and a day early:
#   1950-01-01 is 1945-12-31. The first row decides on the type: if its date is missing, the others are numbers (43831),
#   and below a date the number 5 is 4 January 1900. DuckDB itself writes dates before March 1900 one day too late, as
#   it does not know Excel's 29 February 1900: it reads its 1900-01-01 back, while Polars and pandas read 1900-01-02, as
#   Excel would; a film of 1895 gets a negative number, which Excel does not show, and which readers take for three
#   things.
# Versions: duckdb 1.5.5 with the wheel duckdb-extension-excel 1.5.5, polars 2.1.0 with fastexcel 0.21.0, pandas 3.1.1
#   with openpyxl 3.1.5 and python-calamine 0.9.1, XlsxWriter 3.3.1.
# For a user: Read with Polars or pandas. Write dates before 1900 as text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-excel==1.5.5 polars==2.1.0 fastexcel==0.21.0 pandas==3.1.1 openpyxl==3.1.5 XlsxWriter==3.3.1 python-calamine==0.9.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime
import importlib.metadata

import duckdb
import pandas as pd
import polars as pl
import xlsxwriter
from duckdb_extensions import import_extension

print("duckdb", duckdb.__version__, "| polars", pl.__version__, "| pandas", pd.__version__, "| fastexcel", importlib.metadata.version("fastexcel"))
import_extension("excel")
con = duckdb.connect()
con.execute("load excel")


def write(column, **options):
    with xlsxwriter.Workbook("films.xlsx", {"default_date_format": "yyyy-mm-dd", **options}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate([("id", "day"), *enumerate(column, 1)]):
            for place, cell in enumerate(cells):
                sheet.write(row, place, cell)


def days():
    """What DuckDB, Polars and pandas find."""
    found = {"duckdb": [row[0] for row in con.execute("select day from read_xlsx('films.xlsx')").fetchall()]}
    found["polars"] = pl.read_excel("films.xlsx")["day"].to_list()
    for engine in ("openpyxl", "calamine"):
        found[engine] = pd.read_excel("films.xlsx", engine=engine, dtype=object)["day"].tolist()
    return {tool: [str(day).removesuffix(" 00:00:00") for day in column] for tool, column in found.items()}


day = datetime.date
three = ("polars", "openpyxl", "calamine")
write([day(1950, 1, 1), day(2024, 2, 29)])
expect("from 1900", days(), dict.fromkeys(("duckdb", *three), ["1950-01-01", "2024-02-29"]))
write([day(1950, 1, 1), day(2024, 2, 29)], date_1904=True)
expect("from 1904", days(), {"duckdb": ["1945-12-31", "2020-02-28"]} | dict.fromkeys(three, ["1950-01-01", "2024-02-29"]))
write([None, day(2020, 1, 1)])
expect("first one missing", days(), {"duckdb": ["None", "43831.0"], "polars": ["None", "2020-01-01"]} | dict.fromkeys(three[1:], ["nan", "2020-01-01"]))
write([day(2020, 1, 1), 5])
expect("a number below a date, duckdb", con.execute("select max(day) - min(day) from read_xlsx('films.xlsx')").fetchall(), [(43826,)])
expect("polars", pl.read_excel("films.xlsx")["day"].to_list(), ["2020-01-01 00:00:00", "5"])
con.execute("copy (select * from (values (1, date '1895-12-28'), (2, date '1900-01-01'), (3, date '1900-03-01')) films(id, day)) to 'films.xlsx' (format xlsx, header true)")
expect(
    "written by DuckDB",
    days(),
    {
        "duckdb": ["1895-12-28", "1900-01-01", "1900-03-01"],
        "polars": ["1895-12-29", "1900-01-02", "1900-03-01"],
        "openpyxl": ["1895-12-28", "1900-01-02", "1900-03-01"],
        "calamine": ["00:00:00", "1900-01-02", "1900-03-01"],
    },
)
PY

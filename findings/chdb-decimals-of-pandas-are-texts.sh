#!/usr/bin/env bash
# Question: pandas reads a Parquet file with DECIMAL and DATE columns. chdb queries the frame by Python(films). What
#   types do the columns have?
# Guess: Decimal and Date32, as chdb reads from the file itself, and as DuckDB finds in the frame.
# What happens: Both are String. max(gross) is 9.50, not 10.00, order by sorts letters, gross > '5' compares letters,
#   and a list is the text "[1 2]". Only sum, and a comparison with a number, raise. An Arrow table of the same file is
#   right, but a date64 is not: 1 January 1950 is 6 February 2086, in Feather files as well.
# Versions: chdb 4.4.0 (chdb-core 26.9.0), pandas 3.1.1, pyarrow 25.0.1, duckdb 2.0.1.
# For a user: Give chdb the Arrow table or the file, and cast date64 to date32. Look at toTypeName first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile chdb==4.4.0 chdb-core==26.9.0 pandas==3.1.1 pyarrow==25.0.1 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime
import os
from decimal import Decimal

import chdb
import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

print("chdb", chdb.__version__, "| pandas", pd.__version__, "| pyarrow", pa.__version__, "| duckdb", duckdb.__version__)
gross = [Decimal(text) for text in ("9.50", "10.00", "-1.00", "2.00")]
day = [datetime.date(1950, 1, number) for number in range(1, 5)]
table = pa.table({"gross": gross, "day": day, "ids": [[1, 2], [], [3], [4]]})
pa.parquet.write_table(table, "films.parquet")
films = pd.read_parquet("films.parquet")
file = f"file('{os.getcwd()}/films.parquet')"


def ask(query, source):
    return [line.split("\t") for line in str(chdb.query(query.format(source), "TSV")).strip().split("\n")]


types = "select toTypeName(gross), toTypeName(day) from {} limit 1"
expect("types of the frame", ask(types, "Python(films)"), [["Nullable(String)", "Nullable(String)"]])
expect("types of the table", ask(types, "Python(table)"), [["Nullable(Decimal(4, 2))", "Nullable(Date32)"]])
expect("types of the file", ask(types, file), [["Nullable(Decimal(4, 2))", "Nullable(Date32)"]])
largest = "select max(gross), min(gross) from {}"
expect("largest and smallest of the frame", ask(largest, "Python(films)"), [["9.50", "-1.00"]])
expect("largest and smallest of the table", ask(largest, "Python(table)"), [["10", "-1"]])
expect("duckdb", duckdb.sql("select max(gross)::text, typeof(max(gross)) from films").fetchall(), [("10.00", "DECIMAL(4,2)")])
expect("order", ask("select gross from {} order by gross", "Python(films)"), [["-1.00"], ["10.00"], ["2.00"], ["9.50"]])
expect("above 5", ask("select gross from {} where gross > '5'", "Python(films)"), [["9.50"]])
expect("a list", ask("select ids, toTypeName(ids) from {} limit 1", "Python(films)"), [["[1 2]", "Nullable(String)"]])
try:
    raised = ask("select sum(gross) from {}", "Python(films)")
except RuntimeError as error:
    raised = "ILLEGAL_TYPE_OF_ARGUMENT" in str(error)
expect("sum raises", raised, True)
dates = pa.table({"day": pa.array(day[:1], pa.date64())})
pa.feather.write_feather(dates, "dates.arrow")
for source in ("Python(dates)", f"file('{os.getcwd()}/dates.arrow', Arrow)"):
    expect(f"date64, {source[:6]}", ask("select toDate(day) from {}", source), [["2086-02-06"]])
PY

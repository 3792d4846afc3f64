#!/usr/bin/env bash
# Question: frictionless converts a CSV file to Parquet or CSV. The 151st value of a column of whole numbers is 7.5, or
#   "unknown". What does the new file have?
# Guess: A number or a text, as DuckDB has it, or the conversion fails, as pyarrow does.
# What happens: Nothing, with exit code 0 and "converted": the type is that of the first 100 rows, and each later value
#   that does not fit is NULL in Parquet, empty in CSV, None in extract(). Even within 100 rows, up to a tenth of the
#   values may not fit: of ten codes, A7 is lost. Only validate names these cells.
# Versions: frictionless 5.21.0, duckdb 2.0.1, pyarrow 26.0.1.
# For a user: Validate first and stop at an error, give a schema, or set Detector(field_confidence=1, sample_size=...).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile "frictionless[pandas,parquet]==5.21.0" pandas==3.1.1 duckdb==2.0.1 pyarrow==26.0.1
venv/bin/python - <<'PY'
rows = [*range(150), 7.5, "unknown", 152]
open("votes.csv", "w").write("votes\n" + "\n".join(map(str, rows)) + "\n")
open("codes.csv", "w").write("code\n" + "\n".join([*"123456789", "A7"]) + "\n")
PY
for file in votes codes; do
    venv/bin/frictionless convert $file.csv --to-path $file.parquet > $file.log 2>&1 || { cat $file.log; exit 1; }
    grep -q converted $file.log || { cat $file.log; echo "CHANGED: no success"; exit 1; }
done

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import duckdb
import pyarrow
import pyarrow.csv
from frictionless import Detector, Resource

print("frictionless", version("frictionless"), "| duckdb", duckdb.__version__, "| pyarrow", pyarrow.__version__)
expect("votes.csv, by DuckDB", [row[0] for row in duckdb.sql("from 'votes.csv'").fetchall()[-4:]], ["149", "7.5", "unknown", "152"])
expect("codes.csv, by pyarrow", pyarrow.csv.read_csv("codes.csv")["code"].to_pylist()[-2:], ["9", "A7"])
try:
    options = pyarrow.csv.ConvertOptions(column_types={"votes": pyarrow.int64()})
    pyarrow.csv.read_csv("votes.csv", convert_options=options)
except pyarrow.ArrowInvalid as error:
    print("votes.csv as whole numbers, by pyarrow:", str(error)[-60:])
expect("votes.parquet", [row[0] for row in duckdb.sql("from 'votes.parquet'").fetchall()[-4:]], [149, None, None, 152])
expect("codes.parquet", [row[0] for row in duckdb.sql("from 'codes.parquet'").fetchall()[-2:]], [9, None])
Resource(path="codes.csv").write("again.csv")
expect("again.csv", open("again.csv").read().split("\n")[-3:], ["9", '""', ""])
expect("extract", [row["votes"] for row in Resource(path="votes.csv").extract()["votes"][-4:]], [149, None, None, 152])
expect("validate", Resource(path="votes.csv").validate().flatten(["rowNumber", "type"]), [[152, "type-error"], [153, "type-error"]])
careful = Detector(field_confidence=1, sample_size=1000)
expect("careful", [row["votes"] for row in Resource(path="votes.csv", detector=careful).extract()["votes"][-4:]], ["149", "7.5", "unknown", "152"])
PY

#!/usr/bin/env bash
# Question: An Avro file has amounts as decimals. Does DuckDB's avro extension read them as DECIMAL?
# Guess: Yes, whichever of the two forms of the specification the writer chose: a decimal in fixed, or in bytes.
# What happens: A decimal in fixed is DECIMAL(10,2). A decimal in bytes is a BLOB of the unscaled number. sum() and
#   numeric comparisons fail, but max() and ORDER BY work, and compare bytes: -1.10 (0x92) is above 300.00 (0x7530),
#   and v = '1.10' finds nothing. Polars, chdb and fastavro read both forms alike.
# Versions: duckdb 1.5.5 with the wheel duckdb-extension-avro 1.5.5, fastavro 1.13.1, polars 2.1.0, chdb 4.4.0.
# For a user: The same schema gives another type by how it was written. Look at typeof() after read_avro, or read such
#   files with Polars.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-avro==1.5.5 fastavro==1.13.1 polars==2.1.0 chdb==4.4.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from decimal import Decimal

import chdb
import duckdb
import fastavro
import polars as pl
from duckdb_extensions import import_extension

print("duckdb", duckdb.__version__, "| fastavro", fastavro.__version__)
import_extension("avro")
con = duckdb.connect()
con.execute("load avro")
amounts = [Decimal(amount) for amount in ("-1.10", "1.10", "2.00", "300.00")]
logical = {"logicalType": "decimal", "precision": 10, "scale": 2}
for form, stored in (("fixed", {"type": "fixed", "name": "amount", "size": 5}), ("bytes", {"type": "bytes"})):
    schema = fastavro.parse_schema({"type": "record", "name": "row", "fields": [{"name": "v", "type": {**stored, **logical}}]})
    with open(f"{form}.avro", "wb") as file:
        fastavro.writer(file, schema, [{"v": amount} for amount in amounts])
    right = form == "fixed"
    largest = con.execute(f"select typeof(max(v)), max(v) from read_avro('{form}.avro')").fetchall()
    expect(f"{form}: DuckDB's maximum", largest, [("DECIMAL(10,2)", Decimal("300.00"))] if right else [("BLOB", b"\x92")])
    found = con.execute(f"select count(*) from read_avro('{form}.avro') where v = '1.10'").fetchall()
    expect(f"{form}: DuckDB finds '1.10'", found, [(1,)] if right else [(0,)])
    expect(f"{form}: Polars' maximum", pl.read_avro(f"{form}.avro")["v"].max(), Decimal("300.00"))
    expect(f"{form}: chdb's maximum", str(chdb.query(f"select max(v) from file('{form}.avro', Avro)", "CSV")).strip(), "300")
    with open(f"{form}.avro", "rb") as file:
        expect(f"{form}: fastavro's maximum", max(row["v"] for row in fastavro.reader(file)), Decimal("300.00"))
PY

#!/usr/bin/env bash
# Question: A Delta table has a DECIMAL(38, 18) column. Is 1.123456789012345678, which delta-rs wrote, found by "="?
# Guess: Yes, by every reader: decimals are exact, and statistics are bounds of what is in the file.
# What happens: No: delta-rs itself, pyarrow, Polars and DuckDB do not find it, and a delete with this condition deletes
#   nothing, without a word. delta-rs writes the least and the greatest decimal of a file as a DOUBLE. Rounded to about
#   16 digits, up or down, they are no bounds any more, and the readers skip the file. 1234567890123.4567 in a
#   DECIMAL(20, 4) is lost as well. Daft, which does not use these statistics, finds all rows.
# Versions: deltalake 1.6.6, polars 2.1.0, duckdb 1.5.5 with delta, daft 0.7.26.
# For a user: Set delta.dataSkippingStatsColumns so that such columns have no statistics, or store whole numbers of the
#   smallest unit. Known in part: pull request 4757 of delta-rs mends it for numbers without decimal places.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile deltalake==1.6.6 polars==2.1.0 pyarrow==25.0.1 pandas==3.1.1 duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-delta==1.5.5 daft==0.7.26

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json
from decimal import Decimal
from pathlib import Path

import daft
import deltalake
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from duckdb_extensions import import_extension

print("deltalake", deltalake.__version__, "| polars", pl.__version__, "| duckdb", duckdb.__version__, "| daft", daft.__version__)
import_extension("delta")
duck = duckdb.connect()
duck.execute("load delta")


def found(name, text, digits, scale, **options):
    """The number of rows with v = text: by SQL of delta-rs, pyarrow, Polars, DuckDB and Daft; rows deleted."""
    amount = Decimal(text)
    deltalake.write_deltalake(name, pa.table({"id": [1], "v": pa.array([amount], pa.decimal128(digits, scale))}), **options)
    table = deltalake.DeltaTable(name)
    constant = f"arrow_cast('{text}', 'Decimal128({digits}, {scale})')"
    query = deltalake.QueryBuilder().register("t", table).execute(f"select id from t where v = {constant}")
    return [
        pa.table(query.read_all()).num_rows,
        table.to_pyarrow_dataset().to_table(filter=pc.field("v") == pa.scalar(amount, pa.decimal128(digits, scale))).num_rows,
        pl.scan_delta(name).filter(pl.col("v") == pl.lit(amount, dtype=pl.Decimal(digits, scale))).collect().height,
        len(duck.execute(f"select id from delta_scan('{name}') where v = '{text}'::decimal({digits}, {scale})").fetchall()),
        daft.read_deltalake(name).where(daft.col("v") == daft.lit(amount).cast(daft.DataType.decimal128(digits, scale))).count_rows(),
        table.delete(f"v = {constant}")["num_deleted_rows"],
    ]


expect("1.123456789012345678", found("eighteen", "1.123456789012345678", 38, 18), [0, 0, 0, 0, 1, 0])
expect("1234567890123.4567", found("four", "1234567890123.4567", 20, 4), [0, 0, 0, 0, 1, 0])
first = Path("eighteen/_delta_log/00000000000000000000.json").read_text().splitlines()
expect("its bounds", [json.loads(json.loads(line)["add"]["stats"])["maxValues"]["v"] for line in first if line.startswith('{"add"')], [1.1234567890123457])
expect("123456789012.4567", found("shorter", "123456789012.4567", 20, 4), [1, 1, 1, 1, 1, 1])
expect("without statistics", found("none", "1.123456789012345678", 38, 18, configuration={"delta.dataSkippingStatsColumns": "id"}), [1, 1, 1, 1, 1, 1])
PY

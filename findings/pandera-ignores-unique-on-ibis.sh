#!/usr/bin/env bash
# Question: A pandera schema says Column(int, unique=True). Does it refuse an Ibis table, here in DuckDB, with the
#   same id twice?
# Guess: Yes, as it does for pandas and Polars, or it says that it cannot.
# What happens: The table is valid. The Ibis backend never looks at a column's unique. It does check
#   DataFrameSchema(unique=["id"]) of the whole table, and nullable, and ranges. Of Column(default=) it says nothing
#   either: it reports the missing values that pandas and Polars fill.
# Versions: pandera 0.35.0, ibis-framework 12.0.0, duckdb 2.0.1, pandas 3.1.1, polars 2.1.0.
# For a user: A schema that guarded a frame guards less when the table moves into a database. Write the uniqueness on
#   the schema, not on the column.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'pandera[pandas,polars,ibis]==0.35.0' 'ibis-framework[duckdb]==12.0.0' duckdb==2.0.1 pandas==3.1.1 polars==2.1.0 pyarrow==25.0.1 pyarrow-hotfix==0.7

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import os
import warnings

os.environ["DISABLE_PANDERA_IMPORT_WARNING"] = "True"
warnings.filterwarnings("ignore")
import ibis
import pandas as pd
import pandera
import pandera.ibis
import pandera.pandas
import pandera.polars
import polars as pl
from pandera.errors import SchemaError, SchemaErrors

print("pandera", pandera.__version__)
engines = {
    "pandas": (pandera.pandas, pd.DataFrame, "int64"),
    "polars": (pandera.polars, pl.DataFrame, pl.Int64),
    "ibis": (pandera.ibis, lambda columns: ibis.memtable(pl.DataFrame(columns)), ibis.dtype("int64")),
}


def valid(columns, whole=None, **rules):
    """Which engines accept the columns."""
    accepted = []
    for name, (module, frame, integer) in engines.items():
        schema = module.DataFrameSchema({"id": module.Column(integer, **rules)}, unique=whole)
        try:
            schema.validate(frame(columns), lazy=True)
            accepted.append(name)
        except (SchemaError, SchemaErrors):
            pass
    return accepted


expect("different ids", valid({"id": [1, 2]}, unique=True), ["pandas", "polars", "ibis"])
expect("the same id, unique column", valid({"id": [1, 1]}, unique=True), ["ibis"])
expect("the same id, unique schema", valid({"id": [1, 1]}, whole=["id"]), [])
expect("a missing id with a default", valid({"id": [1, None]}, default=7, coerce=True), ["pandas", "polars"])
PY

#!/usr/bin/env bash
# Question: str.to_uppercase, strip_chars and replace_all of Narwhals with an ß, a wide blank and a group
#   reference: same text on Polars and DuckDB?
# Guess: Yes: An expression of Narwhals is meant to mean the same on every backend.
# What happens: 'straße' becomes STRASSE on Polars and STRAẞE on DuckDB. strip_chars() takes the blanks of
#   Unicode off on Polars, only the ASCII blank on DuckDB. '<$1>' is the group on Polars, and stands there
#   as it is on DuckDB.
# Versions: narwhals 2.29.0, polars 2.1.0, duckdb 2.0.0.
# For a user: Keys made from titles on one engine do not join with those of the other. Compare lower case,
#   name the characters to strip, avoid group references.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile narwhals==2.29.0 polars==2.1.0 duckdb==2.0.0 pyarrow==25.0.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import narwhals as nw
import polars as pl


import duckdb

print("narwhals", nw.__version__, "polars", pl.__version__, "duckdb", duckdb.__version__)
frame = pl.DataFrame({"upper": ["straße"], "strip": ["\u2003Alien\u00a0"], "group": ["tt01"]})
exprs = [nw.col("upper").str.to_uppercase(), nw.col("strip").str.strip_chars(), nw.col("group").str.replace_all("([0-9]+)", "<$1>")]
expect("Polars", nw.from_native(frame).select(*exprs).to_native().row(0), ("STRASSE", "Alien", "tt<01>"))
expect("DuckDB", nw.from_native(duckdb.sql("from frame")).select(*exprs).to_native().fetchall()[0], ("STRAẞE", "\u2003Alien\u00a0", "tt<$1>"))
PY

#!/usr/bin/env bash
# Question: Is a rating of NaN between 1 and 10 for a pandera schema with Column(float, nullable=True)?
# Guess: One answer for one schema: pandera's checks ignore missing values, or they do not.
# What happens: For pandas NaN is missing, and passes every check. For Polars and for DuckDB by Ibis it is a number
#   above all others: it passes ge and ne, and fails le, in_range, isin and eq. A null passes everywhere. A schema
#   with only a lower bound therefore never finds NaN. With nullable=False all three refuse NaN, as a null value.
# Versions: pandera 0.35.0, pandas 3.1.1, polars 2.1.0, ibis-framework 12.0.0, duckdb 2.0.1.
# For a user: NaN is "null" for one argument of a column and a number for the next. Turn NaN into null before the
#   check, or give every float an upper bound.
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
    "pandas": (pandera.pandas, pd.DataFrame, float),
    "polars": (pandera.polars, lambda columns: pl.DataFrame(columns, schema={"v": pl.Float64}), pl.Float64),
    "duckdb": (pandera.ibis, lambda columns: ibis.memtable(pl.DataFrame(columns, schema={"v": pl.Float64})), ibis.dtype("float64")),
}
every = list(engines)


def valid(entry, nullable=True, check=None, **arguments):
    """Which engines accept a column with 5.0 and the entry."""
    accepted = []
    for name, (module, frame, number) in engines.items():
        checks = [getattr(module.Check, check)(**arguments)] if check else []
        try:
            module.DataFrameSchema({"v": module.Column(number, checks, nullable=nullable)}).validate(frame({"v": [5.0, entry]}), lazy=True)
            accepted.append(name)
        except (SchemaError, SchemaErrors):
            pass
    return accepted


nan = float("nan")
for value, ge, le in ((nan, every, ["pandas"]), (None, every, every)):
    expect(f"{value}: ge(1)", valid(value, check="ge", min_value=1), ge)
    expect(f"{value}: ne(7)", valid(value, check="ne", value=7), ge)
    expect(f"{value}: le(10)", valid(value, check="le", max_value=10), le)
    expect(f"{value}: in_range(1, 10)", valid(value, check="in_range", min_value=1, max_value=10), le)
    expect(f"{value}: isin([5])", valid(value, check="isin", allowed_values=[5.0]), le)
    expect(f"{value}: nullable=False", valid(value, nullable=False), [])
PY

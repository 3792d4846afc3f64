#!/usr/bin/env bash
# Question: After a migration, datacompy compares the old and the new table, with both tolerances 0, the default. Some
#   ids of people and amounts differ in their last digit. Does it find them?
# Guess: Yes: whole numbers and decimals are compared exactly.
# What happens: The tables match: numbers are compared as floats, and beyond 2^53 neighbours are one float; so are amounts
#   with more than 15 digits. SQL's EXCEPT and Polars' own assert_frame_equal find each of them. With Polars, the text
#   02/01/2024 also equals the date 2024-01-02.
# Versions: datacompy 1.1.0, pandas 3.0.6, polars 1.44.2, duckdb 2.0.1.
# For a user: Compare ids and amounts as text, or by EXCEPT in both directions.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datacompy==1.1.0 pandas==3.0.6 polars==1.44.2 duckdb==2.0.1 pyarrow==26.0.1 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import logging
from datetime import date
from decimal import Decimal

import datacompy
import duckdb
import pandas as pd
import polars as pl
from polars.testing import assert_frame_equal

logging.disable(logging.CRITICAL)
print("datacompy", datacompy.__version__, "| pandas", pd.__version__, "| polars", pl.__version__, "| duckdb", duckdb.__version__)


def matches(old, new):
    """Whether datacompy on pandas and on Polars, SQL, and Polars itself call two columns equal."""
    frames = [pl.DataFrame({"row": range(len(values)), "value": values}) for values in (old, new)]
    by_pandas, by_polars = ([frame.to_pandas(use_pyarrow_extension_array=False) for frame in frames], frames)
    found = [bool(datacompy.PandasCompare(*by_pandas, join_columns="row").matches()), datacompy.PolarsCompare(*by_polars, join_columns="row").matches()]
    before, after = frames
    found.append(not duckdb.sql("from before except from after").fetchall())
    try:
        assert_frame_equal(*frames)
        found.append(True)
    except AssertionError:
        found.append(False)
    return tuple(found)


expect("pandas, Polars, SQL, assert_frame_equal: equal ids", matches([1, 2], [1, 2]), (True, True, True, True))
expect("small ids", matches([1, 2], [1, 3]), (False, False, False, False))
expect("ids beyond 2^53", matches([1, 2**53], [1, 2**53 + 1]), (True, True, False, False))
expect("ids of 19 digits, 60 apart", matches([1, 10**18], [1, 10**18 + 60]), (True, True, False, False))
amounts = [Decimal("12345678901234567.89")], [Decimal("12345678901234567.90")]
expect("amounts", matches(*amounts), (True, True, False, False))
old, new = pl.DataFrame({"row": [1], "day": [date(2024, 1, 2)]}), pl.DataFrame({"row": [1], "day": ["02/01/2024"]})
expect("a date and a text, on Polars", datacompy.PolarsCompare(old, new, join_columns="row").matches(), True)
PY

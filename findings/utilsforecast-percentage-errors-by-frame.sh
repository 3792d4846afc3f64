#!/usr/bin/env bash
# Question: Sales of three days were 0, 10 and 20. A forecast says 1000, 11 and 22, another says 0, 13 and 26. Which has
#   the smaller mean absolute percentage error by utilsforecast, which Nixtla's libraries evaluate with?
# Guess: The second, or the error is infinite for both. It does not matter whether the frame is pandas' or Polars'.
# What happens: With pandas the first has 0.1 and the second 0.3: the day of 0 is left out, and the mistake of 1000
#   counts nothing. With Polars both are NaN. A forecast of NaN is left out with pandas, too, also by mae, so that a
#   model which fails on hard days is the best; with Polars it is NaN, and a null is left out.
# Versions: utilsforecast 0.2.17, polars 2.1.0, pandas 2.3.3, scikit-learn 1.9.1, whose error is 1e18 for the first.
# For a user: Count the days that are left out, and use mae or mase where targets can be 0.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile utilsforecast==0.2.17 polars==2.1.0 pandas==2.3.3 pyarrow==26.0.1 scikit-learn==1.9.1 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import pandas as pd
import polars as pl
import utilsforecast
from sklearn.metrics import mean_absolute_percentage_error
from utilsforecast.losses import mae, mape

print("utilsforecast", utilsforecast.__version__, "| polars", pl.__version__, "| pandas", pd.__version__)
sales = pd.DataFrame({"unique_id": "a", "y": [0.0, 10, 20], "first": [1000.0, 11, 22], "second": [0.0, 13, 26]})


def scored(measure, frame):
    found = measure(frame, ["first", "second"], "unique_id")
    return [round(float(found[name][0]), 2) for name in ("first", "second")]


nan = float("nan")
expect("mape, pandas", scored(mape, sales), [0.1, 0.3])
expect("mape, Polars", scored(mape, pl.from_pandas(sales)), [nan, nan])
expect("mape by scikit-learn, first and second", [float(mean_absolute_percentage_error(sales["y"], sales[name])) > 1e9 for name in ("first", "second")], [True, False])
gaps = sales.assign(first=[nan, nan, 21.0])
expect("mae with two forecasts of NaN, pandas", scored(mae, gaps), [1.0, 3.0])
expect("Polars, null", scored(mae, pl.from_pandas(gaps)), [1.0, 3.0])
expect("Polars, NaN", scored(mae, pl.from_pandas(gaps).with_columns(pl.col("first").fill_null(nan))), [nan, 3.0])
PY

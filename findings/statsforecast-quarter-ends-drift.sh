#!/usr/bin/env bash
# Question: Quarterly totals are dated by the last day of the quarter: 31 December, 31 March, 30 June. statsforecast is
#   given freq="1q" with a Polars frame. What are the days of the next four forecasts?
# Guess: 30 September, 31 December, 31 March, 30 June, as with pandas and "QE".
# What happens: 30 September, 30 December, 30 March, 30 June: each step keeps the day of the last date. Half of the
#   forecasts find no row in a join with the totals that came later. freq="3mo", the same length, gives the ends of
#   months: only with the letters "mo" does statsforecast look for them. "1y" from 29 February gives 28 February of a
#   leap year.
# Versions: statsforecast 2.1.1, utilsforecast 0.2.17, polars 2.1.0, pandas 2.3.3.
# For a user: Use "3mo" and "12mo", and compare the days of forecasts with the calendar's.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile statsforecast==2.1.1 utilsforecast==0.2.17 polars==2.1.0 pyarrow==26.0.1 pandas==2.3.3 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import pandas as pd
import polars as pl
import statsforecast
import utilsforecast
from statsforecast import StatsForecast
from statsforecast.models import Naive

print("statsforecast", statsforecast.__version__, "| utilsforecast", utilsforecast.__version__, "| polars", pl.__version__, "| pandas", pd.__version__)


def days(frame, freq, count=4):
    found = StatsForecast([Naive()], freq=freq, n_jobs=1).forecast(df=frame, h=count)["ds"]
    return [str(day)[:10] for day in found]


def totals(*dates):
    return pd.DataFrame({"unique_id": "total", "ds": pd.to_datetime(list(dates)), "y": 1.0})


quarters = totals("2023-12-31", "2024-03-31", "2024-06-30")
ends = ["2024-09-30", "2024-12-31", "2025-03-31", "2025-06-30"]
expect("pandas, QE", days(quarters, "QE"), ends)
expect("Polars, 3mo", days(pl.from_pandas(quarters), "3mo"), ends)
expect("Polars, 1q", days(pl.from_pandas(quarters), "1q"), ["2024-09-30", "2024-12-30", "2025-03-30", "2025-06-30"])
actual = pl.DataFrame({"ds": pd.to_datetime(ends)}).cast({"ds": pl.Date})
forecast = StatsForecast([Naive()], freq="1q", n_jobs=1).forecast(df=pl.from_pandas(quarters), h=4)
expect("forecasts of 1q that find their quarter", len(actual.join(forecast.with_columns(pl.col("ds").cast(pl.Date)), on="ds")), 2)
years = totals("2022-02-28", "2023-02-28", "2024-02-29")
expect("Polars, 12mo", days(pl.from_pandas(years), "12mo"), ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"])
expect("Polars, 1y", days(pl.from_pandas(years), "1y"), ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-28"])
expect("pandas, YE-FEB", days(years, "YE-FEB"), ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"])
PY

#!/usr/bin/env bash
# Question: A model has no prediction for three of four films, and is wrong by 1 for the fourth. Another is wrong by 1,
#   2, 4 and 1. What are their errors by polars-ds?
# Guess: Missing predictions are left out, as "Nulls won't be counted in N" says, or the error is null.
# What happens: Missing predictions count as perfect ones: the mean absolute error is 0.25, not 1, and R2 is 0.8, better
#   than that of the model that predicts all. The sum leaves them out, and the divisor does not. So do the squared
#   error, SMAPE, MSLE, Huber and log-cosh; MAPE and log loss leave them out of both. If votes and predictions are
#   unsigned integers, differences wrap around: the absolute error of 2 against 3 and 3 against 2 is 0, and SMAPE,
#   "always between 0 and 1", is 4e8. From Int32, the squared error can be negative, and R2 above 1. There is no
#   warning.
# Versions: polars-ds 0.13.0, polars 2.1.0.
# For a user: Drop the rows without a prediction, count them, and cast to Float64 first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars-ds==0.13.0 polars==2.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import polars as pl
import polars_ds as pds

print("polars-ds", version("polars-ds"), "| polars", pl.__version__)
full = pl.DataFrame({"rating": [6.0, 7.0, 8.0, 5.0], "predicted": [5.0, 9.0, 4.0, 6.0]})
gaps = full.with_columns(predicted=pl.Series([None, None, None, 6.0]))
scores = {
    "mean absolute error": pds.query_l1("rating", "predicted"),
    "mean squared error": pds.query_l2("rating", "predicted"),
    "R2": pds.query_r2("rating", "predicted"),
    "SMAPE": pds.query_smape("rating", "predicted"),
    "MSLE": pds.query_msle("rating", "predicted"),
    "Huber": pds.query_hubor_loss("rating", "predicted", 1.0),
    "log-cosh": pds.query_log_cosh("rating", "predicted"),
    "MAPE": pds.query_mape("rating", "predicted"),
}


def scored(frame, name):
    return round(float(frame.select(scores[name]).item()), 3)


for name, found in {
    "mean absolute error": [2.0, 0.25, 1.0],
    "mean squared error": [5.5, 0.25, 1.0],
    "R2": [-3.4, 0.8, float("-inf")],
    "SMAPE": [0.16, 0.023, 0.091],
    "MSLE": [0.111, 0.006, 0.024],
    "Huber": [1.5, 0.125, 0.5],
    "log-cosh": [1.375, 0.108, 0.434],
    "MAPE": [0.288, 0.2, 0.2],
}.items():
    expect(f"{name}: all predicted, three missing, these rows dropped", [scored(frame, name) for frame in (full, gaps, gaps.drop_nulls())], found)
votes = pl.DataFrame({"rating": [2, 3], "predicted": [3, 2]})
expect("absolute error of [2, 3] and [3, 2], Int64", scored(votes, "mean absolute error"), 1.0)
expect("UInt32", scored(votes.cast(pl.UInt32), "mean absolute error"), 0.0)
expect("SMAPE, UInt32", scored(votes.cast(pl.UInt32), "SMAPE") > 1e8, True)
many = pl.DataFrame({"rating": [100_000, 200_000], "predicted": [0, 0]})
expect("squared error and R2 of Int64", [scored(many, "mean squared error"), scored(many, "R2")], [25000000000.0, -9.0])
expect("Int32", [scored(many.cast(pl.Int32), "mean squared error"), scored(many.cast(pl.Int32), "R2")], [-769803776.0, 1.308])
PY

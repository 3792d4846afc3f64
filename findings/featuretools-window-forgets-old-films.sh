#!/usr/bin/env bash
# Question: featuretools computes each film's ratings of the last 30 days with training_window="30 days". Films have
#   their day of release as time index, so that no film is known too early. What are the features of a film of 1999?
# Guess: The mean and sum of its ratings in the window: "how much time before the cutoff time data can be used".
# What happens: The window also cuts the table of films. The film of 1999 was not "seen" within 30 days, so it counts as
#   unknown: no mean, sum 0, even the year of its release is missing, although two ratings are in the window. There is
#   no warning. Without a time index on films, or with one of its ratings as last time index, it is right.
# Versions: featuretools 1.31.0, woodwork 0.31.0, pandas 2.3.3.
# For a user: All rows older than the window get the same empty features. Call add_last_time_indexes() before using
#   training_window, or compare with a query.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile featuretools==1.31.0 woodwork==0.31.0 pandas==2.3.3 numpy==2.4.6 "setuptools<80"

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import logging
import sqlite3

import featuretools as ft
import pandas as pd
import woodwork

logging.disable(logging.CRITICAL)
print("featuretools", ft.__version__, "| woodwork", woodwork.__version__, "| pandas", pd.__version__)
films = pd.DataFrame({"film": ["Matrix", "Dune"], "released": pd.to_datetime(["1999-03-31", "2023-12-20"])})
days = pd.to_datetime(["2023-12-01", "2023-12-25", "2023-12-30", "2023-12-26", "2023-12-29"])
ratings = pd.DataFrame({"id": range(5), "film": ["Matrix"] * 3 + ["Dune"] * 2, "day": days, "rating": [1.0, 9.0, 8.0, 5.0, 6.0]})


def features(time_index="released", last=False, **options):
    """Mean and sum of the ratings, and the year of release, of each film on the first day of 2024."""
    tables = ft.EntitySet("films")
    tables.add_dataframe(dataframe_name="films", dataframe=films.copy(), index="film", time_index=time_index)
    tables.add_dataframe(dataframe_name="ratings", dataframe=ratings.copy(), index="id", time_index="day")
    tables.add_relationship("films", "film", "ratings", "film")
    if last:
        tables.add_last_time_indexes()
    cutoff = pd.DataFrame({"film": films["film"], "time": pd.to_datetime("2024-01-01")})
    matrix, _ = ft.dfs(entityset=tables, target_dataframe_name="films", cutoff_time=cutoff, agg_primitives=["mean", "sum"], trans_primitives=["year"], **options)
    rows = matrix[["MEAN(ratings.rating)", "SUM(ratings.rating)", "YEAR(released)"]].astype(float)
    return {film: [None if pd.isna(value) else float(value) for value in row] for film, *row in rows.itertuples()}


dune = [5.5, 11.0, 2023.0]
expect("no window", features(), {"Matrix": [6.0, 18.0, 1999.0], "Dune": dune})
database = sqlite3.connect(":memory:")
ratings.astype({"day": str}).to_sql("ratings", database)
query = "select film, avg(rating), sum(rating) from ratings where day > '2023-12-02' group by film order by film desc"
expect("30 days, by SQL", database.execute(query).fetchall(), [("Matrix", 8.5, 17.0), ("Dune", 5.5, 11.0)])
expect("30 days", features(training_window="30 days"), {"Matrix": [None, 0.0, None], "Dune": dune})
right = {"Matrix": [8.5, 17.0, 1999.0], "Dune": dune}
expect("30 days, films without a time index", features(None, training_window="30 days"), right)
expect("30 days, with last time indexes", features(last=True, training_window="30 days"), right)
PY

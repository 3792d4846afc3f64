#!/usr/bin/env bash
# Question: Rows are summed by weeks and by two weeks, with each library's own function. Do the buckets agree?
# Guess: Weeks begin on Monday everywhere; two weeks may be named otherwise, but hold the same rows.
# What happens: Three Mondays in a row fall into buckets in three ways. Polars' "2w" begins on Mondays, but not on those
#   of DuckDB and pyarrow: each of its buckets has the last week of one of theirs and the first week of the next. Seven
#   days are not a week: Polars' "7d" and "14d", pyarrow's 7 days and DataFusion's date_bin, even of "1 week", begin on
#   Thursday, as 1 January 1970 was one. DuckDB's begin on Monday, for days as for weeks. pandas begins 14 days with the
#   first row that there is.
# Versions: polars 2.1.0, duckdb 2.0.1, pyarrow 25.0.1, datafusion 55.0.0, pandas 3.1.1.
# For a user: Compute the first day of a bucket from a date of one's own choice, by integer division.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 duckdb==2.0.1 pyarrow==25.0.1 datafusion==55.0.0 pandas==3.1.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt

import datafusion
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

print("polars", pl.__version__, "| duckdb", duckdb.__version__, "| pyarrow", pa.__version__, "| datafusion", datafusion.__version__)
days = [dt.datetime(2024, 1, 1) + dt.timedelta(weeks=week) for week in range(3)]  # Mondays
table = pa.table({"d": pa.array(days, pa.timestamp("us"))})
context = datafusion.SessionContext()
context.from_arrow(table, "days")


def starts(values):
    """The first day of each row's bucket."""
    return " ".join(f"{value:%a %d.%m.}" for value in values)


def by_polars(every):
    return starts(pl.from_arrow(table)["d"].dt.truncate(every))


def by_duckdb(width):
    return starts(row[0] for row in duckdb.connect().register("days", table).execute(f"select time_bucket(interval '{width}', d) from days order by d").fetchall())


def by_pyarrow(number, unit):
    return starts(pc.floor_temporal(table["d"], multiple=number, unit=unit).to_pylist())


def by_datafusion(width):
    return starts(row["b"] for row in context.sql(f"select date_bin(interval '{width}', d) as b from days order by d").to_pylist())


mondays, pairs, other = "Mon 01.01. Mon 08.01. Mon 15.01.", "Mon 01.01. Mon 01.01. Mon 15.01.", "Mon 25.12. Mon 08.01. Mon 08.01."
thursdays, thursday_pairs = "Thu 28.12. Thu 04.01. Thu 11.01.", "Thu 21.12. Thu 04.01. Thu 04.01."
expect("a week: Polars 1w", by_polars("1w"), mondays)
expect("a week: DuckDB 1 week", by_duckdb("1 week"), mondays)
expect("a week: pyarrow 1 week", by_pyarrow(1, "week"), mondays)
expect("a week: DataFusion 1 week", by_datafusion("1 week"), thursdays)
expect("seven days: Polars 7d", by_polars("7d"), thursdays)
expect("seven days: DuckDB 7 days", by_duckdb("7 days"), mondays)
expect("seven days: pyarrow 7 days", by_pyarrow(7, "day"), thursdays)
expect("two weeks: DuckDB 2 weeks", by_duckdb("2 weeks"), pairs)
expect("two weeks: pyarrow 2 weeks", by_pyarrow(2, "week"), pairs)
expect("two weeks: Polars 2w", by_polars("2w"), other)
expect("two weeks: Polars group_by_dynamic 2w", starts(pl.from_arrow(table).group_by_dynamic("d", every="2w").agg(pl.len())["d"]), "Mon 25.12. Mon 08.01.")
expect("two weeks: Polars 14d", by_polars("14d"), thursday_pairs)
expect("two weeks: DataFusion 2 weeks", by_datafusion("2 weeks"), thursday_pairs)
series = pd.Series(1, index=pd.DatetimeIndex(days))
expect("two weeks: pandas 14D", starts(series.resample("14D").sum().index), "Mon 01.01. Mon 15.01.")
expect("two weeks: pandas 14D, without the first row", starts(series[1:].resample("14D").sum().index), "Mon 08.01.")
PY

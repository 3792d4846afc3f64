#!/usr/bin/env bash
# Question: A Dagster asset has days as partitions, with keys like 01-02-2024 (fmt="%d-%m-%Y"), and a column with this
#   text. What does a second run of 1 January replace?
# Guess: The rows of 1 January, as with fmt="%Y-%m-%d".
# What happens: dagster-delta replaces the texts from "01-01-2024" up to, but not including, "02-01-2024": the rows of
#   1 February are gone, and would be the rows of the first day of every month. dagster-duckdb compares with
#   "2024-01-01 00:00:00" in any format, finds nothing to replace, and the rows of 1 January are there twice. Both
#   runs are green. dagster-iceberg refuses a column of text.
# Versions: dagster 1.13.27, dagster-delta 0.5.9, dagster-duckdb-polars 0.29.27, deltalake 1.6.6.
# For a user: A retry deletes data of other days, or doubles its own. Make the column a DATE, and let only the key be
#   text.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile dagster==1.13.27 dagster-delta==0.5.9 dagster-duckdb-polars==0.29.27 deltalake==1.6.6 duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt
import logging
import os
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
import dagster as dg
import duckdb
import polars as pl
from dagster_delta import DeltaLakePolarsIOManager, LocalConfig
from dagster_duckdb_polars import DuckDBPolarsIOManager

print("dagster", dg.__version__)
here = os.getcwd()


def in_duckdb(table):
    with duckdb.connect("films.duckdb") as con:
        return [row[0] for row in con.execute(f"select day from n.{table}").fetchall()]


managers = {
    "delta": (DeltaLakePolarsIOManager(root_uri=f"{here}/delta", storage_options=LocalConfig(), schema="n"), lambda table: pl.read_delta(f"{here}/delta/n/{table}")["day"].to_list()),
    "duckdb": (DuckDBPolarsIOManager(database="films.duckdb", schema="n"), in_duckdb),
}


def stored(manager, read, fmt, as_date):
    """The days in the table after 1 January, 1 February and again 1 January have run."""
    table = f"films_{as_date}_{fmt[1]}".lower()
    days = dg.DailyPartitionsDefinition(start_date=dt.datetime(2024, 1, 1), end_offset=0, fmt=fmt)

    @dg.asset(name=table, partitions_def=days, metadata={"partition_expr": "day", "mode": "overwrite"})
    def films(context) -> pl.DataFrame:
        frame = pl.DataFrame({"day": [context.partition_key], "films": [1]})
        return frame.with_columns(pl.col("day").str.to_date(fmt)) if as_date else frame

    with dg.DagsterInstance.ephemeral() as instance:
        for day in (dt.date(2024, 1, 1), dt.date(2024, 2, 1), dt.date(2024, 1, 1)):
            dg.materialize([films], instance=instance, resources={"io_manager": manager}, partition_key=day.strftime(fmt))
    return sorted(map(str, read(table)))


for name, wrong in (("delta", ["01-01-2024"]), ("duckdb", ["01-01-2024", "01-01-2024", "01-02-2024"])):
    expect(f"{name}, text, day first", stored(*managers[name], "%d-%m-%Y", as_date=False), wrong)
    expect(f"{name}, date, day first", stored(*managers[name], "%d-%m-%Y", as_date=True), ["2024-01-01", "2024-02-01"])
expect("delta, text, year first", stored(*managers["delta"], "%Y-%m-%d", as_date=False), ["2024-01-01", "2024-02-01"])
expect("duckdb, text, year first", stored(*managers["duckdb"], "%Y-%m-%d", as_date=False), ["2024-01-01", "2024-01-01", "2024-02-01"])
PY

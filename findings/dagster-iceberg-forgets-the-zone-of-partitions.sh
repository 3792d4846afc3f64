#!/usr/bin/env bash
# Question: A Dagster asset has days in New York as partitions (timezone="America/New_York") and a column with times
#   in UTC. Which rows does dagster-iceberg read and replace for one day?
# Guess: Those of the partition's time window, which Dagster gives with its zone: 05:00 to 05:00 UTC in winter.
# What happens: It strips the zone and takes the hours as they are: 00:00 to 00:00 UTC. A downstream asset gets the
#   day without its evening, and a run of the next day deletes that evening from the table, which only another run of
#   its day brings back. All runs are green. dagster-delta has the same filter, but refuses to write the rows outside
#   of it.
# Versions: dagster 1.13.27, dagster-iceberg 0.3.14, pyiceberg 0.11.1; dagster-delta 0.5.9.
# For a user: Rows vanish, and come and go with the order of runs. Use partitions in UTC, or a column with the local
#   day.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile dagster==1.13.27 dagster-iceberg==0.3.14 dagster-delta==0.5.9 'pyiceberg[sql-sqlite]==0.11.1' pyiceberg-core==0.8.0 deltalake==1.6.6 polars==2.1.0 pyarrow==26.0.1

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
import polars as pl
from dagster_delta import DeltaLakePolarsIOManager, LocalConfig
from dagster_iceberg.config import IcebergCatalogConfig
from dagster_iceberg.io_manager.polars import PolarsIcebergIOManager
from pyiceberg.catalog.sql import SqlCatalog

print("dagster", dg.__version__)
here = os.getcwd()
properties = {"uri": f"sqlite:///{here}/catalog.db", "warehouse": f"file://{here}/lake"}
catalog = SqlCatalog("c", **properties)
catalog.create_namespace("n")
iceberg = PolarsIcebergIOManager(name="c", config=IcebergCatalogConfig(properties={"type": "sql", **properties}), namespace="n")
delta = DeltaLakePolarsIOManager(root_uri=f"{here}/delta", storage_options=LocalConfig(), schema="n")
loaded = {}


def ratings(zone, name):
    """Two assets: the ratings of a day in the zone, and what a downstream asset gets of them."""
    days = dg.DailyPartitionsDefinition(start_date="2024-01-01", end_date="2024-01-05", timezone=zone)

    @dg.asset(name=name, partitions_def=days, metadata={"partition_expr": "at", "mode": "overwrite"})
    def table(context) -> pl.DataFrame:
        start = context.partition_time_window.start.astimezone(dt.UTC).replace(tzinfo=None)
        hours = [1, 12, 23]
        return pl.DataFrame({"day": context.partition_key, "hour": hours, "at": [start + dt.timedelta(hours=hour) for hour in hours]})

    @dg.asset(name=f"read_{name}", partitions_def=days, ins={"table": dg.AssetIn(name)}, io_manager_key="memory")
    def reader(context, table: pl.DataFrame) -> None:
        loaded[context.partition_key] = sorted(table["hour"].to_list())

    return [table, reader]


def stored(name):
    rows = catalog.load_table(f"n.{name}").scan().to_arrow().to_pylist()
    return {day: sorted(row["hour"] for row in rows if row["day"] == day) for day in ("2024-01-01", "2024-01-02")}


def run(assets, manager, day):
    with dg.DagsterInstance.ephemeral() as instance:
        resources = {"io_manager": manager, "memory": dg.mem_io_manager}
        return dg.materialize(assets, instance=instance, resources=resources, partition_key=day, raise_on_error=False).success


for zone, name, lost in (("UTC", "utc", False), ("America/New_York", "new_york", True)):
    assets = ratings(zone, name)
    expect(f"{zone}: first day", run(assets, iceberg, "2024-01-01"), True)
    expect(f"{zone}: stored", stored(name), {"2024-01-01": [1, 12, 23], "2024-01-02": []})
    expect(f"{zone}: loaded", loaded.pop("2024-01-01"), [1, 12] if lost else [1, 12, 23])
    expect(f"{zone}: second day", run(assets, iceberg, "2024-01-02"), True)
    expect(f"{zone}: stored", stored(name), {"2024-01-01": [1, 12] if lost else [1, 12, 23], "2024-01-02": [1, 12, 23]})
expect("delta, New York: first day", run(ratings("America/New_York", "by_delta"), delta, "2024-01-01"), False)
PY

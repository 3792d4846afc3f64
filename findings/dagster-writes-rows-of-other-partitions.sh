#!/usr/bin/env bash
# Question: An asset of the partition "drama" returns a row of "comedy" as well, and is run twice. What do the IO
#   managers store?
# Guess: They refuse the row, or drop it: a run of one partition changes that partition.
# What happens: dagster-iceberg and dagster-duckdb first delete the rows of drama and then append all rows. The row of
#   comedy is stored by a run that was not for it, and once more by each further run. dagster-delta refuses it. All
#   runs of the first two are green.
# Versions: dagster 1.13.27, dagster-iceberg 0.3.14, dagster-duckdb-polars 0.29.27, dagster-delta 0.5.9.
# For a user: A slip at the border of a partition (a late row, a changed genre) becomes duplicates that grow with each
#   retry. Filter by context.partition_key at the end of the asset.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile dagster==1.13.27 dagster-iceberg==0.3.14 dagster-delta==0.5.9 dagster-duckdb-polars==0.29.27 'pyiceberg[sql-sqlite]==0.11.1' pyiceberg-core==0.8.0 deltalake==1.6.6 duckdb==2.0.1 polars==2.1.0 pyarrow==26.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


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
from dagster_iceberg.config import IcebergCatalogConfig
from dagster_iceberg.io_manager.polars import PolarsIcebergIOManager
from pyiceberg.catalog.sql import SqlCatalog

here = os.getcwd()
properties = {"uri": f"sqlite:///{here}/catalog.db", "warehouse": f"file://{here}/lake"}
catalog = SqlCatalog("c", **properties)
catalog.create_namespace("n")


def in_duckdb():
    with duckdb.connect("films.duckdb") as con:
        return con.execute("select id, genre from n.films").fetchall()


managers = {
    "iceberg": (
        PolarsIcebergIOManager(name="c", config=IcebergCatalogConfig(properties={"type": "sql", **properties}), namespace="n"),
        lambda: [tuple(row.values()) for row in catalog.load_table("n.films").scan().to_arrow().to_pylist()],
    ),
    "duckdb": (DuckDBPolarsIOManager(database="films.duckdb", schema="n"), in_duckdb),
    "delta": (DeltaLakePolarsIOManager(root_uri=f"{here}/delta", storage_options=LocalConfig(), schema="n"), list),
}


@dg.asset(partitions_def=dg.StaticPartitionsDefinition(["comedy", "drama"]), metadata={"partition_expr": "genre", "mode": "overwrite"})
def films(context) -> pl.DataFrame:
    return pl.DataFrame({"id": [1, 2], "genre": [context.partition_key, "comedy"]})


print("dagster", dg.__version__)
drama, comedy = (1, "drama"), (2, "comedy")
for name, (manager, read) in managers.items():
    with dg.DagsterInstance.ephemeral() as instance:
        seen = []
        for _ in range(2):
            run = dg.materialize([films], instance=instance, resources={"io_manager": manager}, partition_key="drama", raise_on_error=False)
            seen.append((run.success, sorted(read())))
    stored = [(True, [drama, comedy]), (True, [drama, comedy, comedy])]
    expect(name, seen, [(False, []), (False, [])] if name == "delta" else stored)
PY

#!/usr/bin/env bash
# Question: An Iceberg table is partitioned by truncate(2) of the title. Does Daft find a title by equality?
# Guess: Yes, in any script: the transform counts characters, and pyiceberg, Polars and DataFusion find it.
# What happens: Daft cuts the searched value after two bytes, which is one Cyrillic letter, and looks into a
#   partition that does not exist: no row, no error. Titles of ASCII letters are found, and so is every title
#   without a filter, or with like. If the cut falls inside a letter (truncate(3)), the query fails.
# Versions: daft 0.7.26, pyiceberg 0.12.0, polars 2.1.0.
# For a user: Tests with English titles pass, and films of other countries are lost. Partition by bucket()
#   instead.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile daft==0.7.26 polars==2.1.0 pyarrow==25.0.1 pyiceberg-core==0.11.0 'pyiceberg[sql-sqlite,pyarrow]==0.12.0'

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import os
import warnings

warnings.filterwarnings("ignore")
import pyarrow as pa
import pyiceberg
from pyiceberg.catalog.sql import SqlCatalog

catalog = SqlCatalog("lake", uri=f"sqlite:///{os.getcwd()}/catalog.db", warehouse=f"file://{os.getcwd()}/lake")
catalog.create_namespace("n")
print("pyiceberg", pyiceberg.__version__)
import daft
import polars as pl
from pyiceberg.transforms import BucketTransform, TruncateTransform

print("daft", daft.__version__)
titles = ["Дом", "Яма", "Ёлка", "Amelie", "Zebra"]
rows = pa.table({"title": titles})


def found(name, transform):
    """How many rows pyiceberg, Polars and Daft find for each title."""
    table = catalog.create_table(f"n.{name}", schema=rows.schema)
    with table.update_spec() as spec:
        spec.add_field("title", transform, "part")
    table.append(rows)
    frame = daft.read_iceberg(table)
    return {
        "pyiceberg": [table.scan(row_filter=f"title = '{title}'").to_arrow().num_rows for title in titles],
        "polars": [pl.scan_iceberg(table).filter(pl.col("title") == title).collect().height for title in titles],
        "daft": [frame.where(daft.col("title") == title).count_rows() for title in titles],
        "daft, like": [len(daft.sql(f"select title from frame where title like '{title}'", frame=frame).to_pydict()["title"]) for title in titles],
    }


all_rows = [1, 1, 1, 1, 1]
lost = {"pyiceberg": all_rows, "polars": all_rows, "daft": [0, 0, 0, 1, 1], "daft, like": all_rows}
expect("truncate(2)", found("two", TruncateTransform(2)), lost)
expect("truncate(4)", found("four", TruncateTransform(4)), lost)
expect("bucket(4)", found("bucket", BucketTransform(4)), dict.fromkeys(lost, all_rows))
PY

#!/usr/bin/env bash
# Question: table.delete("a != 'y'") in pyiceberg: do rows whose a is null stay?
# Guess: They stay, as in SQL, and as a scan with the same filter does not return them.
# What happens: It depends on the neighbours. If the file also holds a 'y' it is rewritten and the null row
#   stays. If 'y' lies outside the minimum and maximum of the file, the file is dropped whole, and the null
#   row with it.
# Versions: pyiceberg 0.12.0.
# For a user: Rows that the filter does not select are deleted for good. Delete with "a != 'y' and a is not
#   null".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'pyiceberg[sql-sqlite,pyarrow]==0.12.0'

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import os
import warnings

import pyarrow as pa
import pyiceberg
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.types import StringType

warnings.filterwarnings("ignore")
catalog = SqlCatalog("lake", uri=f"sqlite:///{os.getcwd()}/catalog.db", warehouse=f"file://{os.getcwd()}/lake")
catalog.create_namespace("n")
print("pyiceberg", pyiceberg.__version__)


def create(name, rows, partition=None):
    table = catalog.create_table(f"n.{name}", schema=rows.schema)
    if partition:
        with table.update_spec() as spec:
            spec.add_field(*partition)
    table.append(rows)
    return table


for name, values, left in (("with_y", ["x", "y", None], ["y", None]), ("without_y", ["a", "b", None], [])):
    table = create(name, pa.table({"a": values}))
    selected = table.scan(row_filter="a != 'y'").to_arrow()["a"].to_pylist()
    expect(f"{values}: the filter selects", selected, [a for a in values if a not in ("y", None)])
    table.delete("a != 'y'")
    expect(f"{values}: left after the delete", table.scan().to_arrow()["a"].to_pylist(), left)
table = create("safe", pa.table({"a": ["a", "b", None]}))
table.delete("a != 'y' and a is not null")
expect("with 'and a is not null'", table.scan().to_arrow()["a"].to_pylist(), [None])
PY

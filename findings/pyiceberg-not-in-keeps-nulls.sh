#!/usr/bin/env bash
# Question: In a pyiceberg scan, does a NOT IN ('y', 'q') treat null like a != 'y' AND a != 'q'?
# Guess: Yes: SQL drops null rows for both.
# What happens: != drops null rows, NOT IN keeps them. Negation too: not (a = 'y') drops them, not (a in
#   ('y', 'q')) keeps them. And NOT IN with one value is turned into !=, so that it drops them again.
# Versions: pyiceberg 0.12.0.
# For a user: Adding a second value to an exclusion list adds all null rows to the answer. Write 'and a is
#   not null' beside it.
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


table = create("t", pa.table({"a": ["x", "y", None]}))


def scan(condition):
    return table.scan(row_filter=condition).to_arrow()["a"].to_pylist()


expect("a != 'y' and a != 'q'", scan("a != 'y' and a != 'q'"), ["x"])
expect("a not in ('y', 'q')", scan("a not in ('y', 'q')"), ["x", None])
expect("not (a in ('y', 'q'))", scan("not (a in ('y', 'q'))"), ["x", None])
expect("a not in ('y')", scan("a not in ('y')"), ["x"])
PY

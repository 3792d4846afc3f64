#!/usr/bin/env bash
# Question: Two writers upsert the same new key into an Iceberg table at the same time. What does the table hold?
# Guess: One row: the second commit is refused, as that of two overwrites is, or it updates the row.
# What happens: Both commits succeed, and the key is there twice. The second writer looked for the key in its older
#   snapshot, so its row is an append, and an append is put on top of any newer snapshot. It does not help that the
#   upsert also updates another key. Two upserts of an old key are refused; so are two delete-and-append of a new key.
# Versions: pyiceberg 0.12.0.
# For a user: With several writers, write new keys by overwrite(rows, overwrite_filter=keys), which is refused here and
#   can be tried again; or look for doubled keys. A later upsert changes both rows and leaves both.
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

import logging
import os
import warnings

import pyarrow as pa
import pyiceberg
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import ValidationException

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
print("pyiceberg", pyiceberg.__version__)


def catalog():
    return SqlCatalog("lake", uri=f"sqlite:///{os.getcwd()}/catalog.db", warehouse=f"file://{os.getcwd()}/lake")


def rows(*pairs):
    return pa.table({"id": [id for id, _ in pairs], "title": [title for _, title in pairs]})


def upsert(*pairs):
    return lambda table: table.upsert(rows(*pairs), join_cols=["id"])


def overwrite(*pairs):
    keys = ", ".join(str(id) for id, _ in pairs)
    return lambda table: table.overwrite(rows(*pairs), overwrite_filter=f"id in ({keys})")


def delete_and_append(id, title):
    def write(table):
        with table.transaction() as transaction:
            transaction.delete(f"id = {id}")
            transaction.append(rows((id, title)))

    return write


def after(name, first, second):
    """Whether the second write was taken, and the rows; both writers opened the table when it held film 1 alone."""
    catalog().create_table(f"n.{name}", schema=rows((1, "")).schema).append(rows((1, "one")))
    mine, yours = catalog().load_table(f"n.{name}"), catalog().load_table(f"n.{name}")
    first(mine)
    try:
        second(yours)
        outcome = "taken"
    except ValidationException:
        outcome = "refused"
    return outcome, held(name)


def held(name):
    return sorted(tuple(row.values()) for row in catalog().load_table(f"n.{name}").scan().to_arrow().to_pylist())


catalog().create_namespace("n")
new = (2, "two")
expect("upsert of a new key, twice", after("a", upsert(new), upsert(new)), ("taken", [(1, "one"), new, new]))
expect("the second also updates", after("b", upsert(new), upsert((1, "uno"), new)), ("taken", [(1, "uno"), new, new]))
expect("of an old key", after("c", upsert((1, "uno")), upsert((1, "eins"))), ("refused", [(1, "uno")]))
expect("overwrite of a new key", after("d", overwrite(new), overwrite(new)), ("refused", [(1, "one"), new]))
expect("delete and append", after("e", delete_and_append(*new), delete_and_append(*new)), ("refused", [(1, "one"), new]))
catalog().load_table("n.a").upsert(rows((2, "zwei")), join_cols=["id"])
expect("upsert of the doubled key", held("a"), [(1, "one"), (2, "zwei"), (2, "zwei")])
PY

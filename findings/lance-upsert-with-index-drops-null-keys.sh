#!/usr/bin/env bash
# Question: A Lance table is upserted by a key (merge_insert, update matched, insert unmatched). One new row has no
#   key. Does an index on the key change the result?
# Guess: No. An index changes how fast rows are found.
# What happens: Without the index the row is inserted, as a null matches nothing. With a BTREE or BITMAP index on the
#   key it is neither inserted nor counted: it is lost. All other rows are treated alike. delta-rs inserts it. In both
#   libraries a NaN matches a NaN; a -0.0 matches 0.0 in delta-rs, but not in Lance.
# Versions: pylance 14.0.2, deltalake 1.6.6, pyarrow 25.0.1.
# For a user: Creating an index, which is maintenance, starts to lose rows. Compare num_inserted_rows plus
#   num_updated_rows with the number of rows given, or filter out missing keys first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pylance==14.0.2 deltalake==1.6.6 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import itertools
import os

import deltalake
import lance
import pyarrow as pa

print("lance", lance.__version__, "| deltalake", deltalake.__version__)
names = (f"table_{number}" for number in itertools.count())
nan = float("nan")


def table(keys, votes):
    return pa.table({"key": pa.array(keys, pa.float64()), "votes": [votes] * len(keys)})


def by_lance(keys, index):
    """The table after an upsert, and Lance's own counts."""
    dataset = lance.write_dataset(table([1.0, 0.0, nan], 10), next(names))
    if index:
        dataset.create_scalar_index("key", index)
        dataset = lance.dataset(dataset.uri)
    counts = dataset.merge_insert("key").when_matched_update_all().when_not_matched_insert_all().execute(table(keys, 11))
    return lance.dataset(dataset.uri).count_rows(), counts["num_updated_rows"], counts["num_inserted_rows"]


def by_delta(keys):
    deltalake.write_deltalake(name := next(names), table([1.0, 0.0, nan], 10))
    merge = deltalake.DeltaTable(name).merge(table(keys, 11), "old.key = new.key", source_alias="new", target_alias="old")
    counts = merge.when_matched_update_all().when_not_matched_insert_all().execute()
    return deltalake.DeltaTable(name).to_pyarrow_table().num_rows, counts["num_target_rows_updated"], counts["num_target_rows_inserted"]


for what, keys, plain, indexed, delta in (
    ("a known and a new key", [1.0, 2.0], (4, 1, 1), (4, 1, 1), (4, 1, 1)),
    ("a known and no key", [1.0, None], (4, 1, 1), (3, 1, 0), (4, 1, 1)),
    ("NaN", [nan], (3, 1, 0), (3, 1, 0), (3, 1, 0)),
    ("-0.0", [-0.0], (4, 0, 1), (4, 0, 1), (3, 1, 0)),
):
    expect(f"{what}: rows, updated, inserted: Lance", by_lance(keys, index=None), plain)
    for index in ("BTREE", "BITMAP"):
        expect(f"{what}: rows, updated, inserted: Lance with {index}", by_lance(keys, index), indexed)
    expect(f"{what}: rows, updated, inserted: delta-rs", by_delta(keys), delta)
sys.stdout.flush()
os._exit(0)  # Lance's threads can abort Python while it shuts down.
PY

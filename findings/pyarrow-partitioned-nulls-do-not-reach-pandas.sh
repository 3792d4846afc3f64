#!/usr/bin/env bash
# Question: pandas writes a frame to Parquet, partitioned by genre, and reads the folder again. Some genres are
#   missing. Does that work?
# Guess: Yes. It is one library on both sides, and the missing genres are in a folder __HIVE_DEFAULT_PARTITION__.
# What happens: read_parquet raises "Cannot yet unify dictionaries with nulls", for folders of any writer: genre is a
#   dictionary, of which to_pandas() and sort_by() cannot join the parts if one has a null. read_table alone succeeds,
#   and shows the nulls. One missing row beside others is enough; if all are missing, even read_table fails.
#   pyarrow.dataset reads the column as text, and pandas takes that.
# Versions: pyarrow 25.0.1, pandas 3.1.1.
# For a user: A table that could be read for years fails on the day of the first missing value. Use
#   pyarrow.dataset.dataset(folder, partitioning="hive").to_table().to_pandas().
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pyarrow==25.0.1 pandas==3.1.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq

print("pyarrow", pa.__version__, "| pandas", pd.__version__)


def read(name, genres):
    """The genres by pandas, by pyarrow, and by a dataset for pandas."""
    pd.DataFrame({"id": range(len(genres)), "genre": genres}).to_parquet(name, partition_cols=["genre"])
    try:
        by_pandas = pd.read_parquet(name).sort_values("id")["genre"].astype(object).fillna("missing").tolist()
    except pa.ArrowInvalid as error:
        by_pandas = str(error)
    by_pyarrow = pq.read_table(name).to_pydict()
    by_dataset = pyarrow.dataset.dataset(name, partitioning="hive").to_table().to_pandas().sort_values("id")
    return by_pandas, [genre for _, genre in sorted(zip(by_pyarrow["id"], by_pyarrow["genre"]))], by_dataset["genre"].fillna("missing").tolist()


expect("none missing", read("a", ["Drama", "Comedy"]), (["Drama", "Comedy"], ["Drama", "Comedy"], ["Drama", "Comedy"]))
expect("one missing", read("b", ["Drama", None]), ("Cannot yet unify dictionaries with nulls", ["Drama", None], ["Drama", "missing"]))
try:
    pq.read_table("b").sort_by("id")
    expect("sort_by", "sorted", "failed")
except pa.ArrowInvalid as error:
    expect("sort_by", str(error), "Cannot yet unify dictionaries with nulls")
pd.DataFrame({"id": [1], "genre": [None]}).to_parquet("c", partition_cols=["genre"])
try:
    pq.read_table("c")
    expect("all missing", "read", "failed")
except pa.ArrowInvalid as error:
    expect("all missing", "No non-null segments" in str(error), True)
PY

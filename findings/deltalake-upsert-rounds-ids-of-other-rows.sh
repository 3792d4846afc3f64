#!/usr/bin/env bash
# Question: A pandas frame is upserted into a Delta table by id. One of its ids was missing, so pandas holds them as
#   floats. What happens to rows of the table that the frame does not mention?
# Guess: Nothing: an upsert changes rows that match, and inserts others. The other rows of a file are copied.
# What happens: Their ids are rounded to floats: 1234567890123456789 becomes ...768, and ids that differed are equal.
#   delta-rs gives each column one type for updated, inserted and copied rows, here DOUBLE, and casts the result back
#   to the table's type. It affects every row in each file in which a row matches, and every column that is an integer
#   in the table and a float in the source. Polars' write_delta does the same. Without an insert the ids survive, and
#   a file without a match is left alone. DuckDB's MERGE leaves other rows alone.
# Versions: deltalake 1.6.6, polars 2.1.0, pandas 3.1.1, duckdb 2.0.1.
# For a user: Cast the source to the table's types before a merge. restore() brings the version before back.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile deltalake==1.6.6 polars==2.1.0 pandas==3.1.1 pyarrow==25.0.1 duckdb==2.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import deltalake
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa

print("deltalake", deltalake.__version__, "| polars", pl.__version__, "| pandas", pd.__version__)
table = pa.table({"id": [7, 1234567890123456789, 1234567890123456790], "votes": [1, 2, 3]})
frame = pd.DataFrame({"id": [7, None], "votes": [100, 200]})
expect("pandas' type of the ids", str(frame.id.dtype), "float64")
frame = frame.dropna()


def rows(name):
    return sorted(pl.read_delta(name).rows())


def merged(name, source, insert=True):
    deltalake.write_deltalake(name, table)
    merge = deltalake.DeltaTable(name).merge(source, "t.id = s.id", source_alias="s", target_alias="t").when_matched_update({"votes": "s.votes"})
    counts = (merge.when_not_matched_insert_all() if insert else merge).execute()
    expect(f"{name}: updated, copied", (counts["num_target_rows_updated"], counts["num_target_rows_copied"]), (1, 2))
    return rows(name)


right = [(7, 100), (1234567890123456789, 2), (1234567890123456790, 3)]
rounded = [(7, 100), (1234567890123456768, 2), (1234567890123456768, 3)]
expect("floats", merged("floats", pa.Table.from_pandas(frame, preserve_index=False)), rounded)
expect("floats, update only", merged("update", pa.Table.from_pandas(frame, preserve_index=False), insert=False), right)
expect("integers", merged("integers", pa.Table.from_pandas(frame.astype("int64"), preserve_index=False)), right)
expect("texts", merged("texts", pa.table({"id": ["7"], "votes": [100]})), right)
deltalake.write_deltalake("polars", table)
options = {"predicate": "t.id = s.id", "source_alias": "s", "target_alias": "t"}
pl.from_pandas(frame).write_delta("polars", mode="merge", delta_merge_options=options).when_matched_update_all().when_not_matched_insert_all().execute()
expect("Polars, floats", rows("polars"), rounded)
duck = duckdb.connect()
duck.register("films", table).execute("create table t as from films")
duck.register("s", frame).execute("merge into t using s on t.id = s.id when matched then update set votes = s.votes when not matched then insert by name")
expect("DuckDB, floats", duck.execute("from t order by id").fetchall(), right)
deltalake.DeltaTable("floats").restore(0)
expect("floats, restored", rows("floats"), [(7, 1), (1234567890123456789, 2), (1234567890123456790, 3)])
PY

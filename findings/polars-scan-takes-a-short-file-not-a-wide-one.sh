#!/usr/bin/env bash
# Question: Two Parquet files of one table differ in a column. Which queries of pl.scan_parquet over both files fail?
# Guess: All or none; Polars is known to be strict about schemas.
# What happens: It depends on the order of the files, as the first one's columns are expected of all. If the second has
#   a column more, every query fails, even a count of rows. If it lacks a column, or has text for a number, every query
#   passes that does not select that column. DuckDB and pyarrow count the rows in each case. They leave the further
#   column out without a word, read the text as numbers, and for the missing column DuckDB fails and pyarrow gives null.
# Versions: polars 2.1.0, duckdb 2.0.0, pyarrow 25.0.1.
# For a user: A count, or a query of a few columns, does not show that the files agree. Compare their schemas, or pass
#   schema= and say what may differ: missing_columns, extra_columns, cast_options.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 duckdb==2.0.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

print("polars", pl.__version__, "duckdb", duckdb.__version__, "pyarrow", pa.__version__)
pl.DataFrame({"id": [1, 2], "votes": [10, 20]}).write_parquet("full.parquet")
pl.DataFrame({"id": [3]}).write_parquet("short.parquet")
pl.DataFrame({"id": [3], "votes": ["30"]}).write_parquet("text.parquet")


def answer(query):
    """The query's result, or the name of its error."""
    try:
        return query()
    except (pl.exceptions.PolarsError, duckdb.Error) as error:
        return type(error).__name__


def answers(files):
    """What each library says to a count, to the ids and to the votes of the files."""
    scan, dataset, table = pl.scan_parquet(files), ds.dataset(files), f"read_parquet({files})"
    return {
        "Polars": (
            answer(lambda: scan.select(pl.len()).collect().item()),
            answer(lambda: scan.select("id").collect()["id"].to_list()),
            answer(lambda: scan.select("votes").collect()["votes"].to_list()),
        ),
        "DuckDB": (
            answer(lambda: duckdb.sql(f"select count(*) from {table}").fetchall()[0][0]),
            answer(lambda: [id for (id,) in duckdb.sql(f"select id from {table}").fetchall()]),
            answer(lambda: [votes for (votes,) in duckdb.sql(f"select votes from {table}").fetchall()]),
        ),
        "pyarrow": (
            dataset.count_rows(),
            dataset.to_table(["id"])["id"].to_pylist(),
            dataset.to_table(["votes"])["votes"].to_pylist() if "votes" in dataset.schema.names else "no such column",
        ),
    }


ids, swapped = [1, 2, 3], [3, 1, 2]
for files, polars, in_duckdb, in_pyarrow in (
    (
        ["full.parquet", "short.parquet"],
        (3, ids, "ColumnNotFoundError"),
        (3, ids, "InvalidInputException"),
        (3, ids, [10, 20, None]),
    ),
    (
        ["full.parquet", "text.parquet"],
        (3, ids, "SchemaError"),
        (3, ids, [10, 20, 30]),
        (3, ids, [10, 20, 30]),
    ),
    (
        ["short.parquet", "full.parquet"],
        ("SchemaError", "SchemaError", "ColumnNotFoundError"),
        (3, swapped, "BinderException"),
        (3, swapped, "no such column"),
    ),
):
    given = answers(files)
    for library, wanted in (("Polars", polars), ("DuckDB", in_duckdb), ("pyarrow", in_pyarrow)):
        expect(f"{' + '.join(files)}, {library}", given[library], wanted)
PY

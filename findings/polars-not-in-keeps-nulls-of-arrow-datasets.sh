#!/usr/bin/env bash
# Question: Which rows does ~pl.col("genre").is_in(["Drama"]) keep?
# Guess: Those with another genre. A missing genre gives null, and a filter drops it.
# What happens: So it is for a frame and for scan_parquet. Through a pyarrow dataset of the same file, Polars hands
#   the condition over to pyarrow, where a missing genre is "not in": the rows with null stay. With "!=" they go. An
#   empty list, from which nothing is excluded, keeps all rows in one case and drops the nulls in the other.
# Versions: polars 2.1.0 (scan_pyarrow_dataset), pyarrow 25.0.1. A Vortex file (vortex-data 0.93.0) read as a dataset:
#   the same; read by its own to_polars(): right.
# For a user: The same expression counts other rows once the table is read as a dataset. Write col.is_not_null() &
#   ~col.is_in(...).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 pyarrow==25.0.1 vortex-data==0.93.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import polars as pl
import pyarrow.dataset
import vortex

print("polars", pl.__version__)
films = pl.DataFrame({"id": [1, 2, 3, 4], "genre": ["Drama", "Comedy", None, "Horror"]})
films.write_parquet("films.parquet")
vortex.io.write(films.to_arrow(), "films.vortex")
genre = pl.col("genre")
frames = {
    "frame": films.lazy(),
    "scan_parquet": pl.scan_parquet("films.parquet"),
    "vortex": vortex.open("films.vortex").to_polars(),
    "pyarrow dataset": pl.scan_pyarrow_dataset(pyarrow.dataset.dataset("films.parquet")),
    "vortex dataset": pl.scan_pyarrow_dataset(vortex.open("films.vortex").to_dataset()),
}


def ask(condition):
    return {name: frame.filter(condition).collect()["id"].to_list() for name, frame in frames.items()}


def differ(one, other):
    return {name: other if "dataset" in name else one for name in frames}


expect("not in Drama", ask(~genre.is_in(["Drama"])), differ([2, 4], [2, 3, 4]))
expect("not in nothing", ask(~genre.is_in([])), differ([1, 2, 4], [1, 2, 3, 4]))
expect("not Drama", ask(genre != "Drama"), differ([2, 4], [2, 4]))
PY

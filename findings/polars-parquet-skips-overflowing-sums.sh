#!/usr/bin/env bash
# Question: A Parquet file holds years as UInt16. Which films does Polars find with "2000 - year < 20"?
# Guess: The same as in the frame that was written: a scan may skip row groups, never rows of the answer.
# What happens: Polars computes the bounds of "2000 - year" from the row group's smallest and largest year, in UInt16.
#   One of them wraps around (2000 - 2020 is 65516), so the bounds are in the wrong order, and the row group is
#   skipped: no film at all, not even those for which nothing wraps. The same happens with "year - 2000 < 100", with
#   is_between, and with Int32 votes that overflow. The frame in memory returns the rows, and so does the scan with
#   use_statistics=False.
# Versions: polars 2.1.0. pyarrow 25.0.1, as writer: the same.
# For a user: Whether a film is found depends on which other films are in its row group. Cast to Int64 before
#   arithmetic in a filter, or write years and counts as signed, wide integers.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import polars as pl
import pyarrow.parquet as pq

print("polars", pl.__version__)
films = pl.DataFrame(
    {"id": range(6), "year": [1990, 1995, 2000, 2005, 2010, 2020], "votes": [10, 20, 30, 2_000_000_000, 2_100_000_000, 5]},
    schema={"id": pl.Int64, "year": pl.UInt16, "votes": pl.Int32},
)
films.write_parquet("polars.parquet")
pq.write_table(films.to_arrow(), "pyarrow.parquet")
year, votes = pl.col("year"), pl.col("votes")


def ask(condition):
    """The ids in the frame, in the files of Polars and pyarrow, and in the file without statistics."""
    frames = [films.lazy(), *(pl.scan_parquet(f"{name}.parquet") for name in ("polars", "pyarrow")), pl.scan_parquet("polars.parquet", use_statistics=False)]
    return [frame.filter(condition).collect()["id"].to_list() for frame in frames]


def lost(rows):
    return [rows, [], [], rows]


expect("2000 - year < 20", ask(2000 - year < 20), lost([0, 1, 2]))
expect("year - 2000 < 100", ask(year - 2000 < 100), lost([2, 3, 4, 5]))
expect("year - 2000 between 0 and 100", ask((year - 2000).is_between(0, 100)), lost([2, 3, 4, 5]))
expect("votes * 2 > 0", ask(votes * 2 > 0), lost([0, 1, 2, 5]))
expect("votes * 2 < 0", ask(votes * 2 < 0), lost([3, 4]))
expect("after a cast", ask(2000 - year.cast(pl.Int64) < 20), [[0, 1, 2, 3, 4, 5]] * 4)
PY

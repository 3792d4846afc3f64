#!/usr/bin/env bash
# Question: pandas writes a frame with engine="fastparquet" and partition_cols=["genre"]. Does a row without a genre
#   come back?
# Guess: Yes, from a folder __HIVE_DEFAULT_PARTITION__, as with engine="pyarrow".
# What happens: The row is not written, and no file has it. Nothing is said. A genre with a slash, "News/Talk",
#   becomes two folders: fastparquet then has no column genre any more for any row, and pyarrow reads "News".
# Versions: fastparquet 2026.9.0, pandas 3.1.1, pyarrow 25.0.1.
# For a user: Rows are lost at the write. Fill missing values first, or write with pyarrow.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile fastparquet==2026.9.0 pandas==3.1.1 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import fastparquet
import pandas as pd
import pyarrow.parquet as pq

print("fastparquet", fastparquet.__version__, "| pandas", pd.__version__)


def stored(name, genres, engine):
    """The rows by fastparquet and by pyarrow, from the folder that pandas and the engine write."""
    pd.DataFrame({"id": range(len(genres)), "genre": genres}).to_parquet(name, engine=engine, partition_cols=["genre"], index=False)
    by_fastparquet = fastparquet.ParquetFile(name).to_pandas().sort_values("id")
    by_pyarrow = pq.read_table(name).to_pydict()
    return by_fastparquet.astype(object).to_dict("list"), dict(sorted(zip(by_pyarrow["id"], by_pyarrow["genre"])))


missing = ["Drama", None, "Comedy"]
expect("missing genre, fastparquet", stored("a", missing, "fastparquet"), ({"id": [0, 2], "genre": ["Drama", "Comedy"]}, {0: "Drama", 2: "Comedy"}))
expect("missing genre, pyarrow", stored("b", missing, "pyarrow")[1], dict(enumerate(missing)))
slash = ["Drama", "News/Talk"]
expect("slash, fastparquet", stored("c", slash, "fastparquet"), ({"id": [0, 1]}, {0: "Drama", 1: "News"}))
expect("slash, pyarrow", stored("d", slash, "pyarrow")[1], dict(enumerate(slash)))
PY

#!/usr/bin/env bash
# Question: Polars reads a Vortex file. Do filters with 0 and NaN give the rows that they give in memory?
# Guess: Yes: the file's to_polars() splits a condition so that the result is the same, as its docstring says.
# What happens: No. Vortex compares floats by their bits: -0.0 is below 0.0 and not equal to it, so "= 0" loses rows
#   and "< 0" finds -0.0. And the NaN of a condition is lost on the way (it travels as JSON, as null): "== NaN" and,
#   worse, "!= NaN" find no row at all. The same condition after a computation is evaluated by Polars, and right.
#   is_nan() is right as well.
# Versions: vortex-data 0.93.0, polars 2.1.0.
# For a user: Add 0.0 to float columns before they are written, which turns -0.0 into 0.0, and use is_not_nan(), not a
#   comparison.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile vortex-data==0.93.0 polars==2.1.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import polars as pl
import vortex

print("vortex", vortex.__version__ if hasattr(vortex, "__version__") else "0.93.0", "| polars", pl.__version__)
nan = float("nan")
rows = pl.DataFrame({"id": [1, 2, 3, 4, 5], "v": [0.0, -0.0, 1.5, nan, None]})
vortex.io.write(rows.to_arrow(), "rows.vortex")
v = pl.col("v")


def ask(condition):
    """The ids in memory and from the file."""
    return [frame.filter(condition).collect()["id"].to_list() for frame in (rows.lazy(), vortex.open("rows.vortex").to_polars())]


expect("v == 0", ask(v == 0), [[1, 2], [1]])
expect("v < 0", ask(v < 0), [[], [2]])
expect("v >= 0", ask(v >= 0), [[1, 2, 3, 4], [1, 3, 4]])
expect("v in (0)", ask(v.is_in([0.0])), [[1, 2], [1]])
expect("v != NaN", ask(v != nan), [[1, 2, 3], []])
expect("v == NaN", ask(v == nan), [[4], []])
expect("v.is_not_nan()", ask(v.is_not_nan()), [[1, 2, 3], [1, 2, 3]])
expect("v.abs() == 0", ask(v.abs() == 0), [[1, 2], [1, 2]])
PY

#!/usr/bin/env bash
# Question: Modin fills missing votes from the film before, within each genre: films.groupby("genre").votes.ffill().
#   Some films have no genre. Does it do what pandas does?
# Guess: Yes. Modin is pandas on several processes, and cumsum, shift and transform give the same.
# What happens: Three of four rows get the value of another row, often of another genre; votes that were not missing
#   change, too. The index is in order, so nothing shows it. So does bfill, also of frames. If every
#   film has a genre, or with dropna=False, all is right.
# Versions: modin 0.37.1, pandas 2.3.3. The same with the engines "dask" and "python".
# For a user: Write groupby("genre").votes.transform("ffill"), or pass dropna=False.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile modin==0.37.1 pandas==2.3.3 numpy==2.4.6

MODIN_ENGINE=python MODIN_NPARTITIONS=2 venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings

warnings.simplefilter("ignore")
import modin
import modin.pandas as mpd
import pandas as pd

print("modin", modin.__version__, "| pandas", pd.__version__)
genres = ["Crime", "Drama", None, "War"]


def films(rows, groups=4):
    """Films whose votes tell the genre by the remainder of 4; every fifth has no votes."""
    return pd.DataFrame({"genre": [genres[row % groups] for row in range(rows)], "votes": [None if row % 5 == 4 else float(row) for row in range(rows)]})


def differ(frame, fill, **options):
    """The number of rows with another value than by pandas, of those with votes of another genre, and of changed votes."""
    want = fill(frame.groupby("genre", **options))
    got = fill(mpd.DataFrame(frame).groupby("genre", **options))._to_pandas()
    if not got.index.equals(want.index):
        sys.exit("CHANGED: the index was in order")
    known = frame.votes.notna() & frame.genre.notna()
    foreign = sum(value == value and value % 4 != row % 4 for row, value in got.items())
    return int((got.fillna(-1) != want.fillna(-1)).sum()), foreign, int((got[known] != frame.votes[known]).sum())


def ffill(groups):
    return groups.votes.ffill()


expect("ffill, 33 rows: other values, of another genre, changed votes", differ(films(33), ffill), (23, 16, 18))
expect("ffill, 1000 rows", differ(films(1000), ffill), (748, 498, 599))
expect("bfill, 1000 rows, other values", differ(films(1000), lambda groups: groups.votes.bfill())[0] > 500, True)
expect("frame, 1000 rows, other values", differ(films(1000), lambda groups: groups[["votes"]].ffill().votes)[0], 748)
expect("first films, Modin", ffill(mpd.DataFrame(films(1000)).groupby("genre"))._to_pandas().head(2).tolist(), [0.0, 333.0])
expect("transform, 1000 rows", differ(films(1000), lambda groups: groups.votes.transform("ffill"))[0], 0)
expect("dropna=False, 1000 rows", differ(films(1000), ffill, dropna=False)[0], 0)
expect("all with a genre", differ(films(1000, 2), ffill)[0], 0)
PY

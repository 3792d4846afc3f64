#!/usr/bin/env bash
# Question: Of 100 films 7 have the genres a, b and c, and each genre has 5 more films. Which sets does mlxtend find
#   with min_support=0.07?
# Guess: All seven, by each of its algorithms: a set is frequent if its support is at least min_support.
# What happens: apriori finds seven, fpgrowth and hmine only the three single genres, and fpmax calls these the largest
#   sets. They round 0.07 * 100, which is 7.000000000000001 in floats, up to 8 films. 0.14, 0.28, 0.55 and 0.56 of 100
#   do the same; 0.06 and 0.08 do not. hmine loses single genres at the bound, too.
# Versions: mlxtend 0.25.0. The docstrings define the support as a share of the rows; they do not speak of rounding.
# For a user: Pass a little less, such as 0.0699, or (7 - 0.5) / 100.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile mlxtend==0.25.0 scikit-learn==1.9.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import mlxtend
import pandas as pd
from mlxtend.frequent_patterns import apriori, fpgrowth, fpmax, hmine

print("mlxtend", mlxtend.__version__)


def found(films, alone):
    """Numbers of sets by algorithm: this many films have all genres, and each genre has so many more alone."""
    rows = [(1, 1, 1)] * films + [(1, 0, 0), (0, 1, 0), (0, 0, 1)] * alone
    table = pd.DataFrame(rows + [(0, 0, 0)] * (100 - len(rows)), columns=list("abc")).astype(bool)
    return tuple(len(algorithm(table, min_support=films / 100)) for algorithm in (apriori, fpgrowth, hmine, fpmax))


expect("apriori, fpgrowth, hmine, fpmax of 7 films", found(7, 5), (7, 3, 3, 3))
expect("of 6 films", found(6, 5), (7, 7, 7, 1))
expect("of 8 films", found(8, 5), (7, 7, 7, 1))
for films in (14, 28, 55, 56):
    expect(f"of {films} films", found(films, 5), (7, 3, 3, 3))
expect("of 7 films, no more alone, hmine", found(7, 0)[2], 0)
PY

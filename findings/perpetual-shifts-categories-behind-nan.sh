#!/usr/bin/env bash
# Question: A PerpetualBooster learns from a pandas frame that movies have 1, shorts 5, tv films 9, and films without a
#   kind 7. What does it predict for them?
# Guess: 1, 5, 9 and 7. Missing categories are a feature of the library, and the function is as simple as can be.
# What happens: 1, 7, 5 and 7. The missing kind is turned into the text "nan", and gets its place in the alphabet,
#   between movie and short. In training, every category behind it moves up by one, and the last one, tv, becomes the
#   missing one; in prediction nothing moves. So each category behind "nan" is predicted as the one before it was
#   learned. Without a missing kind in training, new kinds count as the next one in the alphabet. From a Polars frame
#   the answers are right, except if pandas rows are predicted: then a missing kind is a short.
# Versions: perpetual 2.3.0, pandas 3.1.1, polars 2.1.0. There is no warning; the error on the training rows shows it.
# For a user: Name the missing category before, as with df["kind"].cat.add_categories("0").fillna("0").
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile perpetual==2.3.0 polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1 scikit-learn==1.9.1 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import numpy as np
import pandas as pd
import polars as pl
from perpetual import PerpetualBooster

print("perpetual", version("perpetual"), "| pandas", pd.__version__, "| polars", pl.__version__)
scores = {"movie": 1.0, "short": 5.0, "tv": 9.0, None: 7.0}
random = np.random.default_rng(0)
kinds = random.choice(np.array([*scores], dtype=object), 3000)
minutes = random.normal(size=3000)
target = np.array([scores[kind] for kind in kinds])
asked = ["movie", "short", "tv", None]


def by_pandas(kinds, minutes=0.0):
    return pd.DataFrame({"kind": pd.Categorical(kinds), "minutes": minutes})


def by_polars(kinds, minutes=0.0):
    return pl.DataFrame({"kind": pl.Series(list(kinds), dtype=pl.Categorical), "minutes": minutes})


def fitted(rows, target):
    return PerpetualBooster(objective="SquaredLoss", num_threads=1).fit(rows, target)


def predicted(model, rows):
    return [round(float(value)) for value in model.predict(rows)]


model = fitted(by_pandas(kinds, minutes), target)
expect(f"{asked}, by pandas", predicted(model, by_pandas(asked)), [1, 7, 5, 7])
expect("mean error on the rows of training", round(float(np.abs(model.predict(by_pandas(kinds, minutes)) - target).mean())), 2)
named = np.where(pd.isna(kinds), "0", kinds)
expect("with a named missing kind", predicted(fitted(by_pandas(named, minutes), target), by_pandas(["movie", "short", "tv", "0"])), [1, 5, 9, 7])
known = pd.notna(kinds)
complete = fitted(by_pandas(kinds[known], minutes[known]), target[known])
expect("without missing kinds in training: game, podcast, sport", predicted(complete, by_pandas(["game", "podcast", "sport"])), [1, 5, 9])
right = fitted(by_polars(kinds, minutes), target)
expect(f"{asked}, by Polars", predicted(right, by_polars(asked)), [1, 5, 9, 7])
expect("the same model, rows by pandas", predicted(right, by_pandas(asked)), [1, 5, 9, 5])
PY

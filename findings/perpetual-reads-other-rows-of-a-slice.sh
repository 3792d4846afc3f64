#!/usr/bin/env bash
# Question: A PerpetualBooster learns from a Polars frame and predicts rows 1000 to 2999 of it, once as a slice and once
#   as part of the whole. Are the predictions the same? Does it matter whether a column is Int64 or Float64?
# Guess: Yes, and no. The same model reads the same numbers.
# What happens: The slice gets the predictions of rows 0 to 1999: perpetual takes the buffer of a Polars column without
#   the offset at which the slice begins, in training, too, where each target then belongs to another row's features. An
#   Int64 column is taken for Float64 bit by bit: negative numbers become NaN, and positive ones nearly 0, so that a
#   model that learned from Float64 gives other values for the same numbers. pandas frames are right.
# Versions: perpetual 2.3.0, polars 2.1.0. Its documentation says that Polars frames "use a zero-copy columnar path for
#   efficiency".
# For a user: Pass pandas frames or NumPy arrays, by df.to_pandas() or df.to_numpy().
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
import polars as pl
from perpetual import PerpetualBooster

print("perpetual", version("perpetual"), "| polars", pl.__version__)
years = np.random.default_rng(0).integers(-50, 50, 3000).astype(float)
films = pl.DataFrame({"year": years})


def fitted(rows, target):
    return PerpetualBooster(objective="SquaredLoss", num_threads=1).fit(rows, target)


def error(predicted, truth):
    return round(float(np.abs(predicted - truth).mean()))


model = fitted(films, years)
whole = model.predict(films)
expect("error, whole frame", error(whole, years), 0)
part = model.predict(films[1000:])
expect("error, slice from row 1000", error(part, years[1000:]) > 20, True)
expect("the slice's predictions are those of rows 1000 on", bool(np.allclose(part, whole[1000:])), False)
expect("those of rows 0 on", bool(np.allclose(part, whole[:2000])), True)
expect("error, the slice as a pandas frame", error(model.predict(films[1000:].to_pandas()), years[1000:]), 0)
by_slice = fitted(films[1000:], years[1000:])
expect("error after training on the slice", error(by_slice.predict(films), years) > 20, True)
by_pandas = fitted(films[1000:].to_pandas(), years[1000:])
expect("after training on it as a pandas frame", error(by_pandas.predict(films), years), 0)
whole_numbers = films.cast(pl.Int64)
found = model.predict(whole_numbers)
expect("predictions for Int64 -40, -10, 10, 40", [round(float(found[np.flatnonzero(years == year)[0]])) for year in (-40, -10, 10, 40)], [49, 49, 0, 0])
expect("error, Int64 as a pandas frame", error(model.predict(whole_numbers.to_pandas()), years), 0)
PY

#!/usr/bin/env bash
# Question: tsfresh computes features of a film's weekly votes, about 3 million. Do the features depend on the type of
#   the column: int64, int32, or float64?
# Guess: No. tsfresh returns floats, which hold numbers up to 10^308.
# What happens: It calculates in the type of the column. With int64, the default of pandas, c3, a mean of products of
#   three values, is wrong from 2,097,152 on: it wraps around. With int32, which pandas gives for an INT32 column of
#   Parquet, squares are wrong from 46,341 on: the root mean square of votes of 3 million is 17,727, the share of a
#   tenth of the weeks in the energy is 2770 instead of 0.097, and the asymmetry under time reversal turns negative. 18
#   of the 783 default features change, without a warning.
# Versions: tsfresh 0.21.2, pandas 2.3.3, numpy 2.4.6. The docstrings of these features do not speak of types.
# For a user: Cast the values to float64 before extract_features.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile tsfresh==0.21.2 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import numpy as np
import pandas as pd
from tsfresh import extract_features

print({name: version(name) for name in ("tsfresh", "pandas", "numpy")})


def features(votes, kind, names=()):
    frame = pd.DataFrame({"film": 1, "week": range(len(votes)), "votes": np.array(votes, dtype=kind)})
    options = {"default_fc_parameters": {name: chosen[name] for name in names}} if names else {}
    return extract_features(
        frame, column_id="film", column_sort="week", n_jobs=0, disable_progressbar=True, **options
    ).iloc[0]


chosen = {
    "c3": [{"lag": 1}],
    "root_mean_square": None,
    "time_reversal_asymmetry_statistic": [{"lag": 1}],
    "energy_ratio_by_chunks": [{"num_segments": 10, "segment_focus": 0}],
    "abs_energy": None,
}
weeks = [3_000_000, 2_900_000, 2_950_000, 3_100_000] * 5
for kind, found in (
    ("float64", ["2.66e+19", "2.99e+06", "1.49e+17", "9.75e-02", "1.79e+14"]),
    ("int64", ["8.14e+18", "2.99e+06", "1.49e+17", "9.75e-02", "1.79e+14"]),
    ("int32", ["4.65e+08", "1.77e+04", "-3.73e+08", "2.77e+03", "1.99e+09"]),
):
    values = [f"{value:.2e}" for value in features(weeks, kind, chosen)]
    expect(f"{kind}: c3, root mean square, asymmetry, share, energy", values, found)

for kind, name, last in (("int64", "c3", 2_097_151), ("int32", "abs_energy", 46_340)):
    for votes, right in ((last, True), (last + 1, False)):
        few = [votes] * 3 if name == "c3" else [votes]
        exact, found = (features(few, of, [name]).iloc[0] for of in ("float64", kind))
        expect(f"{name} of {votes} as {kind} is right", bool(np.isclose(exact, found)), right)
        expect(f"{name} of {votes} as {kind} is above zero", bool(found > 0), right)

exact = features(weeks, "float64")
expect("default features", len(exact), 783)
for kind, changed in (("int64", 3), ("int32", 18)):
    count = int((~np.isclose(features(weeks, kind), exact, equal_nan=True)).sum())
    expect(f"default features that change with {kind}", count, changed)
PY

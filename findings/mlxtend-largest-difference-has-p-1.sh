#!/usr/bin/env bash
# Question: 90 % of 1000 films of one group are hits, and 50 % of 1000 of another. Does mlxtend's proportion_difference
#   say that the groups differ?
# Guess: Yes, with a p-value of nearly 0.
# What happens: The p-value is 1.0. It is the normal distribution function of z, so that it only is small if the first
#   proportion is the smaller one: with the groups exchanged it is 0.0. Equal proportions give 0.5, where every test has
#   1. statsmodels' proportions_ztest gives 0.0, either way, and 1.0 for equal ones.
# Versions: mlxtend 0.25.0, statsmodels 0.15.0. The docstring promises "the p-value", and names no side.
# For a user: Compute 2 * norm.sf(abs(z)) from the z that it returns, or call statsmodels.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile mlxtend==0.25.0 statsmodels==0.15.0 scikit-learn==1.9.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import mlxtend
import statsmodels
from mlxtend.evaluate import proportion_difference
from statsmodels.stats.proportion import proportions_ztest

print("mlxtend", mlxtend.__version__, "| statsmodels", statsmodels.__version__)
for hits, by_mlxtend, by_statsmodels in (
    ((900, 500), 1.0, 0.0),
    ((500, 900), 0.0, 0.0),
    ((530, 500), 0.9103, 0.1795),
    ((500, 530), 0.0897, 0.1795),
    ((500, 500), 0.5, 1.0),
):
    z, p = proportion_difference(hits[0] / 1000, hits[1] / 1000, n_1=1000)
    z_other, p_other = proportions_ztest(hits, (1000, 1000))
    expect(f"p for {hits}", (round(float(p), 4), round(float(p_other), 4)), (by_mlxtend, by_statsmodels))
    expect("z has the same sign", bool((z > 0) == (z_other > 0)), True)
PY

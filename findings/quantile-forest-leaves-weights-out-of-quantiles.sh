#!/usr/bin/env bash
# Question: A quantile forest learns films' ratings with sample_weight: a popular film has weight 19, any other 1. What
#   are its quantiles?
# Guess: Those of a forest that learned each popular film 19 times.
# What happens: Those of a forest without weights: a tenth of the ratings is below 4.8, instead of 7.6. The weights
#   only choose the splits; within a leaf all films count alike, even those of weight 0, which the code means to leave
#   out, but it looks at the weights of other rows of the bootstrap. The mean ignores the weights, too: 6.6 where
#   scikit-learn's forest says 7.9. weighted_quantile and weighted_leaves are about other weights. The documentation of
#   sample_weight speaks of splits, and does not say that quantiles ignore it. Quantiles by scikit-learn's boosting
#   follow it.
# Versions: quantile-forest 1.4.2, scikit-learn 1.6.1.
# For a user: Draw rows in proportion to their weights before fit.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile quantile-forest==1.4.2 scikit-learn==1.6.1 numpy==2.4.6 scipy==1.17.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import numpy as np
import quantile_forest
import sklearn
from quantile_forest import RandomForestQuantileRegressor
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

print("quantile-forest", quantile_forest.__version__, "| scikit-learn", sklearn.__version__)
random = np.random.default_rng(0)
genre = random.integers(0, 2, (2000, 1)).astype(float)
popular = random.random(2000) < 0.5
rating = np.where(popular, random.normal(8, 0.3, 2000), random.normal(5, 0.3, 2000))
weight = np.where(popular, 19.0, 1.0)
drawn = random.choice(2000, 20000, p=weight / weight.sum())
options = {"n_estimators": 50, "min_samples_leaf": 50, "random_state": 0}


def quantiles(rows=slice(None), weights=None):
    """The 10th, 50th and 90th percentile, and the mean, for the first genre."""
    forest = RandomForestQuantileRegressor(max_samples_leaf=None, **options)
    forest.fit(genre[rows], rating[rows], sample_weight=weights)
    found = [*forest.predict([[0.0]], quantiles=[0.1, 0.5, 0.9])[0], forest.predict([[0.0]], quantiles="mean")[0]]
    return [round(float(value), 1) for value in found]


unweighted, weighted = [4.8, 7.6, 8.3, 6.6], [7.6, 8.0, 8.4, 7.9]
expect("without weights", quantiles(), unweighted)
expect("with weights", quantiles(weights=weight), unweighted)
expect("weight 0 for films that are not popular", quantiles(weights=popular.astype(float)), unweighted)
expect("rows drawn by weight", quantiles(drawn), weighted)
forest = RandomForestRegressor(**options).fit(genre, rating, sample_weight=weight)
expect("mean of scikit-learn's forest", round(float(forest.predict([[0.0]])[0]), 1), 7.9)
boosted = {share: HistGradientBoostingRegressor(loss="quantile", quantile=share, random_state=0) for share in (0.1, 0.5, 0.9)}
found = [model.fit(genre, rating, sample_weight=weight).predict([[0.0]])[0] for model in boosted.values()]
expect("scikit-learn's boosting", [round(float(value), 1) for value in found], weighted[:3])
PY

#!/usr/bin/env bash
# Question: The library implicit recommends five of 20 films to a user who has seen three of them, with
#   filter_already_liked_items=True, the default: "don't return items … that were rated by the specified user". Does it
#   return five films that are new to the user?
# Guess: Yes: there are 17.
# What happens: CosineRecommender, TFIDFRecommender and BM25Recommender return the one film with a common viewer, and
#   then the three that the user has seen, with score 0. Asked for two users at once, they fill the rows with -1, which
#   is the last film in a list of titles; for a user without ratings, all five are -1. The ALS model, if it is asked
#   for more films than are new, returns seen ones with score -3.4e38.
# Versions: implicit 0.7.3, scipy 1.17.1.
# For a user: Keep only the films with a score above 0 (for ALS: above -1e38) that the user's row does not have.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile implicit==0.7.3 numpy==2.4.6 scipy==1.17.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import numpy as np
import scipy
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender

print("implicit", version("implicit"), "| scipy", scipy.__version__)
random = np.random.default_rng(0)
seen = np.zeros((40, 20), dtype=np.float32)
for user in range(2, 40):
    seen[user, random.choice(12, 5, replace=False)] = 1
seen[0, [15, 16, 17]] = 1
seen[2] = 0
seen[2, [15, 16, 18]] = 1
seen = scipy.sparse.csr_matrix(seen)
titles = [f"film {number}" for number in range(20)]
for model in (CosineRecommender(), TFIDFRecommender(), BM25Recommender()):
    model.fit(seen, show_progress=False)
    films, scores = model.recommend(0, seen[0], N=5)
    expect(f"{type(model).__name__}, films", films.tolist(), [18, 17, 16, 15])
    expect("above 0", (scores > 0).tolist(), [True, False, False, False])
    films, scores = model.recommend([0, 1], seen[[0, 1]], N=5)
    expect("two users at once", films.tolist(), [[18, 17, 16, 15, -1], [-1, -1, -1, -1, -1]])
    expect("titles for the user without ratings", {titles[film] for film in films[1]}, {"film 19"})
model = AlternatingLeastSquares(factors=4, random_state=0, num_threads=1)
model.fit(seen, show_progress=False)
films, scores = model.recommend(0, seen[0], N=20)
expect("ALS, all 20 films: the last three", sorted(films[17:].tolist()), [15, 16, 17])
expect("their scores", [float(score) < -3e38 for score in scores[17:]], [True, True, True])
PY

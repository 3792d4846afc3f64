#!/usr/bin/env bash
# Question: Surprise learns films' ratings from 1 to 10. One of 4,440 ratings is missing. What does it predict?
# Guess: About what it predicts without this row, or an error.
# What happens: 10 for every user and every film. The mean of all ratings becomes NaN, and so do the factors; then the
#   prediction is clipped to the scale by min(10, NaN), which is 10 in Python. was_impossible stays False. SVD, SVDpp,
#   NMF, BaselineOnly, KNNBaseline and NormalPredictor do this; KNNWithMeans does it for an eighth of the pairs, and
#   CoClustering and SlopeOne refuse. In a cross-validation the errors rise from 0.3 to 4, and one fold's is NaN.
# Versions: scikit-surprise 1.1.5, pandas 3.1.1.
# For a user: Drop rows without a rating before load_from_df; stop if trainset.global_mean is NaN.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile scikit-surprise==1.1.5 pandas==3.1.1 numpy==2.4.6 scipy==1.17.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import numpy as np
import pandas as pd
from surprise import NMF, SVD, BaselineOnly, Dataset, KNNBaseline, KNNWithMeans, NormalPredictor, Reader, SVDpp

print("scikit-surprise", version("scikit-surprise"), "| pandas", pd.__version__)
random = np.random.default_rng(0)
films = pd.DataFrame({"user": random.integers(0, 200, 5000), "film": random.integers(0, 100, 5000)}).drop_duplicates()
films["rating"] = (6 + random.normal(0, 1, 200)[films["user"]] + random.normal(0, 1, 100)[films["film"]]).clip(1, 10)
expect("ratings", len(films), 4440)
gap = films.copy()
gap.iloc[7, 2] = np.nan


def share_of_tens(model, rows):
    """The percentage of all pairs of user and film that are predicted as exactly 10, the top of the scale."""
    model.fit(Dataset.load_from_df(rows, Reader(rating_scale=(1, 10))).build_full_trainset())
    predictions = [model.predict(user, film) for user in range(200) for film in range(100)]
    if any(prediction.details["was_impossible"] for prediction in predictions):
        sys.exit("CHANGED: some predictions are impossible")
    return round(100 * float(np.mean([prediction.est == 10 for prediction in predictions])))


quiet = {"verbose": False}
models = {
    "SVD": lambda: SVD(random_state=0),
    "SVDpp": lambda: SVDpp(n_epochs=2, random_state=0),
    "NMF": lambda: NMF(random_state=0),
    "BaselineOnly": lambda: BaselineOnly(**quiet),
    "KNNBaseline": lambda: KNNBaseline(**quiet),
    "NormalPredictor": NormalPredictor,
    "KNNWithMeans": lambda: KNNWithMeans(**quiet),
}
for name, make in models.items():
    np.random.seed(0)
    expect(f"{name}, percent of tens", share_of_tens(make(), films), 0)
    expect(f"{name}, percent of tens, one rating missing", share_of_tens(make(), gap), 13 if name == "KNNWithMeans" else 100)
PY

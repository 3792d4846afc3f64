#!/usr/bin/env bash
# Question: scikit-learn's TargetEncoder replaces a director by the mean rating of his films, shrunk towards the mean of
#   all films, with smooth="auto", the default. How much is a director shrunk of whom one film is known?
# Guess: Most of all: one rating says little. "The amount of mixing" depends on the number of films.
# What happens: Not at all. The weight is the variance within the category against that of all films, and one row has no
#   variance: the encoding is that film's own rating, 10.0, while 20 films of mean 7 are shrunk to 6.98. Two films with
#   equal ratings are not shrunk, either. New films of such directors are predicted worse than by the mean of all films.
#   category_encoders' James-Stein encoder does the same; smooth=10 and category_encoders' TargetEncoder shrink.
# Versions: scikit-learn 1.9.1, category-encoders 2.11.2. The formula is in scikit-learn's user guide, this case is not.
# For a user: Set smooth to a number of rows wherever many categories are rare.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile scikit-learn==1.9.1 category-encoders==2.11.2 numpy==2.4.6 pandas==3.1.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import category_encoders
import numpy as np
import pandas as pd
import sklearn
from sklearn.preprocessing import TargetEncoder

print("scikit-learn", sklearn.__version__, "| category-encoders", category_encoders.__version__)
encoders = {
    "smooth='auto'": lambda: TargetEncoder(target_type="continuous"),
    "James-Stein": lambda: category_encoders.JamesSteinEncoder(),
    "smooth=10": lambda: TargetEncoder(smooth=10, target_type="continuous"),
    "category_encoders": lambda: category_encoders.TargetEncoder(),
}


def encoded(make, directors, ratings, asked):
    encoder = make().fit(pd.DataFrame({"director": directors}), ratings)
    return np.asarray(encoder.transform(pd.DataFrame({"director": asked}))).ravel()


directors = ["once"] + ["twice"] * 2 + ["often"] * 20 + ["others"] * 100
ratings = pd.Series([10.0] + [9.0] * 2 + [6.0, 8.0] * 10 + [4.0, 7.0] * 50)
expect("mean of all", round(float(ratings.mean()), 1), 5.8)
for name, found in (("smooth='auto'", [10.0, 9.0, 6.98]), ("James-Stein", [10.0, 9.0, 6.89]), ("smooth=10", [6.22, 6.36, 6.61]), ("category_encoders", [6.38, 6.29, 6.42])):
    values = encoded(encoders[name], directors, ratings, ["once", "twice", "often"])
    expect(f"once 10, twice 9, often 7: {name}", [round(float(value), 2) for value in values], found)

random = np.random.default_rng(0)
films = pd.DataFrame({"director": random.integers(0, 1500, 4000).astype(str)})
talent = pd.Series(random.normal(0, 0.3, 1500), index=map(str, range(1500)))
films["rating"] = 6 + films["director"].map(talent) + random.normal(0, 1.2, 4000)
known, new = films[:2000], films[2000:]
single = new["director"].map(known["director"].value_counts()) == 1
errors = {"mean of all": known["rating"].mean()}
for name, make in encoders.items():
    errors[name] = encoded(make, known["director"], known["rating"], new["director"])
errors = {name: round(float(np.sqrt(((new["rating"] - guess) ** 2)[single].mean())), 1) for name, guess in errors.items()}
expect("error for directors of one film", errors, {"mean of all": 1.2, "smooth='auto'": 1.7, "James-Stein": 1.7, "smooth=10": 1.2, "category_encoders": 1.2})
PY

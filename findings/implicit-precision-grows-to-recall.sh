#!/usr/bin/env bash
# Question: A recommender learns from votes that were cast by chance. Of its first 80 films for a user, about one in
#   twenty is one of those held back. What is implicit's precision at 80, "P@K for a given trained model"?
# Guess: 0.05, at 10 as at 80: the found films divided by the recommended ones.
# What happens: 0.95. The library divides the films found, of all users, not by K for each user, but by the number of
#   the user's films held back where that is smaller: with K above all these numbers it is the recall. So it grows with
#   K, from 0.05 at 1 by 0.13 at 10 to 0.95 at 80. The documentation gives no formula; there is an issue about it.
# Versions: implicit 0.7.3, scipy 1.17.1.
# For a user: Compute precision from recommend() oneself, and do not compare that of implicit with other libraries'.
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
from implicit.evaluation import precision_at_k

print("implicit", version("implicit"), "| scipy", scipy.__version__)
random = np.random.default_rng(0)
votes = random.random((300, 100)) < 0.2
held_back = votes & (random.random(votes.shape) < 0.2)
held_back[:, 0] |= ~held_back.any(axis=1)
train = scipy.sparse.csr_matrix((votes & ~held_back).astype(np.float32))
test = scipy.sparse.csr_matrix(held_back.astype(np.float32))
model = AlternatingLeastSquares(factors=8, random_state=0, num_threads=1)
model.fit(train, show_progress=False)


def measures(k):
    """Precision by implicit, precision, and recall, at k."""
    films = model.recommend(np.arange(300), train, N=k)[0]
    found = np.array([np.isin(films[user], test[user].indices).sum() for user in range(300)])
    library = precision_at_k(model, train, test, K=k, show_progress=False, num_threads=1)
    return round(float(library), 2), round(float(found.mean() / k), 2), round(float(found.sum() / test.nnz), 2)


for k, want in {1: (0.05, 0.05, 0.01), 10: (0.13, 0.05, 0.13), 40: (0.48, 0.05, 0.48), 80: (0.95, 0.05, 0.95)}.items():
    expect(f"at {k}: implicit's precision, precision, recall", measures(k), want)
PY

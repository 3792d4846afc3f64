#!/usr/bin/env bash
# Question: One film in fifty is a hit. A model gives each hit 0.05 and all other films 0.01, a perfect ranking. What is
#   its ROC AUC by river?
# Guess: 1, or nearly: the documentation calls it an approximation.
# What happens: 0.5, as of a model that knows nothing. river counts at ten fixed thresholds, 0, 0.11, 0.22 and so on,
#   and all scores are below the second. Calibrated scores of rare events are as small as that; ten times as large, in
#   the same order, they have 1. A worse model, which gives 0.9 to half of the hits and to a hundred other films, has
#   0.74. With 100 thresholds, at steps of 0.01, the result is 1; RollingROCAUC is exact, and 1.
# Versions: river 0.26.1, scikit-learn 1.9.1. The documentation says that more thresholds make it more accurate.
# For a user: Set n_thresholds by the smallest scores that matter, or use RollingROCAUC.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile river==0.26.1 scikit-learn==1.9.1 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import numpy as np
from river import metrics
from sklearn.metrics import log_loss, roc_auc_score

print("river", version("river"))
films = np.arange(5000)
hits = films % 50 == 0
perfect = np.where(hits, 0.05, 0.01)
worse = np.where(films % 100 == 0, 0.9, np.where(films % 50 == 25, 0.9, 0.01))


def by_river(metric, scores):
    for hit, score in zip(hits, scores):
        metric.update(bool(hit), {True: float(score), False: 1 - float(score)})
    return round(float(metric.get()), 2)


expect("perfect scores: scikit-learn", float(roc_auc_score(hits, perfect)), 1.0)
expect("perfect scores: river", by_river(metrics.ROCAUC(), perfect), 0.5)
expect("ten times as large", by_river(metrics.ROCAUC(), perfect * 10), 1.0)
expect("100 thresholds", by_river(metrics.ROCAUC(n_thresholds=100), perfect), 1.0)
expect("RollingROCAUC", by_river(metrics.RollingROCAUC(window_size=5000), perfect), 1.0)
expect("a worse model: scikit-learn", round(float(roc_auc_score(hits, worse)), 2), 0.74)
expect("a worse model: river", by_river(metrics.ROCAUC(), worse), 0.74)
expect("log loss, perfect and worse", [round(float(log_loss(hits, scores)), 2) for scores in (perfect, worse)], [0.07, 0.1])
PY

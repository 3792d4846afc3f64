#!/usr/bin/env bash
# Question: One ranking is scored with NDCG by scikit-learn, ranx, XGBoost and LightGBM. Is it one number?
# Guess: Yes, except that ties may be broken in several ways.
# What happens: XGBoost and LightGBM count a relevance r as 2^r - 1, the others as r; ndcg_exp_gain=False makes XGBoost
#   agree. If all scores are equal, scikit-learn averages over all orders, 0.71, and the others credit the order of the
#   rows, 0.94 to 0.97, so a model that has learned nothing scores well on sorted data. A query without a relevant
#   row counts as 1 in XGBoost and LightGBM, as 0 in the others. LightGBM also computes MAP@2 otherwise: it divides by the
#   relevant rows found, ranx by all that could be found.
# Versions: scikit-learn 1.9.1, ranx 0.3.21, xgboost 3.2.0, lightgbm 4.7.0.
# For a user: Compute one metric by one library for all models, shuffle rows, and leave out queries without a relevant
#   row ("ndcg-" in XGBoost counts them as 0).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile scikit-learn==1.9.1 ranx==0.3.21 xgboost-cpu==3.2.0 lightgbm==4.7.0 numpy==2.4.6

export NUMBA_DISABLE_JIT=1  # ranx compiles for minutes, for four rows
venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import lightgbm
import numpy as np
import ranx
import sklearn
import xgboost
from sklearn.metrics import ndcg_score

print("scikit-learn", sklearn.__version__, "| xgboost", xgboost.__version__, "| lightgbm", lightgbm.__version__)


def by_xgboost(relevance, scores, metric="ndcg", **options):
    rows = xgboost.DMatrix(np.zeros((len(scores), 1)), label=relevance, base_margin=scores, group=[len(scores)])
    booster = xgboost.train({"objective": "rank:ndcg", "eval_metric": metric, "base_score": 0, **options}, rows, 0)
    return round(float(booster.eval(rows).split(":")[-1]), 3)


def by_lightgbm(relevance, scores, metric="ndcg", at=4):
    rows = lightgbm.Dataset(np.zeros((len(scores), 1)), relevance, group=[len(scores)], init_score=scores, params={"verbose": -1})
    parameters = {"objective": "lambdarank", "metric": metric, "eval_at": [at], "verbose": -1}
    return round(float(lightgbm.Booster(parameters, rows).eval_train()[0][2]), 3)


def by_ranx(relevance, scores, metric="ndcg"):
    judged = ranx.Qrels({"q": {str(row): value for row, value in enumerate(relevance)}})
    run = ranx.Run({"q": {str(row): value for row, value in enumerate(scores)}})
    return round(float(ranx.evaluate(judged, run, metric)), 3)


def all_of(relevance, scores):
    return {
        "scikit-learn": round(float(ndcg_score([relevance], [scores])), 3),
        "ranx": by_ranx(relevance, scores),
        "XGBoost": by_xgboost(relevance, scores),
        "LightGBM": by_lightgbm(relevance, scores),
    }


ranking = [3, 2, 0, 1], [0.1, 0.4, 0.35, 0.8]
expect("a ranking", all_of(*ranking), {"scikit-learn": 0.746, "ranx": 0.746, "XGBoost": 0.629, "LightGBM": 0.629})
expect("a ranking, XGBoost without exponential gain", by_xgboost(*ranking, ndcg_exp_gain=False), 0.746)
expect("equal scores", all_of([3, 0, 0, 1], [0.5] * 4), {"scikit-learn": 0.705, "ranx": 0.945, "XGBoost": 0.974, "LightGBM": 0.974})
none = [0, 0, 0, 0], [0.1, 0.2, 0.3, 0.4]
expect("nothing relevant", all_of(*none), {"scikit-learn": 0.0, "ranx": 0.0, "XGBoost": 1.0, "LightGBM": 1.0})
expect("nothing relevant, XGBoost's ndcg-", by_xgboost(*none, metric="ndcg-"), 0.0)
expect("MAP@2: ranx, LightGBM", (by_ranx(*ranking, "map@2"), by_lightgbm(*ranking, "map", 2)), (0.667, 1.0))
PY

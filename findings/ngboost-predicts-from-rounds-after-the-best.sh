#!/usr/bin/env bash
# Question: NGBoost was fitted with a validation set and early_stopping_rounds=50. From how many rounds does it predict?
# Guess: From those up to the best one, best_val_loss_itr, as LightGBM does.
# What happens: From all rounds, the 50 after the best one as well. NGBoost predicts distributions, which become far too
#   narrow: intervals of 90 % contain 60 % of the new films. max_iter=best_val_loss_itr does not repair it: rounds are
#   counted from 0, so it leaves the best one out; and if the first round was the best, 0 means all rounds.
# Versions: ngboost 0.5.11, scikit-learn 1.9.1, lightgbm 4.7.0. The documentation does not say which
#   rounds predict; an issue was closed after predict had been made to use the best one.
# For a user: Pass max_iter=model.best_val_loss_itr + 1 to predict and pred_dist.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile ngboost==0.5.11 scikit-learn==1.9.1 numpy==2.4.6 scipy==1.17.1 lightgbm==4.7.0

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import lightgbm
import numpy as np
from ngboost import NGBRegressor

print({name: version(name) for name in ("ngboost", "scikit-learn", "lightgbm")})
random = np.random.default_rng(0)
films = random.normal(size=(1200, 5))
ratings = 6 + films[:, 0] / 2 + random.normal(size=1200)
train, valid, new = slice(0, 300), slice(300, 600), slice(600, 1200)


def fitted(valid_ratings):
    model = NGBRegressor(n_estimators=1000, learning_rate=0.1, verbose=False, random_state=0)
    return model.fit(
        films[train], ratings[train], X_val=films[valid], Y_val=valid_ratings, early_stopping_rounds=50
    )


def predicts_from(model, **options):
    found = model.predict(films[new], **options)
    stages = list(model.staged_predict(films[new]))
    return [rounds for rounds, stage in enumerate(stages, start=1) if np.allclose(stage, found)]


def within(model, **options):
    found = model.pred_dist(films[new], **options)
    low, high = found.ppf(0.05), found.ppf(0.95)
    return round(float(np.mean((low <= ratings[new]) & (ratings[new] <= high))), 1)


model = fitted(ratings[valid])
best = model.best_val_loss_itr + 1
losses = [-stage.logpdf(ratings[valid]).mean() for stage in model.staged_pred_dist(films[valid])]
expect("NGBoost: the round with the lowest loss is best_val_loss_itr + 1", int(np.argmin(losses)) + 1 == best, True)
expect("rounds after the best one", len(model.base_models) - best, 50)
expect("predict uses the rounds after the best one", predicts_from(model) == [best + 50], True)
expect("max_iter=best_val_loss_itr: one too few", predicts_from(model, max_iter=best - 1) == [best - 1], True)
expect("max_iter=best_val_loss_itr + 1", predicts_from(model, max_iter=best) == [best], True)
expect("90 % intervals contain", within(model), 0.6)
expect("90 % intervals contain, up to the best round", within(model, max_iter=best), 0.9)

first = fitted(6 - films[valid, 0] * 5)
expect("a model whose first round is the best", first.best_val_loss_itr, 0)
expect("max_iter=best_val_loss_itr then means all", predicts_from(first, max_iter=0) == [len(first.base_models)], True)

gbm = lightgbm.LGBMRegressor(n_estimators=1000, random_state=0, verbose=-1, n_jobs=1)
stop = lightgbm.early_stopping(50, verbose=False)
gbm.fit(films[train], ratings[train], eval_set=[(films[valid], ratings[valid])], callbacks=[stop])
short = gbm.predict(films[new], num_iteration=gbm.best_iteration_)
expect("LightGBM predicts from the best rounds", bool(np.allclose(gbm.predict(films[new]), short)), True)
PY

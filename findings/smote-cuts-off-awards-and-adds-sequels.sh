#!/usr/bin/env bash
# Question: SMOTE adds rows to a rare class: hits, of which half won an award (0 or 1) and three tenths are sequels
#   (False or True). How many of the added hits won an award, and how many are sequels?
# Guess: About half and three tenths: a new row lies between two real rows, so that means stay.
# What happens: 0.30 and 0.51. The value between two rows, say 0.6, is cast back to the column's type: an integer loses
#   its fraction, so that only two awards give an award, and a boolean becomes True unless it is 0, so that one sequel
#   gives a sequel. The mean number of seasons falls from 1.09 to 0.70. ADASYN, BorderlineSMOTE and SVMSMOTE do the
#   same. With the columns as floats the means stay. The guide says that SMOTE is for continuous columns, but whole
#   numbers are cut off in SMOTENC, too, and nothing warns.
# Versions: imbalanced-learn 0.14.2, pandas 2.3.3.
# For a user: Cast integers to float before SMOTE, and name flags in SMOTENC's categorical_features.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile imbalanced-learn==0.14.2 scikit-learn==1.6.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import imblearn
import numpy as np
import pandas as pd
from imblearn.over_sampling import ADASYN, SMOTE, SMOTENC, SVMSMOTE, BorderlineSMOTE

print("imbalanced-learn", imblearn.__version__, "| pandas", pd.__version__)
random = np.random.default_rng(0)
hit = (random.random(4000) < 0.05).astype(int)
films = pd.DataFrame({"seasons": random.poisson(1.0, 4000), "award": random.integers(0, 2, 4000), "sequel": random.random(4000) < 0.3, "votes": random.lognormal(7, 1, 4000)})


def means(rows):
    return {name: round(float(value), 2) for name, value in rows[["seasons", "award", "sequel"]].astype(float).mean().items()}


def added(sampler, rows=films):
    """Means of the rows that the sampler adds, which follow the given ones."""
    return means(sampler.fit_resample(rows, hit)[0].iloc[len(rows):])


expect("real hits", means(films[hit == 1]), {"seasons": 1.09, "award": 0.52, "sequel": 0.29})
expect("added by SMOTE", added(SMOTE(random_state=0)), {"seasons": 0.7, "award": 0.3, "sequel": 0.51})
expect("added by ADASYN", added(ADASYN(random_state=0)), {"seasons": 0.71, "award": 0.29, "sequel": 0.5})
expect("added by BorderlineSMOTE", added(BorderlineSMOTE(random_state=0)), {"seasons": 0.72, "award": 0.28, "sequel": 0.52})
expect("added by SVMSMOTE", added(SVMSMOTE(random_state=0)), {"seasons": 0.72, "award": 0.27, "sequel": 0.51})
expect("added by SMOTENC", added(SMOTENC(["award", "sequel"], random_state=0)), {"seasons": 0.7, "award": 0.55, "sequel": 0.28})
expect("added by SMOTE, floats", added(SMOTE(random_state=0), films.astype(float)), {"seasons": 1.05, "award": 0.54, "sequel": 0.3})
PY

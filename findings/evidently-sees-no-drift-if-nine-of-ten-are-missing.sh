#!/usr/bin/env bash
# Question: Yesterday nine of ten rows had no votes and no kind, or infinite votes after a division by zero. Does
#   evidently's drift report say that these columns changed?
# Guess: Yes. Hardly anything about a column changes more.
# What happens: No column has drifted: missing and infinite values are left out first, and the tenth that remains looks
#   as before. Infinite values do not count as missing, either: 0 %. scipy's Kolmogorov-Smirnov test of the same
#   infinite values finds 0.9. Nine zeros in ten, or a kind "unknown", are drift.
# Versions: evidently 0.7.23, pandas 2.3.3, scipy 1.16.3.
# For a user: Test the share of missing values beside drift (MissingValueCount), and turn infinite values into missing
#   ones.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile evidently==0.7.23 pandas==2.3.3 numpy==2.3.5 scipy==1.16.3
export DO_NOT_TRACK=1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")
import numpy as np
import pandas as pd
import scipy
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import DriftedColumnsCount, MissingValueCount, ValueDrift

print("evidently", version("evidently"), "| scipy", scipy.__version__)
random = np.random.default_rng(0)
films = pd.DataFrame({"votes": random.normal(1000, 100, 20000), "kind": random.choice(["movie", "short"], 20000)})
nine = films.index % 10 > 0
columns = DataDefinition(numerical_columns=["votes"], categorical_columns=["kind"])


def drift(**values):
    """Drifted columns, drift of votes (from 0.1), and share of votes that are missing, if nine of ten values are these."""
    today = films.copy()
    for column, value in values.items():
        today.loc[nine, column] = value
    report = Report([DriftedColumnsCount(), ValueDrift(column="votes"), MissingValueCount(column="votes")])
    metrics = report.run(Dataset.from_pandas(today, columns), Dataset.from_pandas(films, columns)).dict()["metrics"]
    drifted, votes, missing = (metric["value"] for metric in metrics)
    return int(drifted["count"]), round(float(votes), 2), round(float(missing["share"]), 2)


expect("as before", drift(), (0, 0.0, 0.0))
expect("both are missing", drift(votes=None, kind=None), (0, 0.02, 0.9))
expect("votes are infinite", drift(votes=np.inf), (0, 0.02, 0.0))
expect("votes are zero", drift(votes=0), (1, 9.04, 0.0))
expect("kind is unknown", drift(kind="unknown")[0], 1)
statistic = scipy.stats.ks_2samp(films["votes"], films["votes"].mask(nine, np.inf)).statistic
expect("votes are infinite, Kolmogorov-Smirnov", round(float(statistic), 2), 0.9)
PY

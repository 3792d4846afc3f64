#!/usr/bin/env bash
# Question: SDMetrics rates how well a synthetic table resembles the real one. In the synthetic table the column of
#   runtimes has no value at all. What is its quality?
# Guess: Well below 1, which a copy of the real table has.
# What happens: 1.0, as for the copy. The empty column's score is NaN, and the average leaves it out, as it leaves out
#   a column of dates in which no text is a date. So a worse table can be rated better: if the runtimes are shuffled,
#   the quality is 0.75; if the votes that depended on them are emptied, too, it is 1.0. Only scipy warns, of a small
#   sample, and not for dates. A column of equal values does count. The DiagnosticReport rates the empty column 0, the
#   table 0.9.
# Versions: sdmetrics 0.32.0, pandas 2.3.3.
# For a user: Look for NaN in get_properties() and get_details(), and make the DiagnosticReport, too.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile sdmetrics==0.32.0 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import numpy as np
import pandas as pd
import sdmetrics
from sdmetrics.reports import DiagnosticReport, QualityReport

print("sdmetrics", sdmetrics.__version__, "| pandas", pd.__version__)
random = np.random.default_rng(0)
runtime = random.normal(90, 10, 2000).round()
real = pd.DataFrame({"runtime": runtime, "votes": runtime * 10 + random.normal(size=2000), "rating": random.normal(6, 1, 2000), "day": pd.date_range("2020-01-01", periods=2000).strftime("%Y-%m-%d")})
kinds = {name: {"sdtype": "numerical"} for name in ("runtime", "votes", "rating")}
metadata = {"tables": {"films": {"columns": kinds | {"day": {"sdtype": "datetime", "datetime_format": "%Y-%m-%d"}}}}}


def quality(synthetic, report=QualityReport):
    made = report()
    made.generate({"films": real}, {"films": synthetic}, metadata, verbose=False)
    return round(float(made.get_score()), 2), made.get_details(made.get_properties()["Property"][0])["Score"].round(2).tolist()


nan = float("nan")
shuffled = real.assign(runtime=random.permutation(runtime))
expect("a copy", quality(real), (1.0, [1.0, 1.0, 1.0, 1.0]))
expect("no runtime", quality(real.assign(runtime=np.nan)), (1.0, [nan, 1.0, 1.0, 1.0]))
expect("no day is a date", quality(real.assign(day="tomorrow")), (1.0, [1.0, 1.0, 1.0, nan]))
expect("runtimes shuffled", quality(shuffled), (0.75, [1.0, 1.0, 1.0, 1.0]))
expect("and votes empty", quality(shuffled.assign(votes=np.nan)), (1.0, [1.0, nan, 1.0, 1.0]))
expect("runtimes equal", quality(real.assign(runtime=90.0)), (0.88, [0.51, 1.0, 1.0, 1.0]))
expect("no runtime, DiagnosticReport", quality(real.assign(runtime=np.nan), DiagnosticReport), (0.9, [0.0, 1.0, 1.0, 1.0, 1.0]))
PY

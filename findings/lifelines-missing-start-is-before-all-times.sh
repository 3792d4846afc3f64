#!/usr/bin/env bash
# Question: lifelines' datetimes_to_durations turns days of subscribing and cancelling into durations. The first day of
#   two of ten viewers is missing. What are their durations, and the share of viewers who stay 100 days?
# Guess: NaN, which KaplanMeierFitter refuses; or an error.
# What happens: -9223372036854775808 days, the integer behind a missing time. KaplanMeierFitter takes such durations:
#   the two viewers cancelled before all others began, the curve falls to 0.8 there, and each later value is too low:
#   0.7 instead of 0.875 at 100 days. Someone who subscribed after the fill_date, the last day of observation, has a
#   negative duration, too. Cox's model takes such durations as well, and finds effects in them; Weibull's refuses.
# Versions: lifelines 0.30.3, pandas 2.3.3. The documentation speaks of missing end_times only; they are censored.
# For a user: Drop rows without a start, and those whose duration is negative, first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile lifelines==0.30.3 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import lifelines
import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter, WeibullFitter
from lifelines.utils import datetimes_to_durations

print("lifelines", lifelines.__version__, "| pandas", pd.__version__)
start = ["2024-01-01"] * 8 + [None, None]
end = ["2024-03-01"] + ["2024-07-01"] * 7 + ["2024-03-01", "2024-07-01"]
durations, cancelled = datetimes_to_durations(start, end, fill_date="2024-12-31")
expect("durations", [int(value) for value in durations[[0, 1, 8, 9]]], [60, 182, -(2**63), -(2**63)])
expect("cancelled", bool(cancelled.all()), True)
known = durations > 0


def stays(*chosen):
    return round(float(KaplanMeierFitter().fit(*chosen).predict(100)), 3)


expect("share that stays 100 days", stays(durations, cancelled), 0.7)
expect("share of those whose start is known", stays(durations[known], cancelled[known]), 0.875)
frames = [pd.Series(pd.to_datetime(days)) for days in (start, end)]
expect("the same from columns of times", int(datetimes_to_durations(*frames)[0].min()), -(2**63))
missing_end = datetimes_to_durations(["2024-01-01"], [None], fill_date="2024-12-31")
expect("a missing end is censored", [float(missing_end[0][0]), bool(missing_end[1][0])], [365.0, False])
late = datetimes_to_durations(["2025-01-10"], [None], fill_date="2024-12-31")
expect("a start after the last day of observation", [float(late[0][0]), bool(late[1][0])], [-10.0, False])

random = np.random.default_rng(0)
viewers = pd.DataFrame({"days": random.exponential(100, 300), "hours": random.normal(size=300)})
viewers["cancelled"] = True
lost = viewers.assign(days=np.where(viewers["hours"] > 1, -(2.0**63), viewers["days"]))
for name, frame, effect in (("all starts known", viewers, False), ("starts of eager viewers missing", lost, True)):
    found = CoxPHFitter().fit(frame, "days", "cancelled")
    expect(f"Cox, {name}: hours count", bool(found.summary.loc["hours", "p"] < 0.001), effect)
try:
    WeibullFitter().fit(lost["days"])
except ValueError as error:
    expect("Weibull", str(error).split(".")[0], "This model does not allow for non-positive durations")
PY

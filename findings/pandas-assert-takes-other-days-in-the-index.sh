#!/usr/bin/env bash
# Question: a test compares two pandas frames by assert_frame_equal. The sums of two days have the right values, but the
#   wrong days: 20240111 and 20240112 instead of 20240101 and 20240102. Does it fail?
# Guess: Yes. Since pandas 2.2, integers are compared exactly; a tolerance is for floats.
# What happens: It passes if the days are the index, as after groupby: the index of a frame is compared with a tolerance
#   of 0.00001 of its value, integers as well. 20240101 equals all days up to 20240303, and a film's id 1234567 equals
#   the next 12. assert_series_equal compares the same index exactly since pandas 3.0. In a column, days and ids are
#   exact, but not once atol or rtol is given: atol=0.000001, for stricter ratings, makes ids of the same frame loose,
#   because rtol stays. Ids in lists always have the tolerance.
# Versions: pandas 3.1.1. The documentation says of check_exact: "Defaults to True for integer dtypes if none of
#   check_exact, rtol and atol are specified"; it makes no exception for an index.
# For a user: reset_index() first; or compare ids by check_exact=True, and ratings by themselves.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pandas==3.1.1 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import pandas as pd
from pandas.testing import assert_frame_equal, assert_series_equal

print("pandas", pd.__version__)


def passes(check, left, right, **options):
    try:
        check(left, right, **options)
    except AssertionError:
        return False
    return True


def sums(*days):
    return pd.DataFrame({"day": list(days), "votes": 5}).groupby("day").sum()


def both(left, right, **options):
    flat = passes(assert_frame_equal, left.reset_index(), right.reset_index(), **options)
    return [passes(assert_frame_equal, left, right, **options), flat]


right, wrong = sums(20240101, 20240102), sums(20240111, 20240112)
expect("right and wrong days pass in the index, as a column", both(right, wrong), [True, False])
series = passes(assert_series_equal, right["votes"], wrong["votes"])
expect("they pass in assert_series_equal", series, False)
expect("with check_exact=True", both(right, wrong, check_exact=True), [False, False])
later = [passes(assert_frame_equal, sums(20240101), sums(day)) for day in (20240303, 20240304)]
expect("20240101 passes for 20240303, for 20240304", later, [True, False])
count = sum(passes(assert_frame_equal, sums(1234567), sums(1234567 + step)) for step in range(1, 100))
expect("later ids that pass for 1234567", count, 12)
genre = pd.Index(["Drama", "War"], name="genre")
genres = both(right.set_index(genre, append=True), wrong.set_index(genre, append=True))
expect("days and genres in a MultiIndex", genres, [True, False])

ratings = pd.DataFrame({"film": [1234567, 7654321], "rating": [7.5, 8.5]})
others = ratings.assign(film=[1234568, 7654322])
for options, found in (({}, False), ({"atol": 1e-6}, True), ({"rtol": 1e-6}, True), ({"rtol": 0, "atol": 1e-6}, False)):
    expect(f"other ids pass in a column, {options}", passes(assert_frame_equal, ratings, others, **options), found)
lists = [pd.DataFrame({"films": [[1234567, 7654321]]}), pd.DataFrame({"films": [[1234568, 7654322]]})]
expect("other ids pass in a list", passes(assert_frame_equal, *lists), True)
PY

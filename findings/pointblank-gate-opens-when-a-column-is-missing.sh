#!/usr/bin/env bash
# Question: A pipeline stops if pointblank's thresholds are passed: assert_below_threshold(level="warning"), with a
#   warning at the first failure. The column that a rule checks is renamed, or becomes text. Does the pipeline stop?
# Guess: Yes: the rule cannot hold, so the gate stays shut, as it does if rows break the rule.
# What happens: It goes on. A rule that cannot be evaluated has no counts, no level is reached, above_threshold() is
#   False and no action is called; only all_passed() is False. assert_passing() raises, but a TypeError, while it
#   counts. The same happens to an empty Polars table, and to pandas rows without a segment.
# Versions: pointblank 1.1.1, polars 2.1.0, pandas 3.1.1. Only the report shows it, as a symbol.
# For a user: Add col_exists() and col_schema_match() to the plan, or test all_passed() as well.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pointblank==1.1.1 polars==2.1.0 pandas==3.1.1 pyarrow==26.0.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import pointblank as pb
import polars as pl

print("pointblank", version("pointblank"), "| polars", pl.__version__)


def judged(plan):
    """What the gates say: all_passed, above_threshold, the number of actions called, and the two assertions."""
    called = []
    result = plan(lambda: called.append(1)).interrogate()
    gates = []
    for gate in (lambda: result.assert_below_threshold(level="warning"), result.assert_passing):
        try:
            gate()
            gates.append("passes")
        except Exception as error:
            gates.append(type(error).__name__)
    return (result.all_passed(), result.above_threshold(level="warning"), len(called), *gates)


def rule(frame, column="year", **options):
    return lambda action: pb.Validate(frame, thresholds=1, actions=pb.Actions(warning=action)).col_vals_gt(column, 1900, **options)


films = pl.DataFrame({"year": [1, 2, 3], "kind": ["movie", None, "short"]})
good = films.with_columns(year=2000)
shut, blind = (False, True, 1, "AssertionError", "AssertionError"), (False, False, 0, "passes", "TypeError")
expect("good years", judged(rule(good)), (True, False, 0, "passes", "passes"))
expect("three bad years", judged(rule(films)), shut)
expect("the column is renamed", judged(rule(films.rename({"year": "startYear"}))), blind)
expect("the column is text", judged(rule(films.cast({"year": pl.String}))), blind)
expect("the table is empty", judged(rule(films.clear())), blind)
expect("bad years, by kind, Polars", judged(rule(films, segments="kind")), (False, True, 3, "AssertionError", "AssertionError"))
expect("bad years, by kind, pandas", judged(rule(films.to_pandas(), segments="kind")), blind)
exists = lambda action: rule(films.rename({"year": "startYear"}))(action).col_exists("year")
expect("renamed, with col_exists", judged(exists)[1:4], (True, 1, "AssertionError"))
PY

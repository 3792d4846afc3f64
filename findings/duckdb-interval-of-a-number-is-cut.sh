#!/usr/bin/env bash
# Question: How long are `interval 1.5 day`, `interval (0.5) hour` and `interval '1.5 days'` in DuckDB?
# Guess: 36 hours, 30 minutes and 36 hours: one notation is a number, the other a text.
# What happens: The number is cut to a whole one, the text is not: 1 day, nothing at all, and 36 hours. A column as the
#   number is cut likewise, so 0.5 hours later is the same moment. to_hours(0.5) is refused;
#   to_seconds(1.5) keeps the fraction.
# Versions: duckdb 2.0.0.
# For a user: A run time of 1.9 years, or a limit of 0.5 hours from a setting, becomes 1 year and 0. Multiply:
#   0.5 * interval '1 hour' keeps the fraction.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.0

venv/bin/python - <<'PY'
import sys

import duckdb


def expect(query, want):
    got = duckdb.sql(f"select ({query})::varchar").fetchall()[0][0]
    print(f"{query}: {got!r}")
    if got != want:
        sys.exit(f"CHANGED: {query} was {want!r}")


expect("interval 1.5 day", "1 day")
expect("interval '1.5 days'", "1 day 12:00:00")
expect("interval (0.5) hour", "00:00:00")
expect("interval '0.5 hours'", "00:30:00")
expect("interval 1.9 year", "1 year")
expect("(select timestamp '2024-01-01 10:00:00' + interval (hours) hour from (values (0.5)) t(hours))", "2024-01-01 10:00:00")
expect("0.5 * interval '1 hour'", "00:30:00")
expect("to_seconds(1.5)", "00:00:01.5")
PY

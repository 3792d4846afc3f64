#!/usr/bin/env bash
# Question: ClickHouse has Date32 for days before 1970. Which year, month and decade does 5 May 1950 belong to?
# Guess: 1950-01-01, 1950-05-01 and 1950-01-01: toDate32 takes the day, and toYear gives 1950.
# What happens: toStartOfYear, toStartOfMonth, toMonday and toLastDayOfMonth of the Date32 answer with a Date, which
#   begins in 1970, and say 1970-01-01. toStartOfInterval with ten years says 2129-06-07: the day wraps around 65,536
#   days. date_trunc('year', …) is right, and so is a literal only as toDate32(…): date '1950-01-01' is 1970-01-01.
#   With enable_extended_results_for_datetime_functions = 1, the functions answer with a Date32.
# Versions: chdb 4.4.0 with chdb-core 26.9.0 (ClickHouse in process).
# For a user: A chart of films by year or decade counts all films before 1970 in 1970 or in 2129. Set the setting, or
#   group by intDiv(toYear(day), 10) * 10.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile chdb==4.4.0 chdb-core==26.9.0

venv/bin/python - <<'PY'
import sys

import chdb


def answer(query):
    try:
        return str(chdb.query(query, "TSV")).strip()
    except RuntimeError as error:
        return str(error).split(".")[0]


def expect(query, want):
    got = answer(query)
    print(f"{query}\n    {got!r}")
    if got != want:
        sys.exit(f"CHANGED: it was {want!r}")


DAY = "toDate32('1950-05-05')"
EXTENDED = " settings enable_extended_results_for_datetime_functions = 1"
expect(f"select toYear({DAY}), date_trunc('year', {DAY})", "1950\t1950-01-01")
for function in ("toStartOfYear", "toStartOfMonth", "toMonday", "toLastDayOfMonth"):
    expect(f"select {function}({DAY}), toTypeName({function}({DAY}))", "1970-01-01\tDate")
expect(f"select toStartOfInterval({DAY}, interval 10 year)", "2129-06-07")
expect("select date '1950-01-01'", "1970-01-01")
expect(f"select toStartOfYear({DAY}), toStartOfInterval({DAY}, interval 10 year){EXTENDED}", "1950-01-01\t1950-01-01")
expect(f"select intDiv(toYear({DAY}), 10) * 10", "1950")
PY

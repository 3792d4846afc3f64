#!/usr/bin/env bash
# Question: ClickHouse reads the day 1950-02-30 into a Date32. Error, NULL, or a day?
# Guess: An error for toDate32, and NULL for toDate32OrNull, as for "x".
# What happens: 1950-03-02, from a file, from toDate32 and from toDate32OrNull; 31 April becomes 1 May. Month 13
#   and day 32 become 1900-01-01. toDateOrNull('1950-01-01'), which Date cannot hold, is not NULL but 1970-01-01.
# Versions: chdb 4.4.0 with chdb-core 26.9.0 (ClickHouse in process).
# For a user: OrNull does not find impossible days. Compare the text of the date with the text that was read.
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

from pathlib import Path

Path("days.tsv").write_text("1950-02-30\n")
expect("select day from file('days.tsv', 'TSV', 'day Date32')", "1950-03-02")
expect("select toDate32('1950-02-30'), toDate32OrNull('1950-02-30'), toDate32OrNull('1999-04-31')",
       "1950-03-02\t1950-03-02\t1999-05-01")
expect("select toDate32OrNull('1950-13-01'), toDate32OrNull('1950-01-32'), toDate32OrNull('x')", "1900-01-01\t1900-01-01\t\\N")
expect("select toDateOrNull('1950-01-01')", "1970-01-01")
expect("select toString(toDate32OrNull(d)) = d from (select '1950-02-30' as d)", "0")
PY

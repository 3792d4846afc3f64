#!/usr/bin/env bash
# Question: A text file says 3000000000 votes, and the column is Nullable(Int32). What does ClickHouse read?
# Guess: An error that names the row, as for 1.5, 1e3 or "many" in the same column; at worst NULL.
# What happens: -1294967296, without a word. The number wraps around in each integer type: 300 in UInt8 is 44, and
#   18446744073709551616 in UInt64 is 0. TSV, TSVRaw and CSV read so. A column of Decimal, or accurateCast from a String,
#   raises; accurateCastOrNull gives NULL.
# Versions: chdb 4.4.0 with chdb-core 26.9.0 (ClickHouse in process).
# For a user: Bounds cannot be left to the column's type. Read such columns as text with accurateCastOrNull, or wide
#   enough, and check them.
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


def file(text, type, form="TSV"):
    Path("votes.tsv").write_text(text + "\n")
    return f"file('votes.tsv', '{form}', 'v {type}')"


for form in ("TSV", "TSVRaw", "CSV"):
    expect(f"select v from {file('3000000000', 'Nullable(Int32)', form)}", "-1294967296")
expect(f"select v from {file('300', 'UInt8')}", "44")
expect(f"select v from {file('18446744073709551616', 'UInt64')}", "0")
expect(f"select v from {file('1.5', 'Int32')}", "Code: 27")
expect(f"select v from {file('3000000000', 'Decimal(9, 0)')}", "Code: 69")
expect(f"select accurateCastOrNull(v, 'Int32') from {file('3000000000', 'String')}", "\\N")
PY

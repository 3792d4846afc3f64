#!/usr/bin/env bash
# Question: A query divides by zero as integers, or takes the logarithm of zero votes. What changes from DuckDB 1.5 to 2.0?
# Guess: Nothing: both are decided since years.
# What happens: They change places. 1 // 0, 1 % 0 and mod(1, 0) were NULL and are errors now. ln(0), log2(0), sqrt(-1),
#   acos(2) and the spread of infinities were errors and are -inf or NaN now; so avg(ln(votes)) with one zero is -inf,
#   where 1.5 stopped. TRY(ln(0)), the guard that 1.5's users wrote, was NULL and is -inf: there is no error left to
#   catch. 1 / 0 is infinite in both.
# Versions: duckdb 1.5.5 and 2.0.0.
# For a user: Look for ln, log, sqrt and for TRY around them before the upgrade; write ln(nullif(votes, 0)). Guard // and %
#   with nullif as well. A NaN sorts above all numbers and makes averages NaN.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
for version in 1.5.5 2.0.0; do
  python3 -m venv "$version"
  "$version"/bin/pip install --quiet --disable-pip-version-check --no-compile "duckdb==$version"
done

cat > ask.py <<'PY'
import sys

import duckdb

for query in sys.stdin.read().splitlines():
    try:
        print(duckdb.sql(f"select {query}").fetchall()[0][0])
    except duckdb.Error:
        print("error")
PY

python3 - <<'PY'
import subprocess
import sys

expected = {
    "1 // 0": ("None", "error"),
    "1 % 0": ("None", "error"),
    "mod(1, 0)": ("None", "error"),
    "1 / 0": ("inf", "inf"),
    "ln(0)": ("error", "-inf"),
    "log2(0)": ("error", "-inf"),
    "sqrt(-1)": ("error", "nan"),
    "acos(2)": ("error", "nan"),
    "avg(ln(votes)) from (values (10), (0)) films(votes)": ("error", "-inf"),
    "stddev(x) from (values ('inf'::double), ('inf'::double)) t(x)": ("error", "nan"),
    "try(ln(0))": ("None", "-inf"),
    "try(1 // 0)": ("None", "None"),
    "ln(nullif(0, 0))": ("None", "None"),
}
answers = [
    subprocess.run(
        [f"{version}/bin/python", "ask.py"], input="\n".join(expected), capture_output=True, text=True, check=True
    ).stdout.splitlines()
    for version in ("1.5.5", "2.0.0")
]
for (query, want), *got in zip(expected.items(), *answers, strict=True):
    print(f"{query}: {got[0]} in 1.5.5, {got[1]} in 2.0.0")
    if tuple(got) != want:
        sys.exit(f"CHANGED: it was {want}")
PY

#!/usr/bin/env bash
# Question: two gzip files, each filled up with zeros to a block of 512 bytes, as tape and some object stores' appenders do,
#   are joined into one. How many rows do the readers find?
# Guess: all rows, or an error.
# What happens: Python and isal skip the zeros and read both parts. The gzip command reads the first part, says "trailing
#   garbage ignored" and drops the second: half of the rows, with exit code 2. Polars, DuckDB and pyarrow refuse.
#   With zeros at the very end only, gzip, Python and isal read all; Polars, DuckDB and pyarrow refuse still.
# Versions: gzip 1.10 and later, Python 3.11, isal 1.9.0, polars 2.1.0, duckdb 2.0.0, pyarrow 25.0.0.
# What follows: a pipe from "gzip -dc" needs pipefail, and exit code 2 is data loss, not a mere warning.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check duckdb==2.0.0 isal==1.9.0 polars==2.1.0 pyarrow==25.0.0
WORK="$work" "$work/venv/bin/python" - <<'PY'
import gzip
import os
import subprocess

import duckdb
import isal
import polars as pl
import pyarrow.csv
from isal import igzip

print(subprocess.run(["gzip", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0])
print("isal", isal.__version__, "| polars", pl.__version__, "| duckdb", duckdb.__version__, "| pyarrow", pyarrow.__version__)
path = os.environ["WORK"] + "/dump.tsv.gz"


def padded(text):
    member = gzip.compress(text, mtime=0)
    return member + b"\0" * (-len(member) % 512)


first = b"tconst\n" + b"".join(b"tt%07d\n" % number for number in range(1000))
second = b"".join(b"tt%07d\n" % number for number in range(1000, 2000))


def lines(opened):
    with opened(path, "rb") as file:
        return file.read().count(b"\n") - 1


def by_command():
    done = subprocess.run(["gzip", "-dc", path], capture_output=True, check=False)
    return done.stdout.count(b"\n") - 1, f"exit {done.returncode}"


readers = {
    "gzip command": by_command,
    "Python": lambda: lines(gzip.open),
    "isal": lambda: lines(igzip.open),
    "polars": lambda: pl.read_csv(path).height,
    "duckdb": lambda: duckdb.connect().execute(f"select count(*) from read_csv('{path}', header = true)").fetchone()[0],
    "pyarrow": lambda: pyarrow.csv.read_csv(path).num_rows,
}


def outcome(content):
    with open(path, "wb") as file:
        file.write(content)
    found = {}
    for name, reader in readers.items():
        try:
            found[name] = reader()
        except (OSError, duckdb.Error, pl.exceptions.PolarsError):
            found[name] = "refused"
    return found


refusing = dict.fromkeys(("polars", "duckdb", "pyarrow"), "refused")
between, end = outcome(padded(first) + padded(second)), outcome(padded(first + second))
print("zeros between:", between)
print("zeros at the end:", end)
assert between == {"gzip command": (1000, "exit 2"), "Python": 2000, "isal": 2000, **refusing}
assert end == {"gzip command": (2000, "exit 0"), "Python": 2000, "isal": 2000, **refusing}
PY

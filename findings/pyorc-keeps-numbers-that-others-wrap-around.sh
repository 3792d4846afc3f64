#!/usr/bin/env bash
# Question: pyorc writes the votes 3000000000 to a column "votes:int". What do the readers of the file find?
# Guess: pyorc refuses it, as it refuses 7.9 or a text, and as pyarrow refuses such a value for int32.
# What happens: pyorc writes it and reads 3000000000 back, so a test that reads the file with pyorc passes. pyarrow
#   and ClickHouse read -1294967296; smallint has the same fault, tinyint wraps around for pyorc as well. The statistics
#   of the file say 3000000000, so ClickHouse shows the row, but "where votes < 0" does not find it. In a uniontype the
#   first member takes any whole number: 2^40 in uniontype<int,bigint> is 0 for others.
# Versions: pyorc 0.12.0, pyarrow 25.0.1, chdb 4.4.0.
# For a user: Declare bigint, or write with pyarrow.orc. Read a file back with another reader.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pyorc==0.12.0 pyarrow==25.0.1 chdb==4.4.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import os

import chdb
import pyarrow as pa
import pyorc
from pyarrow import orc

print("pyorc", pyorc.__version__, "| pyarrow", pa.__version__, "| chdb", chdb.__version__)


def write(kind, values):
    with open("films.orc", "wb") as file, pyorc.Writer(file, f"struct<votes:{kind}>") as writer:
        writer.writerows([(value,) for value in values])


def read(kind, values):
    """What pyorc and pyarrow read from a column of this kind."""
    write(kind, values)
    with open("films.orc", "rb") as file:
        return [row[0] for row in pyorc.Reader(file)], orc.read_table("films.orc")["votes"].to_pylist()


def house(condition):
    return str(chdb.query(f"select votes from file('{os.getcwd()}/films.orc', ORC) where {condition}", "TSV")).split()


expect("smallint", read("smallint", [70000]), ([70000], [4464]))
expect("tinyint", read("tinyint", [300]), ([44], [44]))
expect("union of int and bigint", read("uniontype<int,bigint>", [2**40]), ([2**40], [0]))
expect("int", read("int", [5, 3_000_000_000]), ([5, 3_000_000_000], [5, -1294967296]))
expect("chdb, all rows", house("true"), ["5", "-1294967296"])
expect("chdb, votes < 0", house("votes < 0"), [])
expect("chdb, votes < 0, without statistics", house("votes < 0 settings input_format_orc_filter_push_down = 0"), ["-1294967296"])
with open("films.orc", "rb") as file:
    expect("statistics", pyorc.Reader(file)[1].statistics["maximum"], 3_000_000_000)
for value in (7.9, "8"):
    try:
        write("int", [value])
        raised = None
    except TypeError as error:
        raised = type(error).__name__
    expect(f"{value!r}", raised, "TypeError")
try:
    pa.array([3_000_000_000], pa.int32())
    raised = None
except pa.ArrowInvalid as error:
    raised = type(error).__name__
expect("pyarrow, int32", raised, "ArrowInvalid")
PY

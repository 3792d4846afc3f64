#!/usr/bin/env bash
# Question: A JSON file has ids of 20 digits, more than 64 bits hold. What does pandas' read_json read?
# Guess: An error: "Value is too big!", which issues quote, or Python's whole numbers, as from json.loads.
# What happens: For most such ids neither: 30000000000000000000 becomes 11553255926290448384, without a word. The
#   parser raises if a digit made the number smaller, but a number that has wrapped around may well be larger: of 2,000
#   ids drawn at random from those of 20 digits, 1,161 are read as others, and only 639 raise. dtype=str does not help,
#   as it comes afterwards. Without "precise_float=True", which the documentation offers, 0.7 is read as
#   0.7000000000000001, so "rating == 0.7" finds nothing.
# Versions: pandas 3.1.1, polars 2.1.0, duckdb 2.0.1.
# For a user: Let writers put such ids into quotes, and pass dtype=False, or they become floats. Or read with Polars,
#   or engine="pyarrow", which reads ids beyond 64 bits as doubles.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pandas==3.1.1 polars==2.1.0 duckdb==2.0.1 pyarrow==25.0.1 numpy==2.4.6

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json
import random

import duckdb
import pandas as pd
import polars as pl

print("pandas", pd.__version__, "| polars", pl.__version__, "| duckdb", duckdb.__version__)


def write(number):
    with open("films.json", "w") as file:
        file.write(f'{{"id": {number}}}\n')


def read(number, **options):
    write(number)
    try:
        return pd.read_json("films.json", lines=True, **options)["id"].tolist()[0]
    except ValueError as error:
        return str(error).split("!")[0]


number = 30_000_000_000_000_000_000
expect("pandas", read(number), 11553255926290448384)
expect("pandas, dtype=str", read(number, dtype={"id": str}), "11553255926290448384")
expect("pandas, engine=pyarrow", read(number, engine="pyarrow"), 3e19)
expect("polars", pl.read_ndjson("films.json")["id"][0], number)
expect("duckdb", duckdb.sql("select id, typeof(id) from 'films.json'").fetchall(), [(3e19, "DOUBLE")])
expect("2^64", read(2**64), "Value is too big")
draw = random.Random(1)
read_as = [(id, read(id)) for id in (draw.randint(10**19, 10**20 - 1) for _ in range(2000))]
expect("raised, wrong, right", [sum(isinstance(got, str) for _, got in read_as), sum(isinstance(got, int) and got != id for id, got in read_as), sum(got == id for id, got in read_as)], [639, 1161, 200])
expect("0.7", [read("0.7"), read("0.7", precise_float=True)], [0.7000000000000001, 0.7])
write(json.dumps(str(number)))
expect("in quotes", [str(pd.read_json("films.json", lines=True, dtype=kind)["id"][0]) for kind in (None, False)], ["3e+19", str(number)])
PY

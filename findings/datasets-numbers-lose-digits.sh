#!/usr/bin/env bash
# Question: A Hugging Face dataset has ids as int64, one of them missing, and probabilities as float64. What do
#   with_format("numpy") and to_json give?
# Guess: The ids as float64, since NumPy's integers have no gap, as in pandas, and all digits of the probabilities.
# What happens: with_format("numpy") makes float32 of every float64, and of integers with a gap: the ids 16777216 and
#   16777217 are equal, and unequal ids match in a join. One missing value changes all others of its column; without it
#   they are int64. to_json keeps ten decimals, as pandas does: a probability of 0.00000000004 is 0.0, and instants lose
#   their microseconds. to_csv, to_parquet and with_format("pandas") keep all.
# Versions: datasets 5.2.0, numpy 2.4.6, pandas 3.1.1.
# For a user: with_format("numpy", dtype="float64"), and to_json(..., double_precision=15, date_format="iso",
#   date_unit="us"). The guide on NumPy names float32 for floats, and speaks of columns without missing values only.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datasets==5.2.0 numpy==2.4.6 pandas==3.1.1 pyarrow==25.0.1

HF_HOME="$work/home" HF_HUB_OFFLINE=1 venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt

import datasets
import numpy as np
from datasets import Dataset

datasets.disable_progress_bars()
print("datasets", datasets.__version__, "| numpy", np.__version__)
ids = [16777216, 16777217, 1234567890123456789]


def seen(values, **options):
    column = Dataset.from_dict({"v": values}).with_format("numpy", **options)[:]["v"]
    return str(column.dtype), column.tolist()


expect("ids", seen(ids), ("int64", ids))
expect("ids and a gap", seen([*ids, None]), ("float32", [16777216.0, 16777216.0, 1.2345679395506094e18, float("nan")]))
expect("with dtype", seen([*ids, None], dtype="float64"), ("float64", [16777216.0, 16777217.0, 1.2345678901234568e18, float("nan")]))
expect("floats", seen([0.1, 16777217.0]), ("float32", [0.10000000149011612, 16777216.0]))
films = Dataset.from_dict({"p": [4e-11, 0.123456789012345], "at": [dt.datetime(2024, 1, 1, 0, 0, 0, 123456)] * 2})
expect("pandas", films.with_format("pandas")[:]["p"].tolist(), [4e-11, 0.123456789012345])
films.to_json("films.json")
films.to_csv("films.csv")
films.to_json("exact.json", double_precision=15, date_format="iso", date_unit="us")
for name, lines in (
    ("films.json", ['{"p":0.0,"at":1704067200123}', '{"p":0.123456789,"at":1704067200123}']),
    ("films.csv", ["p,at", "4e-11,2024-01-01 00:00:00.123456", "0.123456789012345,2024-01-01 00:00:00.123456"]),
    ("exact.json", ['{"p":0.00000000004,"at":"2024-01-01T00:00:00.123456"}', '{"p":0.123456789012345,"at":"2024-01-01T00:00:00.123456"}']),
):
    with open(name) as file:
        expect(name, file.read().splitlines(), lines)
PY

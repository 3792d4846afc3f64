#!/usr/bin/env bash
# Question: A Kedro pipeline reads each month's ratings once, by an IncrementalDataset. The files are 2024-8.csv and
#   2024-9.csv, and after the run 2024-10.csv and 2024-11.csv arrive. What does the next run load?
# Guess: The two new files: "subsequent pipeline run loads only new partitions past the checkpoint".
# What happens: Nothing, without a warning: names are compared as texts, and "2024-10" is before "2024-9". When 2025-1
#   arrives, only this file is loaded. A file that arrives late, 2024-07 after 2024-08, is never loaded, either. With a
#   comparison_func that parses the months all are loaded, but the checkpoint is still the last name in the order of
#   texts: if September and October arrive together, October is loaded by each run until 2025.
# Versions: kedro 1.7.0, kedro-datasets 9.6.0.
# For a user: Name files with leading zeros, and compare the list of files with what was loaded.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile kedro==1.7.0 kedro-datasets==9.6.0 pandas==3.1.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import logging
from pathlib import Path

import kedro
import kedro_datasets
import pandas as pd
from kedro_datasets.partitions import IncrementalDataset

logging.disable(logging.CRITICAL)
print("kedro", kedro.__version__, "| kedro-datasets", kedro_datasets.__version__)


def later(name, checkpoint):
    year, month = map(int, name.split("-"))
    return (year, month) > tuple(map(int, checkpoint.split("-")))


def loaded_by_runs(folder, *arrivals, checkpoint=None):
    """What each run loads, if the named files arrive before it."""
    loaded = []
    for names in arrivals:
        for name in names.split():
            Path(folder).mkdir(exist_ok=True)
            pd.DataFrame({"votes": [1]}).to_csv(f"{folder}/{name}.csv", index=False)
        films = IncrementalDataset(path=folder, dataset="pandas.CSVDataset", filename_suffix=".csv", checkpoint=checkpoint)
        loaded.append(" ".join(sorted(films.load())))
        films.confirm()
    return loaded


months = ("2024-8 2024-9", "2024-10 2024-11", "2025-1")
expect("months without zeros", loaded_by_runs("short", *months), ["2024-8 2024-9", "", "2025-1"])
expect("with zeros", loaded_by_runs("long", "2024-08 2024-09", "2024-10", "2025-01"), ["2024-08 2024-09", "2024-10", "2025-01"])
expect("a late file", loaded_by_runs("late", "2024-06 2024-08", "2024-07", "2024-09"), ["2024-06 2024-08", "", "2024-09"])
parsed = {"comparison_func": later}
expect("compared as months", loaded_by_runs("parsed", *months, checkpoint=parsed), ["2024-8 2024-9", "2024-10 2024-11", "2025-1"])
at_once = loaded_by_runs("both", "2024-9 2024-10", "", checkpoint=parsed)
expect("both at once, and a run without new files", at_once, ["2024-10 2024-9", "2024-10"])
PY

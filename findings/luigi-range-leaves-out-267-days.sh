#!/usr/bin/env bash
# Question: Luigi's RangeDaily is to make the days of 2024, from --start 2024-01-01 to --stop 2025-01-01. It is run on
#   1 January 2025, and again until nothing is left. How many of the 366 days are there?
# Guess: All, as "a contiguous completed range" promises.
# What happens: 99, from 24 September on. A run makes 50 days at most, ends with code 0, and reports success, as if
#   nothing were left. Days more than days_back before today, 100 by default, are left out without a warning, although
#   start names them. In one process, a second run makes no day at all: the range is kept from the first run, and says
#   that it is complete.
# Versions: luigi 3.8.1. The documentation gives an example with a start alone; the two defaults are in the description
#   of the parameters, which says that days_back "prevents infinite loop when start is none".
# For a user: Set --days-back and --task-limit to more than the days of the range, and count the outputs.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile luigi==3.8.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime
import pathlib
import subprocess
from importlib.metadata import version

print("luigi", version("luigi"))
pathlib.Path("days.py").write_text("""
import luigi


class Day(luigi.Task):
    date = luigi.DateParameter()

    def output(self):
        return luigi.LocalTarget(f"made/{self.date}")

    def run(self):
        with self.output().open("w") as file:
            file.write("films")
""")
now = int(datetime.datetime(2025, 1, 1, 12).timestamp())
dates = {"start": datetime.date(2024, 1, 1), "stop": datetime.date(2025, 1, 1), "now": now}


def made():
    days = sorted(path.name for path in pathlib.Path("made").glob("*"))
    return [len(days), days[0], days[-1]]


def run(*options):
    command = [pathlib.Path(sys.executable).with_name("luigi"), "--module", "days", "--local-scheduler", "RangeDaily"]
    command += ["--of", "Day", *(text for name, value in dates.items() for text in (f"--{name}", str(value)))]
    done = subprocess.run([*command, *options], env={"PYTHONPATH": "."}, capture_output=True, text=True)
    return [done.returncode, "This progress looks :)" in done.stderr, *made()]


expect("first run: code, success, days, first, last", run(), [0, True, 50, "2024-09-24", "2024-11-12"])
expect("second run", run(), [0, True, 99, "2024-09-24", "2024-12-31"])
expect("third run", run(), [0, True, 99, "2024-09-24", "2024-12-31"])
expect("with --days-back 400", run("--days-back", "400"), [0, True, 149, "2024-01-01", "2024-12-31"])
everything = run("--days-back", "400", "--task-limit", "400")
expect("with --task-limit 400", everything, [0, True, 366, "2024-01-01", "2024-12-31"])

sys.path.insert(0, ".")
import luigi
from days import Day
from luigi.tools.range import RangeDaily

for path in pathlib.Path("made").glob("*"):
    path.unlink()
for _ in range(2):
    days = RangeDaily(of=Day, **dates)
    luigi.build([days], local_scheduler=True, log_level="CRITICAL")
    expect("in one process: days, complete", [made()[0], days.complete()], [50, True])
PY

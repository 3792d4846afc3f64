#!/usr/bin/env bash
# Question: A table should have a row for each weekday, and cuallee's is_daily checks it. Which status has a table that
#   lacks one day of five, and one that lacks six of twelve?
# Guess: FAIL and FAIL, as the check asks for 100 %, and the pass rate falls with each missing day.
# What happens: The pass rate is the number of missing days divided by the number of rows: 0.25 for one day missing, 1.0
#   and PASS for six days missing next to six that are there. On Polars the rate counts the rows, too, and a complete
#   table fails with 0.5. Other checks depend on the engine as well: is_unique passes a missing id on Polars only,
#   not_contained_in passes a missing value on pandas only, and are_unique passes pairs that repeat a value on Polars.
# Versions: cuallee 0.15.4, polars 2.1.0, pandas 3.1.1, duckdb 2.0.1.
# For a user: A gate on is_daily opens when half of the days are lost. Look at "violations", which is right on pandas and
#   DuckDB, and not at "status".
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile cuallee==0.15.4 polars==2.1.0 pandas==3.1.1 duckdb==2.0.1 pyarrow==26.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt
from importlib.metadata import version

import duckdb
import polars as pl
from cuallee import Check, CheckLevel

print("cuallee", version("cuallee"), "| polars", pl.__version__, "| duckdb", duckdb.__version__)


def ask(frame, rule, *values):
    """Pass rate and status on pandas, Polars and DuckDB."""
    answers = []
    for engine in ("pandas", "polars", "duckdb"):
        check = Check(CheckLevel.ERROR, "films")
        getattr(check, rule)(*values)
        if engine == "duckdb":
            source = duckdb.connect()
            source.register("arrow", frame.to_arrow())
            source.execute("create table films as select * from arrow")
            check.table_name = "films"
        else:
            source = frame if engine == "polars" else frame.to_pandas()
        result = check.validate(source)
        result = result.to_dicts()[0] if isinstance(result, pl.DataFrame) else result.iloc[0].to_dict()
        answers.append((round(float(result["pass_rate"]), 2), result["status"]))
    return answers


def days(*numbers):
    return pl.DataFrame({"day": [dt.datetime(2024, 1, number) for number in numbers]})


# 1 January 2024 is a Monday.
expect("all days", ask(days(1, 2, 3), "is_daily", "day"), [(1.0, "PASS"), (0.5, "FAIL"), (1.0, "PASS")])
expect("one of five missing", ask(days(1, 2, 4, 5), "is_daily", "day"), [(0.25, "FAIL"), (0.8, "FAIL"), (0.25, "FAIL")])
expect("six of twelve missing", ask(days(1, 2, 3, 12, 15, 16), "is_daily", "day"), [(1.0, "PASS"), (0.5, "FAIL"), (1.0, "PASS")])
films = pl.DataFrame({"film": [1, 2, 3, None], "genre": ["Drama", "War", None, "War"], "year": [1999, 1999, 2001, 2001], "rank": [1, 2, 1, 2]})
expect("unique, one missing", ask(films, "is_unique", "film"), [(0.75, "FAIL"), (1.0, "PASS"), (0.75, "FAIL")])
expect("not in, one missing", ask(films, "not_contained_in", "genre", ("Game", "Short")), [(1.0, "PASS"), (0.75, "FAIL"), (0.75, "FAIL")])
expect("unique pairs", ask(films, "are_unique", ("year", "rank")), [(0.5, "FAIL"), (1.0, "PASS"), (0.5, "FAIL")])
PY

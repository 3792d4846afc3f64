#!/usr/bin/env bash
# Question: Instants of later years are shown as local times. Do libraries that know time zones agree?
# Guess: Yes: summer time goes on by the rule that a zone has today.
# What happens: Python, pandas and DuckDB go on. pyarrow has no summer time after 2037 and Polars none after 2099, so
#   that summers are an hour off; local times that are turned into UTC are off as well. For one file with summers of
#   2040, Polars and pyarrow give two answers.
# Versions: polars 2.1.0, pyarrow 25.0.1, duckdb 2.0.1, pandas 3.1.1, tzdata 2026.6 (pyarrow reads the machine's).
# For a user: Licences and copyrights end in such years. Store the local time and the zone, and convert with Python.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0 pyarrow==25.0.1 duckdb==2.0.1 pandas==3.1.1 tzdata==2026.6
export PYTHONTZPATH=  # Python reads the zones of the package tzdata

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt
import zoneinfo

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

print("polars", pl.__version__, "| pyarrow", pa.__version__, "| duckdb", duckdb.__version__, "| pandas", pd.__version__)


def local(year, zone):
    """The local hour of midnight UTC on 1 July."""
    day = dt.datetime(year, 7, 1, tzinfo=dt.timezone.utc)
    return {
        "Python": day.astimezone(zoneinfo.ZoneInfo(zone)).hour,
        "pandas": pd.Timestamp(day).tz_convert(zone).hour,
        "DuckDB": duckdb.connect().execute("select hour(timezone(?, ?::timestamptz))", [zone, f"{day:%Y-%m-%d}T00:00:00Z"]).fetchone()[0],
        "Polars": pl.Series([day]).dt.convert_time_zone(zone).dt.hour()[0],
        "pyarrow": pc.hour(pc.local_timestamp(pa.array([day]).cast(pa.timestamp("us", zone))))[0].as_py(),
    }


def utc(year, zone):
    """The hour in UTC of midnight local time on 1 July."""
    day = dt.datetime(year, 7, 1)
    return {
        "Python": day.replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.timezone.utc).hour,
        "Polars": pl.Series([day]).dt.replace_time_zone(zone).dt.convert_time_zone("UTC").dt.hour()[0],
        "pyarrow": pc.assume_timezone(pa.array([day]), zone).cast(pa.timestamp("us", "UTC"))[0].as_py().hour,
    }


for year, polars, pyarrow in ((2026, 2, 2), (2040, 2, 1), (2099, 2, 1), (2100, 1, 1)):
    expect(f"{year} in Berlin", local(year, "Europe/Berlin"), {"Python": 2, "pandas": 2, "DuckDB": 2, "Polars": polars, "pyarrow": pyarrow})
for year, polars, pyarrow in ((2040, 20, 19), (2119, 19, 19)):
    expect(f"{year} in New York", local(year, "America/New_York"), {"Python": 20, "pandas": 20, "DuckDB": 20, "Polars": polars, "pyarrow": pyarrow})
for year, polars, pyarrow in ((2040, 22, 23), (2119, 23, 23)):
    expect(f"{year} from Berlin to UTC", utc(year, "Europe/Berlin"), {"Python": 22, "Polars": polars, "pyarrow": pyarrow})
PY

#!/usr/bin/env bash
# Question: A Lance table has timestamps with the time zone Europe/Paris. Does DuckDB's lance extension find the row
#   of 10:00 UTC?
# Guess: Yes. DuckDB shows the column as TIMESTAMPTZ, which is an instant.
# What happens: It finds the row of 08:00 UTC, which is 10:00 in Paris: Lance reads the condition's instant as a local
#   time of the column's zone, even if it ends in Z. Equality and ranges are off by the offset. The shown values are
#   right, and so is a condition on epoch(seen), which DuckDB evaluates itself. A column in UTC is right.
# Versions: duckdb 1.5.5 with the wheel duckdb-extension-lance 1.5.5; also pylance 14.0.2 with a filter of text.
# For a user: Wrong rows without an error. Store instants in UTC.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-lance==1.5.5 duckdb-extension-icu==1.5.5 pylance==14.0.2 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt

import duckdb
import lance
import pyarrow as pa
from duckdb_extensions import import_extension

print("duckdb", duckdb.__version__, "| lance", lance.__version__)
import_extension("lance")
import_extension("icu")
con = duckdb.connect()
con.execute("load lance; load icu; set timezone = 'UTC'")
hours = [8, 10, 12]
instants = [dt.datetime(2024, 7, 1, hour, tzinfo=dt.UTC) for hour in hours]


def ask(zone, condition):
    """The hours in UTC of the rows that DuckDB finds."""
    return [row[0] for row in con.execute(f"select hour from '{zone}.lance' where {condition} order by hour").fetchall()]


for zone, equal, later in (("UTC", [10], [10, 12]), ("Paris", [8], [8, 10, 12])):
    name = {"UTC": "UTC", "Paris": "Europe/Paris"}[zone]
    lance.write_dataset(pa.table({"hour": hours, "seen": pa.array(instants, pa.timestamp("us", name))}), f"{zone}.lance")
    ten = "timestamptz '2024-07-01 10:00:00+00'"
    expect(f"{zone}: type", con.execute(f"select distinct typeof(seen) from '{zone}.lance'").fetchall(), [("TIMESTAMP WITH TIME ZONE",)])
    expect(f"{zone}: values", con.execute(f"select hour, hour(seen at time zone 'UTC') from '{zone}.lance' order by 1").fetchall(), [(8, 8), (10, 10), (12, 12)])
    expect(f"{zone}: seen = 10:00Z", ask(zone, f"seen = {ten}"), equal)
    expect(f"{zone}: seen >= 10:00Z", ask(zone, f"seen >= {ten}"), later)
    expect(f"{zone}: in DuckDB", ask(zone, f"epoch(seen) = epoch({ten})"), [10])
    found = lance.dataset(f"{zone}.lance").to_table(filter="seen = timestamp '2024-07-01T10:00:00Z'")["hour"].to_pylist()
    expect(f"{zone}: pylance", found, equal)
PY

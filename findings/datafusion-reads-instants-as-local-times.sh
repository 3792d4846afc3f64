#!/usr/bin/env bash
# Question: A table has instants with the time zone Europe/Paris. Does DataFusion find the one of 10:00 UTC by
#   timestamptz '2024-07-01T10:00:00Z'?
# Guess: Yes: both sides are instants, and the literal even says Z.
# What happens: It finds 08:00 UTC, which is 10:00 in Paris. The literal becomes a timestamp without a zone, and then
#   a local time of the column's zone. So do timestamp '…Z', to_timestamp('…Z') and to_timestamp(1719828000), a number
#   of seconds. A plain text '2024-07-01T10:00:00Z' is right, and so is a Python datetime with a zone in lit(). With a
#   column in UTC all are right.
# Versions: datafusion 55.0.0, pyarrow 25.0.1.
# For a user: Tests in UTC pass, and a filter in another zone returns other rows. Compare with a plain text, or store
#   UTC. Lance's filters have this from DataFusion.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile datafusion==55.0.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import datetime as dt

import datafusion
import pyarrow as pa

print("datafusion", datafusion.__version__)
hours = [8, 10, 12]
instants = [dt.datetime(2024, 7, 1, hour, tzinfo=dt.UTC) for hour in hours]
conditions = (
    "timestamptz '2024-07-01T10:00:00Z'",
    "timestamp '2024-07-01T10:00:00Z'",
    "to_timestamp('2024-07-01T10:00:00Z')",
    f"to_timestamp({int(instants[1].timestamp())})",
)
for zone, found in (("UTC", [10]), ("Europe/Paris", [8])):
    context = datafusion.SessionContext()
    table = pa.table({"hour": hours, "seen": pa.array(instants, pa.timestamp("us", zone))})
    context.register_record_batches("t", [table.to_batches()])
    for literal in conditions:
        rows = context.sql(f"select hour from t where seen = {literal}").to_pylist()
        expect(f"{zone}: seen = {literal}", [row["hour"] for row in rows], found)
    rows = context.sql("select hour from t where seen = '2024-07-01T10:00:00Z'").to_pylist()
    expect(f"{zone}: seen = a plain text", [row["hour"] for row in rows], [10])
    rows = context.table("t").filter(datafusion.col("seen") == datafusion.lit(instants[1])).to_pylist()
    expect(f"{zone}: seen = lit(datetime)", [row["hour"] for row in rows], [10])
PY

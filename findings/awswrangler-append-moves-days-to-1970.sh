#!/usr/bin/env bash
# Question: awswrangler appends rows to a table of Parquet files in Glue's catalogue. What does it store if a column has
#   another type than the table's?
# Guess: It casts what fits, and refuses the rest, as it refuses 7.9 for a BIGINT.
# What happens: In lists and structs it cuts 7.9 off to 7, and leaves out a field that the table's struct lacks. For a
#   DATE, the whole number 20240102 becomes 1 January 1970, and for a TIMESTAMP, the seconds 1704153600 do: numbers are
#   taken for nanoseconds. The text 02/03/2024 is 3 February. BIGINT 9007199254740993 in a DOUBLE column loses its last
#   digit. Nothing is said, and the catalogue is as before.
# Versions: awswrangler 3.17.1, moto 5.2.5, boto3 1.43.106, pandas 3.1.1, pyarrow 25.0.1. The documentation does not say
#   how the values of an append are cast.
# For a user: Cast each column oneself, and compare with wr.catalog.get_table_types before an append.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile awswrangler==3.17.1 "moto[glue]==5.2.5" boto3==1.43.106 pandas==3.1.1 pyarrow==25.0.1 numpy==2.4.6

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import os

os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
from datetime import date, datetime
from importlib.metadata import version

import awswrangler as wr
import boto3
import pandas as pd
from moto import mock_aws

print({name: version(name) for name in ("awswrangler", "moto", "boto3", "pandas", "pyarrow")})


def appended(first, then):
    """The row that is stored for `then`, appended to a table whose only row is `first`."""
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="lake")
        wr.catalog.create_database("lake")
        for key, value in ((1, first), (2, then)):
            frame = pd.DataFrame({"key": [key], "v": [value]})
            try:
                wr.s3.to_parquet(
                    frame, "s3://lake/films/", dataset=True, database="lake", table="films", mode="append"
                )
            except TypeError:
                return "refused"
        rows = wr.s3.read_parquet("s3://lake/films/").set_index("key")["v"]
        kind = wr.catalog.get_table_types("lake", "films")["v"]
        return kind, str(list(rows[2]) if kind.startswith("array") else rows[2])


for first, then, found in (
    (7, 7.9, "refused"),
    ([7], [7.9, 8.9], ("array<bigint>", "[np.int64(7), np.int64(8)]")),
    ({"votes": 7}, {"votes": 7.9}, ("struct<votes:bigint>", "{'votes': 7}")),
    ({"votes": 7}, {"votes": 8, "mean": 6.5}, ("struct<votes:bigint>", "{'votes': 8}")),
    (date(2024, 1, 1), date(2024, 1, 2), ("date", "2024-01-02")),
    (date(2024, 1, 1), 20240102, ("date", "1970-01-01")),
    (date(2024, 1, 1), "02/03/2024", ("date", "2024-02-03")),
    (datetime(2024, 1, 1), 1704153600, ("timestamp", "1970-01-01 00:00:01.704153600")),
    (1.5, 2**53 + 1, ("double", "9007199254740992.0")),
):
    expect(f"{then!r} after {first!r}", appended(first, then), found)
PY

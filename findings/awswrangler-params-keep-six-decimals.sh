#!/usr/bin/env bash
# Question: awswrangler fills params into a query for Athena. Which numbers and times does Athena get for 1e-7, for
#   0.1234567 and for 12:00:00.123456?
# Guess: The same ones, as from any database driver.
# What happens: 0.000000, 0.123457 and 12:00:00.123. Floats are written with six decimals, also in lists and maps, and
#   times with three: v > 1e-7 becomes v > 0, and v = 0.1234567 misses the rows with this value, without a warning. A
#   Decimal keeps its digits. A name with a colon is filled in within a quoted text, too: with n=2, 'Part :n' becomes
#   'Part 2', and another row is found.
# Versions: awswrangler 3.17.1, moto 5.2.5, boto3 1.43.106, duckdb 2.0.1. The documentation says that params are
#   formatted on the client; it does not speak of decimals.
# For a user: Give Decimal("0.1234567"), or paramstyle="qmark" and texts, which Athena fills in.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile awswrangler==3.17.1 moto==5.2.5 boto3==1.43.106 duckdb==2.0.1

venv/bin/python -W ignore - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import os

os.environ |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
from datetime import datetime
from decimal import Decimal
from importlib.metadata import version

import awswrangler as wr
import boto3
import duckdb
from moto import mock_aws

print({name: version(name) for name in ("awswrangler", "moto", "boto3", "duckdb")})


def sent(query, **params):
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="answers")
        run = wr.athena.start_query_execution(query, params=params, database="lake", s3_output="s3://answers/")
        return boto3.client("athena").get_query_execution(QueryExecutionId=run)["QueryExecution"]["Query"]


for value, text in (
    (1e-7, "0.000000"),
    (0.1234567, "0.123457"),
    (7.1234567e-5, "0.000071"),
    ([1e-7], "ARRAY [0.000000]"),
    (Decimal("0.1234567"), "DECIMAL '0.1234567'"),
    (datetime(2024, 1, 1, 12, 0, 0, 123456), "TIMESTAMP '2024-01-01 12:00:00.123'"),
):
    expect(f"{value!r} is sent as", sent("select :v", v=value), f"select {text}")
text = "select 2 from films where title = 'Part 2'"
expect("in a text", sent("select :n from films where title = 'Part :n'", n=2), text)

duckdb.sql("create table films as select * from (values ('A', 0.1234567::double), ('B', 5e-8), ('C', 1.0)) t(title, v)")


def found(query, value):
    by_wrangler = duckdb.sql(sent(query, v=value)).fetchall()
    by_driver = duckdb.execute(query.replace(":v", "$v"), {"v": value}).fetchall()
    return ["".join(title for (title,) in rows) for rows in (by_wrangler, by_driver)]


equal, larger = "select title from films where v = :v", "select title from films where v > :v order by title"
expect("v = 0.1234567, sent by awswrangler and by a driver", found(equal, 0.1234567), ["", "A"])
expect("v > 1e-7, sent by awswrangler and by a driver", found(larger, 1e-7), ["ABC", "AC"])
PY

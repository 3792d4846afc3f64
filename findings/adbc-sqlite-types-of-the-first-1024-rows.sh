#!/usr/bin/env bash
# Question: A SQLite table has a column TEXT that is NULL in its first 1,024 rows. Which type does ADBC's driver give it?
# Guess: Text: the column was declared so.
# What happens: The declaration does not count. The driver looks at the values of the first 1,024 rows (its batch size): all
#   NULL is INT64, and the first text after them ends the query with a type mismatch. One text at row 1,024 and the
#   column is text. Numbers fail likewise if whole ones come first; if a fraction comes first, all become DOUBLE and
#   9007199254740993 is 9007199254740992. A result without rows has INT64 columns only.
# Versions: adbc-driver-sqlite 1.13.0, pyarrow 25.0.1, SQLite as the driver brings it.
# For a user: Sparse columns (a year of death, an original title) read well in a test and fail on the whole table. Polars'
#   read_database_uri(engine="adbc") reads so. Raise adbc.sqlite.query.batch_rows above the number of rows, or let the query
#   put a typed value first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile adbc-driver-sqlite==1.13.0 adbc-driver-manager==1.13.0 pyarrow==25.0.1

venv/bin/python - <<'PY'
import sqlite3
import sys

from adbc_driver_sqlite import dbapi

for name, first in (("late", 1025), ("early", 1024)):
    with sqlite3.connect("people.db") as made:
        made.execute(f"create table {name} (row integer, died text)")
        rows = [(row, "1999" if row >= first else None) for row in range(1, 2001)]
        made.executemany(f"insert into {name} values (?, ?)", rows)
    made.close()


def read(query, batch=None):
    with dbapi.connect("people.db") as there, there.cursor() as cursor:
        if batch:
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": batch})
        try:
            cursor.execute(query)
            found = cursor.fetch_arrow_table()
        except Exception as error:
            return str(error).partition(": ")[0].partition(" in ")[0]
        return str(found.schema.types[0]), found.num_rows, found.column(0)[-1].as_py() if found.num_rows else None


def expect(query, want, batch=None):
    got = read(query, batch)
    print(f"{query}\n    {got!r}")
    if got != want:
        sys.exit(f"CHANGED: it was {want!r}")


expect("select died from late", "[SQLite] Type mismatch")
expect("select died from early", ("string", 2000, "1999"))
expect("select died from late", ("string", 2000, "1999"), batch="4096")
expect("select died from late where row > 1024", ("string", 976, "1999"))
expect("select died from late where row < 0", ("int64", 0, None))
expect("select case when row < 1025 then row else row + 0.5 end from late", "[SQLite] Type mismatch")
expect("select case when row = 1 then 0.5 else 9007199254740993 end from late limit 2", ("double", 2, 9007199254740992.0))
PY

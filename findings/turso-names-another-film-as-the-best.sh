#!/usr/bin/env bash
# Question: "select genre, title, max(rating) from films group by genre" gives each genre's best film in SQLite, which
#   documents that title comes from the row with the maximum. Turso is SQLite rewritten, and reads and writes its files.
#   Does it give the same films?
# Guess: Yes, or an error, as PostgreSQL and DuckDB raise.
# What happens: The rating is that of the best film, the title that of the first film of the genre. So is a title
#   beside min, or without a group. "having rating = max(rating)", which gives SQLite the best films, finds no film
#   unless it is the first of its genre. Turso also goes on comparing without case after "genre || ''", which ends that
#   in SQLite, and accepts "pragma case_sensitive_like" but does not heed it.
# Versions: pyturso 0.8.3, SQLite 3.54.1 (apsw 3.54.1.0).
# For a user: Issues 3444 and 5545 of turso ask for what SQLite does; both were open when last seen. Rank the films by
#   row_number() and take the first, or join the maximum back, which both engines do alike.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile pyturso==0.8.3 apsw==3.54.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import apsw
import turso

print("pyturso", version("pyturso"), "| SQLite", apsw.sqlite_lib_version())
made = apsw.Connection("films.db")
made.execute("create table films (title text, genre text collate nocase, rating real, year int)")
made.executemany(
    "insert into films values (?, ?, ?, ?)",
    [("Fog", "Drama", 6.0, 2001), ("Gate", "Drama", 9.0, 1999), ("Hill", "War", 5.0, 2010), ("Isle", "War", 8.0, 2000)],
)
made.close()


def ask(query):
    sqlite = apsw.Connection("films.db")
    rows = list(sqlite.execute(query))
    sqlite.close()
    cursor = turso.connect("films.db").cursor()
    cursor.execute(query)
    return {"sqlite": rows, "turso": [tuple(row) for row in cursor.fetchall()]}


best = ask("select genre, title, max(rating) from films group by genre")
expect("best of each genre", best, {"sqlite": [("Drama", "Gate", 9.0), ("War", "Isle", 8.0)], "turso": [("Drama", "Fog", 9.0), ("War", "Hill", 8.0)]})
expect("best of all", ask("select title, max(rating) from films"), {"sqlite": [("Gate", 9.0)], "turso": [("Fog", 9.0)]})
expect("oldest", ask("select title, min(year) from films"), {"sqlite": [("Gate", 1999)], "turso": [("Fog", 1999)]})
expect("by having", ask("select title from films group by genre having rating = max(rating)"), {"sqlite": [("Gate",), ("Isle",)], "turso": []})
ranked = "select title from (select title, row_number() over (partition by genre order by rating desc) as place from films) where place = 1"
expect("by row_number", ask(ranked), {"sqlite": [("Gate",), ("Isle",)], "turso": [("Gate",), ("Isle",)]})
expect("with case", ask("select count(*) from films where genre || '' = 'DRAMA'"), {"sqlite": [(0,)], "turso": [(2,)]})
strict = []
for connection in (apsw.Connection("films.db"), turso.connect("films.db")):
    cursor = connection.cursor()
    cursor.execute("pragma case_sensitive_like = 1")
    cursor.execute("select count(*) from films where title like 'F%' union all select count(*) from films where title like 'f%'")
    strict.append([row[0] for row in cursor.fetchall()])
expect("like with case: sqlite, turso", strict, [[1, 0], [1, 1]])
PY

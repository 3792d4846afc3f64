#!/usr/bin/env bash
# Question: DuckDB's full-text index is asked for films with all words of "The Matrix" (conjunctive := 1). Does it
#   find "The Matrix"?
# Guess: Yes. "the" is a stop word, which index and query leave out.
# What happens: It finds nothing. The stop word is left out of the index only; as a word of the query it is required,
#   and no film has it. Neither "Beauty and the Beast" nor "Don't Look Now" is found by its own title. "1917" and the
#   2001 of "2001: A Space Odyssey" are no words at all: the latter is found by "Space Odyssey" only. "Liar Liar" is
#   found. SQLite's FTS5, which asks for all words by default, finds every title by itself.
# Versions: duckdb 1.5.5 with the wheel duckdb-extension-fts 1.5.5.
# For a user: Create the index with stopwords = 'none' and an ignore pattern that keeps digits, as shown here; then
#   each title is found.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-fts==1.5.5

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import sqlite3

import duckdb
from duckdb_extensions import import_extension

print("duckdb", duckdb.__version__, "| SQLite", sqlite3.sqlite_version)
import_extension("fts")
titles = ["The Matrix", "Beauty and the Beast", "Don't Look Now", "1917", "2001: A Space Odyssey", "Liar Liar", "Amélie", "It"]
con = duckdb.connect()
con.execute("load fts; create table films (title varchar)")
con.executemany("insert into films values (?)", [[title] for title in titles])
lite = sqlite3.connect(":memory:")
lite.execute("create virtual table films using fts5(title)")
lite.executemany("insert into films values (?)", [[title] for title in titles])


def found(words, conjunctive):
    """The films that DuckDB's index finds by the words."""
    score = f"fts_main_films.match_bm25(title, ?, conjunctive := {conjunctive})"
    return sorted(row[0] for row in con.execute(f"select title from films where {score} is not null", [words]).fetchall())


def by_themselves(conjunctive):
    return [title for title in titles if title in found(title, conjunctive)]


con.execute("pragma create_fts_index('films', 'title', 'title')")
expect("all words", by_themselves(1), ["Liar Liar", "Amélie"])
expect("any word", by_themselves(0), ["The Matrix", "Beauty and the Beast", "Don't Look Now", "2001: A Space Odyssey", "Liar Liar", "Amélie"])
expect("all words, Matrix", found("Matrix", 1), ["The Matrix"])
expect("all words, the matrix", found("the matrix", 1), [])
expect("all words, Space Odyssey", found("Space Odyssey", 1), ["2001: A Space Odyssey"])
quoted = [title for title in titles if lite.execute("select 1 from films where films match ?", [" ".join(f'"{word}"' for word in title.split())]).fetchall()]
expect("FTS5", quoted == titles, True)
con.execute(r"pragma create_fts_index('films', 'title', 'title', stopwords = 'none', ignore = '(\.|[^a-z0-9])+', overwrite = 1)")
expect("all words, no stop words, digits kept", by_themselves(1) == titles, True)
PY

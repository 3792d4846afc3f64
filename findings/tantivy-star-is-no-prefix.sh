#!/usr/bin/env bash
# Question: A search box passes god* to tantivy's query parser. Does it find "The Godfather", as SQLite's FTS5
#   does with the same text?
# Guess: Yes: a star after a word is the prefix in Lucene, FTS5 and most search boxes.
# What happens: The star is dropped without an error, and god* finds only titles with the word "god". The
#   grammar has prefixes of phrases only. A word of more than 40 letters is left out of the index by the
#   tokenizer, so that not even its exact text is found; FTS5 finds it.
# Versions: tantivy 0.27.0, and the SQLite of the interpreter.
# For a user: Search as you type finds too little, and nobody sees an error. Build the query with
#   Query.regex_query.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile tantivy==0.27.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")

import sqlite3

import tantivy

print("tantivy", tantivy.__version__, "SQLite", sqlite3.sqlite_version)
long = "donaudampfschifffahrtselektrizitaetenhauptbetriebswerk"
titles = ["The Godfather", "God of War", "Goddess", "Two gods", long]
builder = tantivy.SchemaBuilder()
builder.add_text_field("title", stored=True)
schema = builder.build()
index = tantivy.Index(schema)
writer = index.writer(15_000_000, 1)
database = sqlite3.connect(":memory:")
database.execute("create virtual table film using fts5(title)")
for title in titles:
    writer.add_document(tantivy.Document(title=title))
    database.execute("insert into film values (?)", (title,))
writer.commit()
index.reload()


def found(query):
    """The titles that tantivy and FTS5 find."""
    searcher = index.searcher()
    parsed = index.parse_query(query, ["title"]) if isinstance(query, str) else query
    ours = sorted(searcher.doc(address)["title"][0] for _, address in searcher.search(parsed, 10).hits)
    if not isinstance(query, str):
        return ours
    return ours, sorted(row[0] for row in database.execute("select title from film where film match ?", (query,)))


expect("god", found("god"), (["God of War"], ["God of War"]))
expect("god*", found("god*"), (["God of War"], ["God of War", "Goddess", "The Godfather", "Two gods"]))
expect("godf*", found("godf*"), ([], ["The Godfather"]))
expect("a word of 54 letters", found(long), ([], [long]))
expect("regex_query god.*", found(tantivy.Query.regex_query(schema, "title", "god.*")), ["God of War", "Goddess", "The Godfather", "Two gods"])
PY

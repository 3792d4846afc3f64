#!/usr/bin/env bash
# Question: Two tables are compared by count(*) and the sum of hash(all columns). Does that notice null lists that came
#   back empty, as from an engine without null lists?
# Guess: Yes: a null list is distinct from an empty one, and hash('') is not hash(NULL) either.
# What happens: No. hash(NULL::VARCHAR[]) = hash([]) = hash([NULL]), also within a row and within a list of lists, though
#   the values are distinct; 124,766 of 254,004 rows differed and the sums were equal. Maps behave as lists do.
# Versions: duckdb 1.5.5 and 2.0.0.
# For a user: Hash the length beside each list or map, which is null, 0 and 1 for the three: hash(genres, len(genres)).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > ask.py <<'PY'
import sys

import duckdb

expected = {
    "NULL::VARCHAR[] IS DISTINCT FROM []": True,
    "hash(NULL::VARCHAR[]) = hash([]::VARCHAR[])": True,
    "hash(1, NULL::VARCHAR[]) = hash(1, []::VARCHAR[])": True,
    "hash([NULL::VARCHAR[]]) = hash([[]::VARCHAR[]])": True,
    "hash(NULL::MAP(VARCHAR, INT)) = hash(MAP {}::MAP(VARCHAR, INT))": True,
    "hash([NULL::VARCHAR]) = hash([]::VARCHAR[])": True,
    "hash(NULL::VARCHAR) = hash('')": False,
    **{
        f"hash({one}, len({one})) = hash({other}, len({other}))": False
        for one, other in (
            ("NULL::VARCHAR[]", "[]::VARCHAR[]"),
            ("[NULL::VARCHAR]", "[]::VARCHAR[]"),
            ("NULL::VARCHAR[]", "[NULL::VARCHAR]"),
        )
    },
}
for text, want in expected.items():
    ((found,),) = duckdb.sql(f"select {text}").fetchall()
    print(f"{duckdb.__version__}: {text}: {found}")
    if found != want:
        sys.exit(f"CHANGED: it was {want}")
PY

for version in 1.5.5 2.0.0; do
  python3 -m venv "$version"
  "$version"/bin/pip install --quiet --disable-pip-version-check --no-compile "duckdb==$version"
  "$version"/bin/python ask.py
done

#!/usr/bin/env bash
# Question: A filtered scan is used twice in one query: once for its keys, which are counted, and once for its rows. How
#   often does Polars read the file?
# Guess: Once. Polars finds common parts of a query (comm_subplan_elim), and the filtered scan is one.
# What happens: Twice, filter included, because the two uses need different columns: columns are chosen before common
#   parts are compared. If both uses need the same columns, the file is read once. LazyFrame.cache() makes it one read,
#   with the columns of both uses; the rows are then held in memory. The result is the same each time.
# Versions: polars 2.1.0, in memory and streaming.
# For a user: Look for the scans in explain(); call cache() on a small frame that a query uses for several purposes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import polars as pl

print("polars", pl.__version__)
rows = pl.DataFrame({"id": [1, 2, 2, 3, 4], "kind": ["film", "film", "film", "film", "show"], "title": list("abcde")})
rows.write_parquet("titles.parquet")
films = pl.scan_parquet("titles.parquet").filter(pl.col("kind") == "film")


def once(films):
    counts = films.group_by("id").agg(n=pl.len()).filter(pl.col("n") == 1)
    return films.join(counts, on="id", how="semi")


def scans(query, engine):
    return query.explain(engine=engine).count("Parquet SCAN")


def result(query, engine):
    return query.select("id", "title").sort("id").collect(engine=engine).rows()


for engine in ("in-memory", "streaming"):
    expect(f"{engine}: scans", scans(once(films).select("id", "title"), engine), 2)
    expect(f"{engine}: scans if only ids are needed", scans(once(films).select("id"), engine), 1)
    expect(f"{engine}: scans with cache()", scans(once(films.cache()).select("id", "title"), engine), 1)
    expect(f"{engine}: rows", result(once(films), engine), [(1, "a"), (3, "d")])
    expect(f"{engine}: rows with cache()", result(once(films.cache()), engine), [(1, "a"), (3, "d")])
PY

#!/usr/bin/env bash
# Question: A query keeps one row per id: it finds the ids that occur twice in a filtered scan, takes the rows without
#   them (anti join), and one row for each of them (semi join). How often does Polars read the file?
# Guess: Once. Polars finds common parts of a query (comm_subplan_elim), and the filtered scan is one.
# What happens: Twice, filter included. The ids that occur twice are a common part as well, since both joins need them,
#   and Polars does not look for the scan within that part. If only one of the joins is there, the file is read once.
#   LazyFrame.cache() on the scan makes it one read for both; the rows are then held in memory. The result is the same.
# Versions: polars 2.1.0, in memory and streaming.
# For a user: Count the scans in explain(); call cache() on a small frame that a query uses for several purposes.
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
rows = pl.DataFrame({"id": [1, 2, 2, 3, 4], "kind": ["film", "film", "film", "film", "show"], "title": list("abbde")})
rows.write_parquet("titles.parquet")
films = pl.scan_parquet("titles.parquet").filter(pl.col("kind") == "film")


def alone(films, twice):
    return films.join(twice, on="id", how="anti")


def once(films):
    twice = films.group_by("id").agg(n=pl.len()).filter(pl.col("n") > 1).select("id")
    return pl.concat([alone(films, twice), films.join(twice, on="id", how="semi").unique()])


def one_join(films):
    return alone(films, films.group_by("id").agg(n=pl.len()).filter(pl.col("n") > 1).select("id"))


for engine in ("in-memory", "streaming"):
    for name, query in {
        "both joins": once(films),
        "one join": one_join(films),
        "both joins, cache()": once(films.cache()),
    }.items():
        scans = query.explain(engine=engine).count("Parquet SCAN")
        expect(f"{engine}, {name}: scans", scans, 2 if name == "both joins" else 1)
        ids = query.collect(engine=engine)["id"].sort().to_list()
        expect(f"{engine}, {name}: ids", ids, [1, 3] if name == "one join" else [1, 2, 3])
PY

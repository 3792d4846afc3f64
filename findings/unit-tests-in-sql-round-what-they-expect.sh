#!/usr/bin/env bash
# Question: A unit test in dbt gives ratings and expects their mean, 6.6. The model has a mistake: it makes the mean a
#   whole number, 7. Does the test find it? Does SQLMesh's?
# Guess: Yes: 7 is not 6.6.
# What happens: dbt's test passes. What it expects is first cast to the types of the model's own output, and 6.6 becomes
#   7; an instant becomes the date that the model returns, and "None" equals NULL. Rows that are given are cast to the
#   types of the table that exists: an id of 1.6 is 2. SQLMesh cuts off: it expects 6, and passes if 7.9 is expected.
# Versions: dbt-core 1.11.16 (1.12 needs a download), dbt-duckdb 1.11.1, sqlmesh 0.236.4, duckdb 1.5.6.
# For a user: A unit test cannot see a wrong type. Add a contract to the model, or expect typeof(mean) in a column.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile dbt-core==1.11.16 dbt-duckdb==1.11.1 sqlmesh==0.236.4 duckdb==1.5.6
export DO_NOT_TRACK=1 SQLMESH__DISABLE_ANONYMIZED_ANALYTICS=1

mkdir -p dbt/models mesh/models mesh/tests
echo '{name: p, version: "1.0.0", profile: p, flags: {send_anonymous_usage_stats: false}}' > dbt/dbt_project.yml
echo 'p: {target: d, outputs: {d: {type: duckdb, path: films.db}}}' > dbt/profiles.yml
echo "select 1 as film, 5.0::double as rating, timestamp '2024-01-01 23:30:00' as seen" > dbt/models/ratings.sql
mean="film, avg(rating)::integer as mean, max(seen)::date as seen, nullif(max(rating), max(rating))::text as note"
echo "select $mean from {{ ref('ratings') }} group by film" > dbt/models/means.sql
cat > dbt/models/tests.yml <<'YML'
unit_tests:
  - {name: wrong_number, model: means, given: [{input: ref('ratings'), rows: [{film: 1, rating: 6.2}, {film: 1, rating: 7}]}], expect: {rows: [{film: 1, mean: 8.2}]}}
  - {name: mean_with_fraction, model: means, given: [{input: ref('ratings'), rows: [{film: 1, rating: 6.2}, {film: 1, rating: 7}]}], expect: {rows: [{film: 1, mean: 6.6}]}}
  - {name: instant_of_a_date, model: means, given: [{input: ref('ratings'), rows: [{film: 1, seen: "2024-01-01 23:30:00"}]}], expect: {rows: [{film: 1, seen: "2024-01-01 23:30:00"}]}}
  - {name: none_of_null, model: means, given: [{input: ref('ratings'), rows: [{film: 1, rating: 7}]}], expect: {rows: [{film: 1, note: "None"}]}}
  - {name: film_with_fraction, model: means, given: [{input: ref('ratings'), rows: [{film: 1.6, rating: 7}]}], expect: {rows: [{film: 2}]}}
YML
cat > mesh/config.yaml <<'YML'
gateways: {local: {connection: {type: duckdb}}}
default_gateway: local
model_defaults: {dialect: duckdb}
YML
echo "MODEL (name main.means, kind FULL); select film, avg(rating)::integer as mean from main.ratings group by film" > mesh/models/means.sql
cat > mesh/tests/test_means.yaml <<'YML'
test_whole: {model: main.means, inputs: {main.ratings: {rows: [{film: 1, rating: 6.2}, {film: 1, rating: 7.0}]}}, outputs: {query: {rows: [{film: 1, mean: 7}]}}}
test_cut: {model: main.means, inputs: {main.ratings: {rows: [{film: 1, rating: 6.2}, {film: 1, rating: 7.0}]}}, outputs: {query: {rows: [{film: 1, mean: 7.9}]}}}
test_fraction: {model: main.means, inputs: {main.ratings: {rows: [{film: 1, rating: 6.2}, {film: 1, rating: 7.0}]}}, outputs: {query: {rows: [{film: 1, mean: 6.6}]}}}
YML
(cd dbt && ../venv/bin/dbt --quiet run --profiles-dir . > ../run.log 2>&1) || { cat run.log; exit 1; }
(cd dbt && ../venv/bin/dbt test --profiles-dir . > ../dbt.log 2>&1) || true
(cd mesh && ../venv/bin/sqlmesh test > ../mesh.log 2>&1) || true

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json
import re
from importlib.metadata import version
from pathlib import Path

print("dbt-core", version("dbt-core"), "| sqlmesh", version("sqlmesh"), "| duckdb", version("duckdb"))
results = json.loads(Path("dbt/target/run_results.json").read_text())["results"]
found = {result["unique_id"].split(".")[-1]: result["status"] for result in results}
passed = dict.fromkeys(["film_with_fraction", "instant_of_a_date", "mean_with_fraction", "none_of_null"], "pass")
expect("dbt", dict(sorted(found.items())), {**passed, "wrong_number": "fail"})
failed = {line.split("::`")[1].rstrip("`") for line in Path("mesh.log").read_text().splitlines() if "::`" in line}
ran = re.search(r"Ran `(\d)`", Path("mesh.log").read_text())[1]
expect("SQLMesh: tests, failed", (ran, failed), ("3", {"test_fraction"}))
PY

#!/usr/bin/env bash
# Question: A CSV file of regions and codes is a seed in SQLMesh and in dbt, with the types of its columns declared. Do
#   both load what the file says?
# Guess: Yes: a column declared TEXT has the file's characters, and a BIGINT its digits.
# What happens: dbt does. SQLMesh has pandas guess the types first, and casts afterwards: the code 007 in a TEXT column
#   becomes '7', or '7.0' if a value like 1e5 stands below it; the id 9007199254740993 in a BIGINT column becomes …992 if
#   a row has no id; the region NA, Namibia's code, becomes NULL, as do null, None and n/a. "keep_default_na = false" in
#   csv_settings keeps NA, but not the codes.
# Versions: sqlmesh 0.236.4, dbt-core 1.10.23 with dbt-duckdb 1.11.1, duckdb 1.5.6, pandas 2.3.3.
# For a user: Read such files by a SQL model with DuckDB's read_csv and its types, or test the loaded codes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile sqlmesh==0.236.4 dbt-core==1.10.23 dbt-duckdb==1.11.1 duckdb==1.5.6 pandas==2.3.3
export DO_NOT_TRACK=1 SQLMESH__DISABLE_ANONYMIZED_ANALYTICS=1

mkdir -p dbt/seeds mesh/seeds mesh/models
cat > dbt/seeds/regions.csv <<'CSV'
region,code,id
NA,007,9007199254740993
null,010,
DE,12,1
CSV
sed 's/12/1e5/' dbt/seeds/regions.csv > dbt/seeds/mixed.csv
cp dbt/seeds/*.csv mesh/seeds/
echo '{name: p, version: "1.0.0", profile: p, seeds: {+column_types: {region: text, code: text, id: bigint}}}' > dbt/dbt_project.yml
echo 'p: {target: d, outputs: {d: {type: duckdb, path: ../dbt.db}}}' > dbt/profiles.yml
echo 'gateways: {local: {connection: {type: duckdb, database: ../mesh.db}}}
default_gateway: local
model_defaults: {dialect: duckdb}' > mesh/config.yaml
for seed in regions mixed; do
    echo "MODEL (name main.$seed, kind SEED (path '../seeds/$seed.csv'), columns (region TEXT, code TEXT, id BIGINT));" > mesh/models/$seed.sql
done
echo "MODEL (name main.kept, kind SEED (path '../seeds/mixed.csv', csv_settings (keep_default_na = false)), columns (region TEXT, code TEXT, id TEXT));" > mesh/models/kept.sql
echo "MODEL (name main.direct, kind FULL); select * from read_csv('seeds/mixed.csv', types = {'region': 'TEXT', 'code': 'TEXT', 'id': 'BIGINT'})" > mesh/models/direct.sql
(cd dbt && ../venv/bin/dbt --quiet seed --profiles-dir .)
(cd mesh && ../venv/bin/sqlmesh plan --auto-apply --no-prompts > ../plan.log 2>&1) || { cat plan.log; exit 1; }

venv/bin/python - <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


from importlib.metadata import version

import duckdb

print("sqlmesh", version("sqlmesh"), "| dbt-core", version("dbt-core"), "| duckdb", duckdb.__version__)


def rows(tool, seed):
    return duckdb.connect(f"{tool}.db").execute(f"select * from {seed}").fetchall()


big = 9007199254740993
expect("regions: dbt", rows("dbt", "regions"), [("NA", "007", big), ("null", "010", None), ("DE", "12", 1)])
expect("regions: SQLMesh", rows("mesh", "regions"), [(None, "7", big - 1), (None, "10", None), ("DE", "12", 1)])
expect("with 1e5: dbt", rows("dbt", "mixed"), [("NA", "007", big), ("null", "010", None), ("DE", "1e5", 1)])
expect("with 1e5: SQLMesh", rows("mesh", "mixed"), [(None, "7.0", big - 1), (None, "10.0", None), ("DE", "100000.0", 1)])
expect("with 1e5, keep_default_na = false: SQLMesh", rows("mesh", "kept"), [("NA", "7.0", str(big)), ("null", "10.0", ""), ("DE", "100000.0", "1")])
expect("with 1e5, by read_csv: SQLMesh", rows("mesh", "direct"), [("NA", "007", big), ("null", "010", None), ("DE", "1e5", 1)])
PY

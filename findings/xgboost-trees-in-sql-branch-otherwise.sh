#!/usr/bin/env bash
# Question: an XGBoost model is written out as SQL CASE expressions, from its JSON dump, to score rows in a warehouse.
#   Ratings have one decimal. Does DuckDB branch as XGBoost does?
# Guess: yes, but for the last digits of a sum. The dump prints every threshold in full.
# What happens: XGBoost holds thresholds and values as 32-bit floats and splits at values that occur in the data.
#   The dump prints 6.3 as 6.30000019. A DOUBLE column holds 6.3, which is below that, so the row takes the other branch.
#   A REAL column does not help: DuckDB compares it with the literal as DOUBLE, and for other values that is wrong instead.
#   Only with both sides cast to REAL is every branch the same.
# Versions: xgboost-cpu 3.2.0, duckdb 2.0.0, numpy 2.4.6.
# What follows: cast value and threshold to REAL in generated SQL (or any port of trees), and test on the training rows.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-compile --disable-pip-version-check xgboost-cpu==3.2.0 duckdb==2.0.0 pyarrow==25.0.0 numpy==2.4.6
"$work/venv/bin/python" - <<'PY'
import json

import duckdb
import numpy as np
import pyarrow as pa
import xgboost as xgb

print("xgboost", xgb.__version__, "| duckdb", duckdb.__version__)
rng = np.random.default_rng(0)
rating = np.round(rng.uniform(1, 10, 3000), 1)
votes = np.round(rng.uniform(0, 14, 3000), 2)
target = np.sin(rating * 3) * 2 + votes * 0.1
rows = np.column_stack([rating, votes])
model = xgb.train({"max_depth": 5, "eta": 0.3, "nthread": 1}, xgb.DMatrix(rows, target), 40)
predicted = model.predict(xgb.DMatrix(rows)).astype(np.float64)
base = json.loads(json.loads(model.save_config())["learner"]["learner_model_param"]["base_score"].replace("E", "e"))[0]


def case(node, compare):
    if "leaf" in node:
        return repr(node["leaf"])
    children = {child["nodeid"]: child for child in node["children"]}
    yes, no = (case(children[node[way]], compare) for way in ("yes", "no"))
    return f"case when {compare(node['split'], node['split_condition'])} then {yes} else {no} end"


def score(compare):
    trees = [case(json.loads(tree), compare) for tree in model.get_dump(dump_format="json")]
    query = f"select {base!r}::double + " + " + ".join(f"({tree})::double" for tree in trees) + " as score from films"
    films = pa.table({"f0": rating, "f1": votes})
    connection = duckdb.connect()
    connection.register("films", films)
    return connection.execute(query).to_arrow_table()["score"].to_numpy()


ways = {
    "DOUBLE column": lambda column, at: f"{column} < {at!r}::double",
    "REAL column": lambda column, at: f"{column}::real < {at!r}::double",
    "both REAL": lambda column, at: f"{column}::real < {at!r}::real",
}
off = {}
for name, compare in ways.items():
    distance = abs(score(compare) - predicted)
    off[name] = ((distance > 1e-3).sum(), distance.max())
    print(f"{name}: {off[name][0]} of {len(rows)} rows off, by {off[name][1]:.6f} at most")
assert off["DOUBLE column"][0] > 100 and off["DOUBLE column"][1] > 0.05
assert off["REAL column"][0] > 0
assert off["both REAL"][0] == 0
PY

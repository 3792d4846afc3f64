#!/usr/bin/env bash
# Question: Altair's data transformer "vegafusion" runs the transforms of a chart in Python. Does a chart of films,
#   some of which have no genre, show the same as in the browser?
# Guess: Yes: VegaFusion runs the transforms of Vega, and leaves to the browser those that it does not support.
# What happens: Films without a genre vanish from stacks that are normalized, as if they had been joined to their sums
#   by an equality, which null does not meet. When gaps are imputed, their votes are replaced by 0, and joinaggregate
#   gives them null. A filter "datum.title < 'M'" finds no film at all, as texts are compared as numbers; "datum.genre
#   != 'War'" drops those without a genre, and "datum.votes < 5" those without votes, which JavaScript counts as 0. No
#   warning comes.
# Versions: vegafusion 2.0.3, vega 6.4.0.
# For a user: Fill missing groups and numbers first, and filter texts in the frame. Compare the number of rows in
#   chart.transformed_data(), which uses VegaFusion as well.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile vegafusion==2.0.3 polars==2.1.0 pyarrow==25.0.1
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock vega@6.4.0

cat >vega.mjs <<'JS'
import { readFileSync } from 'fs'
import * as vega from 'vega'

const answers = []
for (const spec of JSON.parse(readFileSync('specs.json'))) {
  const view = await new vega.View(vega.parse(spec)).runAsync()
  answers.push(view.data('out').map(row => Object.values(row)))
}
console.log(JSON.stringify(answers))
JS

cat >both.py <<'PY'
import sys


def expect(what, got, want):
    print(f"{what}: {got!r}")
    if repr(got) != repr(want):
        sys.exit(f"CHANGED: {what} was {want!r}")


import json
import subprocess

import vegafusion

print("vegafusion", vegafusion.__version__)
films = [
    {"id": 1, "title": "Fog", "genre": "Drama", "year": 2000, "votes": 1},
    {"id": 2, "title": "Gate", "genre": "War", "year": 2000, "votes": 4},
    {"id": 3, "title": "Hill", "genre": None, "year": 2000, "votes": 2},
    {"id": 4, "title": "Oak", "genre": "Drama", "year": 2001, "votes": 7},
    {"id": 5, "title": "Pier", "genre": "War", "year": 2001, "votes": None},
]
questions = {
    "stack": ([{"type": "stack", "field": "votes", "groupby": ["genre"], "offset": "normalize", "sort": {"field": "id"}}], ["id", "y0", "y1"]),
    "impute": ([{"type": "impute", "field": "votes", "key": "year", "groupby": ["genre"], "value": 0}], ["genre", "year", "votes"]),
    "join": ([{"type": "joinaggregate", "groupby": ["genre"], "ops": ["sum"], "fields": ["votes"], "as": ["sum"]}], ["id", "sum"]),
    "title < 'M'": ([{"type": "filter", "expr": "datum.title < 'M'"}], ["id"]),
    "genre != 'War'": ([{"type": "filter", "expr": "datum.genre != 'War'"}], ["id"]),
    "votes < 5": ([{"type": "filter", "expr": "datum.votes < 5"}], ["id"]),
}
specs = []
for transforms, fields in questions.values():
    steps = [*transforms, {"type": "project", "fields": fields}]
    specs.append({"$schema": "https://vega.github.io/schema/vega/v6.json", "data": [{"name": "films", "values": films}, {"name": "out", "source": "films", "transform": steps}]})
with open("specs.json", "w") as file:
    json.dump(specs, file)
by_vega = json.loads(subprocess.run(["node", "vega.mjs"], check=True, capture_output=True, text=True).stdout)
wants = {
    "stack": ([[1, 0, 0.125], [2, 0, 1], [3, 0, 1], [4, 0.125, 1], [5, 1, 1]], [[1, 0, 0.125], [2, 0, 1], [4, 0.125, 1], [5, 1, 1]]),
    "impute": (
        [["Drama", 2000, 1], ["War", 2000, 4], [None, 2000, 2], ["Drama", 2001, 7], ["War", 2001, None], [None, 2001, 0]],
        [["Drama", 2000, 1], ["War", 2000, 4], ["Drama", 2001, 7], ["War", 2001, 0], [None, 2000, 0], [None, 2001, 0]],
    ),
    "join": ([[1, 8], [2, 4], [3, 2], [4, 8], [5, 4]], [[1, 8], [2, 4], [3, None], [4, 8], [5, 4]]),
    "title < 'M'": ([[1], [2], [3]], []),
    "genre != 'War'": ([[1], [3], [4]], [[1], [4]]),
    "votes < 5": ([[1], [2], [3], [5]], [[1], [2], [3]]),
}
for (question, (_, fields)), spec, rows in zip(questions.items(), specs, by_vega):
    (out,), warnings = vegafusion.runtime.pre_transform_datasets(spec, ["out"], local_tz="UTC", dataset_format="polars")
    expect(f"{question}: vegafusion's warnings", warnings, [])
    fused = [[int(value) if value == 0 or value == 1 else value for value in row] for row in out.select(fields).rows()]
    for tool, found, want in zip(("vega", "vegafusion"), (rows, fused), wants[question]):
        expect(f"{question}: {tool}", found, want)
PY
venv/bin/python both.py

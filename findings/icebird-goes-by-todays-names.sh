#!/usr/bin/env bash
# Question: Columns of an Iceberg table were renamed: title to name; title and original title were swapped; a column was
#   dropped and added anew. What does icebird, the reader of Iceberg in JavaScript, read?
# Guess: What pyiceberg reads, as Iceberg goes by the ids of fields, and icebird's README lists "Rename Columns" among
#   the supported features.
# What happens: icebird looks for today's names in older files. Swapped columns show each other's values, a dropped
#   column's values come back under the new one, and a renamed column is missing from all rows, so row.name is
#   undefined. There is no error. It knows the old names only from a JSON text in the file, which Spark writes and
#   pyiceberg does not; of structs it takes the file's names in any case.
# Versions: icebird 0.3.1 with hyparquet 1.19.0, table of pyiceberg 0.12.0.
# For a user: Let a name be, or rewrite the table after a change of names before the browser reads it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile 'pyiceberg[sql-sqlite,pyarrow]==0.12.0'
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock icebird@0.3.1 hyparquet@1.19.0

venv/bin/python - <<'PY'
import json
import os
import warnings

import pyarrow as pa
import pyiceberg
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.types import StringType

warnings.filterwarnings("ignore")
catalog = SqlCatalog("lake", uri=f"sqlite:///{os.getcwd()}/catalog.db", warehouse=f"file://{os.getcwd()}/lake")
catalog.create_namespace("n")
rows = pa.table({"id": pa.array([1, 2], pa.int32()), "title": ["Rome", "Paris"], "original": ["Roma", None], "crew": [{"by": "A", "with": "B"}] * 2})
changes = {
    "renamed": [("title", "name")],
    "swapped": [("title", "other"), ("original", "title"), ("other", "original")],
    "nested": [("crew.by", "director")],
    "again": [],
}
print("pyiceberg", pyiceberg.__version__)
for name, renames in changes.items():
    table = catalog.create_table(f"n.{name}", schema=rows.schema)
    table.append(rows)
    for old, new in renames:
        with table.update_schema() as change:
            change.rename_column(old, new)
    if name == "again":
        with table.update_schema() as change:
            change.delete_column("title")
        with table.update_schema() as change:
            change.add_column("title", StringType())
    print(name, "by pyiceberg:", json.dumps(table.scan().to_arrow().to_pylist()[0]))
    with open(f"{name}.path", "w") as file:
        file.write(table.metadata_location)
PY

cat >read.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { icebergRead } from 'icebird'

function expect(what, got, want) {
  console.log(`${what}: ${JSON.stringify(got)}`)
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    console.log(`CHANGED: ${what} was ${JSON.stringify(want)}`)
    process.exit(1)
  }
}

// icebird reads by fetch, which knows no files.
globalThis.fetch = async (url, options = {}) => {
  const bytes = readFileSync(new URL(url))
  const [, from, to] = /bytes=(\d*)-(\d*)/.exec(new Headers(options.headers).get('range') ?? '') ?? []
  if (to === undefined) return new Response(bytes)
  return new Response(from ? bytes.subarray(+from, to ? +to + 1 : undefined) : bytes.subarray(-to), { status: 206 })
}

/** The two rows of a table, without the ids. */
async function rows(name) {
  const [tableUrl, metadataFileName] = readFileSync(`${name}.path`, 'utf8').split('/metadata/')
  const found = await icebergRead({ tableUrl, metadataFileName })
  return found.map(({ id, ...rest }) => rest)
}

console.log('icebird', JSON.parse(readFileSync('node_modules/icebird/package.json')).version)
const crew = { by: 'A', with: 'B' }
expect('renamed', await rows('renamed'), [{ original: 'Roma', crew }, { original: null, crew }])
expect('swapped', (await rows('swapped')).map(({ title, original }) => [title, original]), [['Rome', 'Roma'], ['Paris', null]])
expect('dropped and added', (await rows('again')).map(row => row.title), ['Rome', 'Paris'])
expect('renamed in a struct', (await rows('nested')).map(row => row.crew), [crew, crew])
JS
node read.mjs

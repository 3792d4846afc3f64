#!/usr/bin/env bash
# Question: A Parquet file of DuckDB has all amounts from 0.01 to 99.99 as DECIMAL(9, 2). Which of them does hyparquet,
#   the reader of Parquet in JavaScript, find by "price = 0.35"?
# Guess: All: hyparquet gives decimals as numbers, and 0.35 is a number.
# What happens: It misses 1327 of 9999. A decimal becomes its digits times 0.01, and 35 * 0.01 is 0.35000000000000003,
#   where the number nearest to 0.35 is 35 / 100. So = and in lose rows, and <= and > put the row on the wrong side; !=
#   returns it. There is no error, and the amounts that are lost look random: 0.29 and 0.36 are found. Sums and keys of
#   a Map get the wrong digits, too. DuckDB finds all amounts.
# Versions: hyparquet 1.31.5, file of duckdb 2.0.1.
# For a user: Round what hyparquet returns, and filter by a range half a cent wide, or store whole cents.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile duckdb==2.0.1
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock hyparquet@1.31.5

venv/bin/python - <<'PY'
import duckdb

duckdb.sql("copy (select cents::integer as cents, (cents / 100)::decimal(9, 2) as price from range(1, 10000) t (cents)) to 'prices.parquet'")
for condition in ("= 0.35", "in (0.29, 0.35)", "<= 0.35", "!= 0.35"):
    print("duckdb, price", condition, duckdb.sql(f"select count(*) from 'prices.parquet' where price {condition}").fetchall()[0][0])
PY

cat >find.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { asyncBufferFromFile, parquetQuery, parquetReadObjects } from 'hyparquet'

function expect(what, got, want) {
  console.log(`${what}: ${JSON.stringify(got)}`)
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    console.log(`CHANGED: ${what} was ${JSON.stringify(want)}`)
    process.exit(1)
  }
}

console.log('hyparquet', JSON.parse(readFileSync('node_modules/hyparquet/package.json')).version)
const file = await asyncBufferFromFile('prices.parquet')
const rows = await parquetReadObjects({ file })
const count = async price => (await parquetQuery({ file, filter: { price } })).length
expect('rows', rows.length, 9999)
expect('the row of 35 cents', rows[34], { cents: 35, price: 0.35000000000000003 })
expect('price = 0.35', await count({ $eq: 0.35 }), 0)
expect('price in (0.29, 0.35)', await count({ $in: [0.29, 0.35] }), 1)
expect('price <= 0.35', await count({ $lte: 0.35 }), 34)
expect('price > 0.35', await count({ $gt: 0.35 }), 9965)
expect('price != 0.35', await count({ $ne: 0.35 }), 9999)
expect('amounts that are not found', rows.filter(row => row.price !== row.cents / 100).length, 1327)
JS
node find.mjs

#!/usr/bin/env bash
# Question: JavaScript has a year "1994 (?)" among numbers, and votes above 2^31. What does nodejs-polars make of them?
# Guess: What Polars makes of them in Python: an error, unless strict=False is passed.
# What happens: pl.DataFrame({ year: [...] }) takes the type of the first value, and makes null what differs: texts
#   among numbers, numbers among texts or booleans, and each BigInt among numbers. The same rows as objects become
#   texts, all kept. With a declared Int32, 3000000000 is -1294967296 and NaN is 0; in UInt32, -1 is 4294967295; in
#   Int8, 128 is null, and in UInt64 every number is null. cast() gives null, or an error if strict.
# Versions: nodejs-polars 0.25.2 on Linux for x64; for comparison polars 2.1.0 in Python.
# For a user: Give rows, not columns, or declare Float64 and cast strictly, and compare nullCount with what was given.
#   The documentation of DataFrame shows columns, and says nothing of values that differ.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check --no-compile polars==2.1.0
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock nodejs-polars@0.25.2 nodejs-polars-linux-x64-gnu@0.25.2

cat >columns.cjs <<'JS'
const pl = require('nodejs-polars')

const text = value => JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}n` : typeof v === 'number' && isNaN(v) ? 'NaN' : v))
function expect(what, got, want) {
  console.log(`${what}: ${text(got)}`)
  if (text(got) !== text(want)) {
    console.log(`CHANGED: ${what} was ${text(want)}`)
    process.exit(1)
  }
}

console.log('nodejs-polars', require('nodejs-polars/package.json').version)
const values = frame => frame.toRecords().map(row => row.v)
const column = v => values(pl.DataFrame({ v }))
const rows = v => values(pl.DataFrame(v.map(one => ({ v: one }))))
expect('years, by column', column([1990, '1994 (?)', 1995]), [1990, null, 1995])
expect('years, by row', rows([1990, '1994 (?)', 1995]), ['1990', '1994 (?)', '1995'])
expect('codes, by column', column(['150-B', 151]), ['150-B', null])
expect('codes, by row', rows(['150-B', 151]), ['150-B', '151'])
expect('booleans, by column', column([true, 1, 0]), [true, null, null])
expect('votes, one as BigInt, by column', column([5, 3000000000n]), [5, null])
const declared = (v, type) => values(pl.DataFrame({ v }, { schema: { v: type } }))
expect('Int32', declared([3000000000, 1.9, NaN], pl.Int32), [-1294967296, 1, 0])
expect('UInt32', declared([-1, 4294967296], pl.UInt32), [4294967295, 0])
expect('Int8', declared([128, 127], pl.Int8), [null, 127])
expect('UInt64', declared([1, 2], pl.UInt64), [null, null])
expect('cast', values(pl.DataFrame({ v: [3000000000, 1] }).select(pl.col('v').cast(pl.Int32))), [null, 1])
JS
node columns.cjs
venv/bin/python - <<'PY'
import sys

import polars as pl

for values, kind in (([1990, "1994 (?)"], None), ([3000000000], pl.Int32), ([-1], pl.UInt32)):
    try:
        frame = pl.DataFrame({"v": values}, schema={"v": kind})
        sys.exit(f"CHANGED: Polars in Python took {values!r}: {frame['v'].to_list()!r}")
    except (TypeError, OverflowError, pl.exceptions.PolarsError) as error:
        print("Python", values, kind, type(error).__name__)
PY
